//! A small process in memory: workers that share a map, requests that wait, callouts under way. Nothing moves by itself.

use crate::jwks::url::Url;
use crate::jwks::*;
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const START: u64 = 1_800_000_000_000;

/// A set in a spelling of its own: `keys kid=material kid=material !skipped`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Toy {
    pub(super) keys: Vec<(String, u32)>,
    skipped: u32,
}

impl Keys for Toy {
    type Admission = ();

    fn admit(body: &[u8], (): &()) -> Result<Self, FetchOutcome> {
        let text = std::str::from_utf8(body).ok().and_then(|text| text.strip_prefix("keys"));
        let mut toy = Self { keys: Vec::new(), skipped: 0 };
        for word in text.ok_or(FetchOutcome::NotAKeySet)?.split_whitespace() {
            match word.split_once('=') {
                Some((kid, material)) => toy.keys.push((kid.to_owned(), material.parse().unwrap())),
                None => toy.skipped += 1,
            }
        }
        if toy.keys.is_empty() { Err(FetchOutcome::NoUsableKey) } else { Ok(toy) }
    }

    fn count(&self) -> usize {
        self.keys.len()
    }

    fn skipped(&self) -> Vec<(&'static str, u32)> {
        if self.skipped > 0 { vec![("odd", self.skipped)] } else { Vec::new() }
    }
}

/// Whose habits the shared map has.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Host {
    Envoy,
    Nginx,
    /// No shared data at all.
    Alone,
}

/// Shared data. Envoy: 0 overwrites, any number creates, numbers are global. Nginx: the number must be the present one.
pub(super) struct Map {
    pub(super) host: Host,
    pub(super) broken: bool,
    pub(super) entries: BTreeMap<String, (Vec<u8>, u32)>,
    pub(super) writes: Vec<(String, usize)>,
    cas: u32,
}

impl Map {
    pub(super) fn new(host: Host) -> Self {
        Self { host, broken: false, entries: BTreeMap::new(), writes: Vec::new(), cas: 0 }
    }

    pub(super) fn entry(&mut self, end: &str) -> Option<&mut Vec<u8>> {
        self.entries.iter_mut().find(|(name, _)| name.ends_with(end)).map(|(_, (value, _))| value)
    }

    /// What another module with the same `vm_id` might do.
    pub(super) fn scribble(&mut self, end: &str, value: &[u8]) {
        self.cas += 1;
        let cas = self.cas;
        if let Some(entry) = self.entries.iter_mut().find(|(name, _)| name.ends_with(end)) {
            *entry.1 = (value.to_vec(), cas);
        }
    }
}

impl Shared for Map {
    fn read(&mut self, name: &str) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        if self.broken || self.host == Host::Alone { Err(Unshared) } else { Ok(self.entries.get(name).cloned()) }
    }

    fn write(&mut self, name: &str, value: &[u8], cas: u32) -> Result<Swap, Unshared> {
        if self.broken || self.host == Host::Alone {
            return Err(Unshared);
        }
        let present = self.entries.get(name).map(|(_, cas)| *cas);
        let fits = match self.host {
            Host::Nginx => cas == present.unwrap_or(0),
            _ => cas == 0 || present.is_none_or(|present| present == cas),
        };
        if !fits {
            return Ok(Swap::Mismatch);
        }
        self.cas += 1;
        self.writes.push((name.to_owned(), value.len()));
        self.entries.insert(name.to_owned(), (value.to_vec(), self.cas));
        Ok(Swap::Done)
    }
}

/// What became of a request.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Admitted,
    /// 401: the provider has no such key.
    Absent,
    /// 401: it has one of that kid, but the token was not signed with it.
    Forged,
    /// 503.
    Unavailable,
    /// Not yet known.
    Waits,
}

/// A token: the kid it names and the material it was signed with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token(pub(super) String, pub(super) u32);

pub(super) fn token(kid: &str) -> Token {
    Token(kid.to_owned(), 1)
}

pub(super) struct Waiter {
    pub(super) id: u64,
    pub(super) token: Token,
    pub(super) until: u64,
}

pub(super) struct Worker {
    pub(super) jwks: Jwks<Toy>,
    pub(super) waiting: Vec<Waiter>,
    /// Counts the virtual machines: a late answer to a dead one reaches nobody.
    pub(super) life: u64,
    /// When it last looked at shared data, in steps of the world.
    pub(super) synced: u64,
    pub(super) early_tick: bool,
}

pub(super) struct InFlight {
    pub(super) worker: usize,
    pub(super) life: u64,
    pub(super) callout: Callout,
}

/// Something that an onlooker may want to judge.
pub(super) enum Seen {
    /// A fetch began.
    Fetching { worker: usize, forced: bool },
    /// A fetch ended; the set that is in use after it.
    Fetched { worker: usize, outcome: FetchOutcome, set: Option<Toy> },
    /// A request was judged with this set.
    Judged { worker: usize, token: Token, verdict: Verdict, usable: Option<Toy> },
}

pub(super) struct World {
    pub(super) now: u64,
    /// Time as it really passes, whatever the clock does.
    pub(super) real: u64,
    pub(super) map: Map,
    pub(super) remote: Remote,
    pub(super) workers: Vec<Option<Worker>>,
    pub(super) flights: Vec<InFlight>,
    pub(super) refuse: bool,
    /// Whether requests wait without a second look.
    pub(super) hasty: bool,
    pub(super) log: Vec<StateChange>,
    pub(super) counts: Vec<Counter>,
    pub(super) verdicts: BTreeMap<u64, Verdict>,
    pub(super) seen: Vec<Seen>,
    pub(super) steps: u64,
    /// What was ever answered, by digest.
    served: BTreeMap<[u8; 32], Toy>,
    /// Where it is set, other workers' ticks happen in between the accesses to shared data.
    pub(super) chaos: Option<Random>,
    depth: u8,
    ids: u64,
}

/// Shared data as one worker sees it while the others go on.
struct Port<'a>(&'a mut World);

impl Shared for Port<'_> {
    fn read(&mut self, name: &str) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        self.0.interleave();
        self.0.map.read(name)
    }

    fn write(&mut self, name: &str, value: &[u8], cas: u32) -> Result<Swap, Unshared> {
        self.0.interleave();
        self.0.map.write(name, value, cas)
    }
}

pub(super) fn remote() -> Remote {
    let url = Url::parse("https://id.example.com/keys?v=1").unwrap();
    Remote {
        issuer: String::from("https://id.example.com"),
        location: Location::Keys(Endpoint { url, cluster: String::from("id") }),
        ttl: 10 * MINUTE,
        max_stale: 60 * MINUTE,
        timeout: 5 * SECOND,
        unknown_kid_cooldown: 30 * SECOND,
        max_bytes: 4096,
        allow_insecure: false,
        conditional: true,
        admits: String::from("RS256"),
    }
}

pub(super) fn discovery() -> Remote {
    let url = Url::parse("https://id.example.com/.well-known/openid-configuration").unwrap();
    let document = Endpoint { url, cluster: String::from("id") };
    let keys_hosts = vec![String::from("id.example.com"), String::from("keys.example.com")];
    let location = Location::Discovery { document, keys_cluster: String::from("id-keys"), keys_hosts };
    Remote { location, ..remote() }
}

impl World {
    pub(super) fn new(workers: usize, host: Host, remote: Remote) -> Self {
        let mut world = Self {
            now: START,
            real: 0,
            map: Map::new(host),
            remote,
            workers: Vec::new(),
            flights: Vec::new(),
            refuse: false,
            hasty: false,
            log: Vec::new(),
            counts: Vec::new(),
            verdicts: BTreeMap::new(),
            seen: Vec::new(),
            steps: 0,
            served: BTreeMap::new(),
            chaos: None,
            depth: 0,
            ids: 0,
        };
        // The canary comes and goes before any worker is there.
        world.workers.push(None);
        world.reload(0);
        world.workers.clear();
        for worker in 0..workers {
            world.workers.push(None);
            world.reload(worker);
        }
        world
    }

    /// One worker whose first set was fetched from ticks.
    pub(super) fn warm(workers: usize, body: &str) -> Self {
        let mut world = Self::new(workers, Host::Envoy, remote());
        world.tick_all();
        world.answer(200, body);
        world.tick_all();
        world
    }

    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.now)
    }

    pub(super) fn jwks(&self, worker: usize) -> &Jwks<Toy> {
        &self.workers[worker].as_ref().unwrap().jwks
    }

    pub(super) fn kids(&self, worker: usize) -> Vec<&str> {
        let set = self.jwks(worker).usable(self.at());
        set.map(|set| set.keys.iter().map(|(kid, _)| kid.as_str()).collect()).unwrap_or_default()
    }

    /// A new virtual machine in that worker's place; its requests are lost with the old one.
    pub(super) fn reload(&mut self, worker: usize) {
        self.ids += 1;
        let jwks = Jwks::new(self.remote.clone(), (), schedule::scramble(self.ids));
        let (life, synced) = (self.ids, self.steps);
        self.workers[worker] = Some(Worker { jwks, waiting: Vec::new(), life, synced, early_tick: false });
        self.event(worker, Event::Configured);
    }

    pub(super) fn tick(&mut self, worker: usize) {
        self.event(worker, Event::Tick);
    }

    pub(super) fn tick_all(&mut self) {
        (0..self.workers.len()).for_each(|worker| self.tick(worker));
    }

    /// Time passes without anything happening.
    pub(super) fn pass(&mut self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).unwrap();
        self.now += millis;
        self.real += millis;
    }

    /// Time passes while every worker ticks twice a second, and the provider answers each callout with `status` and `body`.
    pub(super) fn run(&mut self, span: Duration, status: u16, body: &str) -> usize {
        let mut callouts = 0;
        for _ in 0..span.as_millis() / 500 {
            self.pass(SECOND / 2);
            self.tick_all();
            while !self.flights.is_empty() {
                callouts += 1;
                self.answer(status, body);
            }
        }
        callouts
    }

    /// Answers the oldest callout.
    pub(super) fn answer(&mut self, status: u16, body: &str) {
        self.answer_with(status, &[], body);
    }

    pub(super) fn answer_with(&mut self, status: u16, headers: &[(&str, &str)], body: &str) {
        let flight = self.flights.remove(0);
        self.deliver(&flight, status, headers, body.as_bytes());
    }

    pub(super) fn deliver(&mut self, flight: &InFlight, status: u16, headers: &[(&str, &str)], body: &[u8]) {
        let mut map = vec![(b":status".to_vec(), status.to_string().into_bytes())];
        map.extend(headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())));
        if let Ok(set) = Toy::admit(body, &()) {
            self.served.insert(source::sha256(body), set);
        }
        let answer = Answer { headers: &map, body };
        self.reach(flight, Event::Answered { ticket: flight.callout.ticket, answer });
    }

    /// The oldest callout brings nothing.
    pub(super) fn fail(&mut self, failure: FetchFailure) {
        let flight = self.flights.remove(0);
        self.reach(&flight, Event::Failed { ticket: flight.callout.ticket, failure });
    }

    fn reach(&mut self, flight: &InFlight, event: Event<'_>) {
        if self.workers[flight.worker].as_ref().is_some_and(|worker| worker.life == flight.life) {
            self.event(flight.worker, event);
        }
    }

    /// A request comes; its verdict, and its number to ask for later.
    pub(super) fn ask(&mut self, worker: usize, token: Token) -> (Verdict, u64) {
        self.ids += 1;
        let id = self.ids;
        let verdict = self.decide(worker, &token);
        if verdict == Verdict::Waits {
            let until = self.now + 5000;
            self.workers[worker].as_mut().unwrap().waiting.push(Waiter { id, token, until });
            if std::mem::take(&mut self.workers[worker].as_mut().unwrap().early_tick) {
                self.tick(worker);
            }
        } else {
            self.close(id, verdict);
        }
        (self.verdicts.get(&id).copied().unwrap_or(Verdict::Waits), id)
    }

    /// The whole line, as the gate and the shell walk it.
    fn decide(&mut self, worker: usize, token: &Token) -> Verdict {
        let mut verdict = self.judge(worker, token);
        if verdict == Verdict::Waits {
            self.event(worker, Event::Wanted { kid: Some(&token.0) });
            if !self.hasty {
                verdict = self.judge(worker, token);
            }
        }
        let usable = self.jwks(worker).usable(self.at()).cloned();
        self.seen.push(Seen::Judged { worker, token: token.clone(), verdict, usable });
        verdict
    }

    fn judge(&self, worker: usize, token: &Token) -> Verdict {
        let key = self.jwks(worker).usable(self.at()).and_then(|set| set.keys.iter().find(|(kid, _)| *kid == token.0));
        match (key, self.jwks(worker).missing(self.at(), Some(&token.0))) {
            (Some((_, material)), _) if *material == token.1 => Verdict::Admitted,
            (Some(_), _) => Verdict::Forged,
            (None, Missing::MayWait) => Verdict::Waits,
            (None, Missing::Absent) => Verdict::Absent,
            (None, Missing::Unavailable { retry_after }) => {
                assert!(retry_after >= SECOND && retry_after <= MINUTE, "{retry_after:?}");
                Verdict::Unavailable
            }
        }
    }

    /// Every request is answered once.
    pub(super) fn close(&mut self, id: u64, verdict: Verdict) {
        assert_eq!(self.verdicts.insert(id, verdict), None, "request {id} answered twice");
    }

    /// The shell: carries effects out until there are none.
    pub(super) fn event(&mut self, worker: usize, event: Event<'_>) {
        let Some(mut state) = self.workers[worker].take() else { return };
        let started = self.steps;
        self.steps += 1;
        let now = self.at();
        let ticks = matches!(event, Event::Tick);
        let looks = matches!(event, Event::Tick | Event::Wanted { .. } | Event::Configured);
        let effects = state.jwks.handle(now, &mut Port(self), event);
        if looks {
            state.synced = started;
        }
        let forced = state.jwks.record.lease.is_some_and(|lease| lease.forced);
        let set = state.jwks.record.set.as_ref().and_then(|set| self.served.get(&set.digest).cloned());
        let usable = state.jwks.usable(now).is_some();
        self.workers[worker] = Some(state);
        for effect in effects {
            match effect {
                Effect::Dispatch(callout) => self.dispatch(worker, forced, callout),
                Effect::DecideAgain => {
                    for waiter in self.take_waiting(worker) {
                        match self.decide(worker, &waiter.token) {
                            Verdict::Waits => self.workers[worker].as_mut().unwrap().waiting.push(waiter),
                            verdict => self.close(waiter.id, verdict),
                        }
                    }
                }
                Effect::RefuseWaiting { retry_after } => {
                    assert!(retry_after >= SECOND && !usable);
                    for waiter in self.take_waiting(worker) {
                        self.close(waiter.id, Verdict::Unavailable);
                    }
                }
                Effect::TickWithin(_) => self.workers[worker].as_mut().unwrap().early_tick = true,
                Effect::Log(change) => self.log.push(change),
                Effect::Count(counter) => {
                    self.counts.push(counter);
                    if let Counter::Fetch(outcome) = counter {
                        self.seen.push(Seen::Fetched { worker, outcome, set: set.clone() });
                    }
                }
            }
        }
        if ticks {
            self.nobody_is_forgotten(worker);
        }
    }

    /// After a tick nobody is left waiting for whom there is an answer, unless the next tick or the callout under way will
    /// give it.
    fn nobody_is_forgotten(&self, worker: usize) {
        let state = self.workers[worker].as_ref().unwrap();
        for waiter in &state.waiting {
            let comes = state.jwks.wanted.again || state.jwks.flight.is_some();
            let waits = comes || self.judge(worker, &waiter.token) == Verdict::Waits;
            assert!(waits, "request {} was forgotten", waiter.id);
        }
    }

    fn take_waiting(&mut self, worker: usize) -> Vec<Waiter> {
        std::mem::take(&mut self.workers[worker].as_mut().unwrap().waiting)
    }

    fn dispatch(&mut self, worker: usize, forced: bool, callout: Callout) {
        let first = match &self.remote.location {
            Location::Keys(_) => true,
            Location::Discovery { document, .. } => callout.cluster == document.cluster,
        };
        if first {
            self.seen.push(Seen::Fetching { worker, forced });
        }
        let life = self.workers[worker].as_ref().unwrap().life;
        let flight = InFlight { worker, life, callout };
        if self.refuse {
            self.reach(&flight, Event::Failed { ticket: flight.callout.ticket, failure: FetchFailure::Refused });
        } else {
            self.flights.push(flight);
        }
    }

    /// Another worker's tick, in the middle of this one's step.
    fn interleave(&mut self) {
        let Some(random) = &mut self.chaos else { return };
        if self.depth < 2 && random.below(12) == 0 {
            let other = random.below(self.workers.len());
            self.depth += 1;
            self.event(other, Event::Tick);
            self.depth -= 1;
        }
    }
}

/// A reproducible sequence of numbers.
#[derive(Clone)]
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (schedule::scramble(self.0) >> 11) as usize % limit.max(1)
    }
}
