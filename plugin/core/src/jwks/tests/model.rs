//! Random sequences of everything that can happen, against a small model of what was promised.
//!
//! `CLAIMGATE_STEPS` is the number of steps (default 60,000), `CLAIMGATE_SEED` repeats the run of a failure.

use super::kit::*;
use crate::jwks::*;
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const STALE: u64 = 60 * 60_000;
const COOLDOWN: u64 = 30_000;
const TTL: u64 = 10 * 60_000;

/// What must hold for workers that share a record: one process, or one worker where there is no shared data.
#[derive(Default)]
struct Model {
    /// The set that the last good answer brought; unknown after shared data were spoilt.
    good: Option<Good>,
    /// Every confirmation of a set in real time, and how far the clock had been set back by then.
    history: Vec<(Toy, u64, u64)>,
    /// In a row; unknown after shared data were spoilt, until a success.
    failures: Option<u32>,
    /// The last beginning or end of an attempt, by the clock and in real time.
    attempt: Option<(u64, u64)>,
    /// When each forced attempt began, by the clock and in real time.
    forced: Vec<(u64, u64)>,
    /// When each kid was first asked for, in real time.
    asked: BTreeMap<String, u64>,
    /// When the last attempt that succeeded began and ended, in real time.
    answered: Option<(u64, u64)>,
    /// When the attempt under way began, in real time.
    open: Option<u64>,
    /// The step of the last beginning or end of an attempt.
    moved: u64,
}

struct Good {
    set: Toy,
    confirmed: u64,
    real: u64,
    step: u64,
}

/// What the model is told of the moment: the clock, real time, how far the clock was ever set back, since when nothing
/// unnatural happened, how long a lease lasts, the step.
#[derive(Copy, Clone)]
struct Moment {
    now: u64,
    real: u64,
    back: u64,
    calm: u64,
    lease: u64,
    step: u64,
}

impl Model {
    fn new() -> Self {
        Self { failures: Some(0), ..Self::default() }
    }

    fn fetching(&mut self, at: Moment, forced: bool, has_keys: bool) {
        if let Some(began) = self.open.filter(|began| *began >= at.calm) {
            assert!(at.real >= began + at.lease, "two fetches at once");
        }
        if let Some((last, real)) = self.attempt.filter(|(_, real)| *real >= at.calm) {
            let failures = self.failures.filter(|_| has_keys).unwrap_or(0);
            let pause = (1000 << failures.min(10).saturating_sub(1)).min(60_000);
            assert!(forced || at.now - last >= pause, "{} ms after {failures} failures", at.real - real);
        }
        self.attempt = Some((at.now, at.real));
        (self.open, self.moved) = (Some(at.real), at.step);
        if forced {
            assert!(self.forced_in_cooldown(at) < 3, "a fourth forced fetch within the cool-down");
            self.forced.push((at.now, at.real));
        }
    }

    fn forced_in_cooldown(&self, at: Moment) -> usize {
        self.forced.iter().filter(|(began, real)| *real >= at.calm && at.now - began < COOLDOWN).count()
    }

    fn fetched(&mut self, at: Moment, outcome: FetchOutcome, set: Option<Toy>) {
        use FetchOutcome::*;
        match outcome {
            Late => return,
            Changed | Unchanged | NotModified => {
                let set = set.unwrap();
                let step = self.good.as_ref().filter(|good| good.set == set).map_or(at.step, |good| good.step);
                self.history.push((set.clone(), at.real, at.back));
                self.good = Some(Good { set, confirmed: at.now, real: at.real, step });
                self.failures = Some(0);
                self.answered = self.open.map(|began| (began, at.real)).or(self.answered);
            }
            // Its successor begins in the same moment: whoever held the lease had it for long enough.
            Abandoned => {
                self.failures = self.failures.map(|failures| failures + 1);
                return (self.attempt, self.open) = (None, None);
            }
            _ => self.failures = self.failures.map(|failures| failures + 1),
        }
        (self.attempt, self.open, self.moved) = (Some((at.now, at.real)), None, at.step);
    }

    /// `synced` is the step in which the worker last looked at shared data; `torn` is whether it found no body to match.
    fn judged(&self, at: Moment, token: &Token, verdict: Verdict, usable: Option<Toy>, synced: u64, torn: bool) {
        if let Some(set) = &usable {
            let served =
                |(old, confirmed, back): &(Toy, u64, u64)| old == set && at.real - confirmed <= STALE + at.back - back;
            assert!(self.history.iter().any(served), "a set nobody served, or that is older than max_stale");
        }
        let doubt = self.failures.is_some_and(|failures| failures > 0)
            || self.open.is_some_and(|began| at.real >= began + at.lease);
        if let Some(good) = self.good.as_ref().filter(|good| synced > good.step && !torn) {
            match &usable {
                Some(set) => assert_eq!(*set, good.set, "not the last good set"),
                None => {
                    let aged = good.real < at.calm || at.now - good.confirmed > STALE;
                    assert!(aged || synced <= self.moved, "good keys are not used");
                }
            }
            let known = good.set.keys.iter().any(|(kid, _)| *kid == token.0);
            assert!(verdict != Verdict::Absent || !known, "401 for a key that is there");
        }
        let sure =
            self.failures.is_some() && synced > self.moved && self.attempt.is_none_or(|(_, real)| real >= at.calm);
        match verdict {
            Verdict::Absent if sure => {
                assert!(!doubt, "401 in doubt");
                if let Some((began, ended)) = self.answered.filter(|(began, _)| *began >= at.calm) {
                    assert!(self.asked[&token.0] <= began, "401 for a kid that no fetch was asked for");
                    // A pause from before the clock was set back may last for another `ttl`.
                    assert!(at.real < at.calm + TTL || at.real - ended <= TTL + COOLDOWN, "401 without asking");
                }
            }
            Verdict::Unavailable if sure && usable.is_some() => {
                let used_up = at.real < at.calm + COOLDOWN || self.forced_in_cooldown(at) == 3;
                assert!(doubt || used_up, "503 without a failure, and a fetch was allowed");
            }
            _ => {}
        }
    }
}

/// The provider, the clock and the accidents.
struct Run {
    world: World,
    models: Vec<Model>,
    random: Random,
    set: Vec<(String, u32)>,
    version: u32,
    healthy: bool,
    back: u64,
    calm: u64,
    /// How rare accidents are.
    mild: usize,
    tally: Tally,
}

#[derive(Default, Debug)]
struct Tally {
    fetches: usize,
    admitted: usize,
    absent: usize,
    unavailable: usize,
    waited: usize,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let host = [Host::Envoy, Host::Envoy, Host::Nginx, Host::Alone][random.below(4)];
        let workers = 1 + random.below(16);
        let mut world = World::new(workers, host, if random.below(3) == 0 { discovery() } else { remote() });
        world.chaos = Some(Random(seed ^ 1));
        let models = (0..workers).map(|_| Model::new()).collect();
        let (set, mild, tally) = (vec![(String::from("k0"), 1)], 1 + random.below(8), Tally::default());
        Self { world, models, random, set, version: 0, healthy: true, back: 0, calm: 0, mild, tally }
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.random.below(one_in) == 0
    }

    fn step(&mut self) {
        match self.random.below(1000) {
            0..300 => self.request(),
            300..560 => {
                let worker = self.random.below(self.world.workers.len());
                self.world.tick(worker);
            }
            560..800 => self.answer(),
            800..930 => {
                let millis = self.random.below(1500) as u64;
                self.pass(millis);
            }
            980.. if !self.chance(self.mild) => {}
            930..945 => {
                let spans = [10, 40, 60, 300, 540, 600, 1800, 4000];
                let seconds = spans[self.random.below(spans.len().div_ceil(self.mild.div_ceil(2)))];
                self.pass(1000 * seconds);
            }
            945..960 => self.rotate(),
            960..970 => {
                let worker = self.random.below(self.world.workers.len());
                self.world.workers[worker].as_mut().unwrap().waiting.pop();
            }
            970..980 => {
                let worker = self.random.below(self.world.workers.len());
                self.world.reload(worker);
                if self.world.map.host == Host::Alone {
                    self.models[worker] = Model::new();
                }
            }
            980..990 => self.healthy = !self.chance(3),
            990..993 => self.jump(),
            993..995 => self.spoil(),
            995..997 => {
                self.world.map.broken = self.chance(3);
                self.forget();
            }
            _ => self.world.refuse = self.chance(4),
        }
        if self.world.map.broken {
            self.forget();
        }
        self.watch();
    }

    fn request(&mut self) {
        let known = self.set[self.random.below(self.set.len())].clone();
        let token = match self.random.below(10) {
            0..6 => Token(known.0, known.1),
            6 => Token(known.0, known.1 + 1),
            7 => Token(format!("k{}", self.random.below(self.version as usize + 2)), 1),
            _ => Token(format!("bogus{}", self.random.below(300)), 1),
        };
        let worker = self.random.below(self.world.workers.len());
        self.world.hasty = self.chance(3);
        self.world.ask(worker, token);
    }

    fn answer(&mut self) {
        if self.world.flights.is_empty() {
            return;
        }
        let at = self.random.below(self.world.flights.len());
        let flight = self.world.flights.remove(at);
        let good = if self.healthy { 8 } else { 1 };
        match self.random.below(good + 3) {
            0 => {
                let junk = ["", "<html>", "keys", "keys !bad", "{}", &"x".repeat(5000)];
                let status = [200, 200, 200, 204, 302, 404, 500, 503, 504][self.random.below(9)];
                let body = junk[self.random.below(junk.len())];
                self.world.deliver(&flight, status, &[], body.as_bytes());
            }
            1 => self.world.deliver(&flight, 200, &[("content-length", "9999")], self.body(&flight).as_bytes()),
            2 => {
                let failure = [FetchFailure::Reset, FetchFailure::Timeout][self.random.below(2)];
                self.world.flights.insert(0, flight);
                self.world.fail(failure);
            }
            _ => self.serve(&flight),
        }
    }

    /// What a sound provider would answer.
    fn serve(&mut self, flight: &InFlight) {
        let etag = format!("\"{}\"", self.version);
        let asked = flight.callout.headers.iter().find(|(name, _)| *name == "if-none-match");
        let status = if asked.is_some_and(|(_, value)| *value == etag) { 304 } else { 200 };
        let max_age = ["max-age=0", "max-age=60", "max-age=300", "max-age=99999999", "public"][self.random.below(5)];
        let body = if status == 304 { String::new() } else { self.body(flight) };
        self.world.deliver(flight, status, &[("etag", &etag), ("cache-control", max_age)], body.as_bytes());
    }

    fn body(&self, flight: &InFlight) -> String {
        let path = flight.callout.headers.iter().find(|(name, _)| *name == ":path").unwrap();
        if path.1.contains("well-known") {
            let (issuer, host) = ("https://id.example.com", "https://keys.example.com");
            return format!(r#"{{"issuer":"{issuer}","jwks_uri":"{host}/{}"}}"#, self.version / 8);
        }
        let keys: Vec<_> = self.set.iter().map(|(kid, material)| format!(" {kid}={material}")).collect();
        format!("keys{}", keys.concat())
    }

    fn rotate(&mut self) {
        self.version += 1;
        match self.random.below(3) {
            0 if self.set.len() > 1 => {
                let at = self.random.below(self.set.len());
                self.set.remove(at);
            }
            1 => {
                let at = self.random.below(self.set.len());
                self.set[at].1 += 1;
            }
            _ => self.set.push((format!("k{}", self.version), 1)),
        }
        self.set.truncate(5);
    }

    fn pass(&mut self, millis: u64) {
        self.world.pass(Duration::from_millis(millis));
        for worker in 0..self.world.workers.len() {
            let now = self.world.now;
            let waiting = &mut self.world.workers[worker].as_mut().unwrap().waiting;
            let over: Vec<_> = waiting.extract_if(.., |waiter| waiter.until <= now).collect();
            over.into_iter().for_each(|waiter| self.world.close(waiter.id, Verdict::Unavailable));
        }
    }

    fn jump(&mut self) {
        let millis = 1 + self.random.below(7_200_000) as u64;
        if self.chance(2) {
            self.world.now += millis;
        } else {
            self.world.now -= millis;
            self.back += millis;
        }
        self.calm = self.world.real + 1;
    }

    /// Another module writes under our names.
    fn spoil(&mut self) {
        let foreign = meta::encode(&record::Record::new(), &[9; 32]);
        let own = self.world.map.entry("meta").cloned().unwrap_or_default();
        let cut = own.get(..self.random.below(own.len() + 1)).unwrap_or_default().to_vec();
        let garbage = [Vec::new(), b"keys evil=1".to_vec(), vec![0; 400], foreign, cut];
        let entry = ["meta", "body"][self.random.below(2)];
        let value = garbage[self.random.below(garbage.len())].clone();
        self.world.map.scribble(entry, &value);
        self.forget();
    }

    /// Nothing that the workers know together can be relied on any more.
    fn forget(&mut self) {
        self.watch();
        self.calm = self.world.real + 1;
        for model in &mut self.models {
            (model.good, model.open, model.failures) = (None, None, None);
        }
    }

    /// Puts what happened before the model, and looks at what is kept.
    fn watch(&mut self) {
        let lease = schedule::lease(&self.world.remote).as_millis() as u64;
        let World { now, real, steps: step, .. } = self.world;
        let at = Moment { now, real, back: self.back, calm: self.calm, lease, step };
        let alone = self.world.map.host == Host::Alone;
        for seen in std::mem::take(&mut self.world.seen) {
            match seen {
                Seen::Fetching { worker, forced } => {
                    let has_keys = self.world.jwks(worker).usable(self.world.at()).is_some();
                    self.tally.fetches += 1;
                    self.models[if alone { worker } else { 0 }].fetching(at, forced, has_keys);
                }
                Seen::Fetched { worker, outcome, set } => {
                    self.models[if alone { worker } else { 0 }].fetched(at, outcome, set);
                }
                Seen::Judged { worker, token, verdict, usable } => {
                    let state = self.world.workers[worker].as_ref().unwrap();
                    let torn = state.jwks.rejected.is_some();
                    match verdict {
                        Verdict::Admitted => self.tally.admitted += 1,
                        Verdict::Absent => self.tally.absent += 1,
                        Verdict::Unavailable => self.tally.unavailable += 1,
                        Verdict::Waits => self.tally.waited += 1,
                        Verdict::Forged => {}
                    }
                    let model = &mut self.models[if alone { worker } else { 0 }];
                    model.asked.entry(token.0.clone()).or_insert(at.real);
                    model.judged(at, &token, verdict, usable, state.synced, torn);
                }
            }
        }
        assert!(self.world.map.entries.len() <= 2);
        for worker in self.world.workers.iter().flatten() {
            assert!(
                worker.jwks.absent.len() <= absent::CAPACITY && worker.jwks.wanted.kids().count() <= absent::CAPACITY
            );
        }
        self.world.map.writes.clear();
        self.world.log.clear();
        self.world.counts.clear();
        if self.world.verdicts.len() > 10_000 {
            self.world.verdicts.clear();
        }
    }

    /// With everything sound again, every worker has the provider's keys and nobody waits.
    fn converge(&mut self) {
        (self.world.map.broken, self.world.refuse) = (false, false);
        self.forget();
        for _ in 0..160 {
            self.pass(5000);
            self.world.tick_all();
            while !self.world.flights.is_empty() {
                let flight = self.world.flights.remove(0);
                self.serve(&flight);
            }
            self.world.tick_all();
            self.watch();
        }
        for worker in 0..self.world.workers.len() {
            assert!(self.world.workers[worker].as_ref().unwrap().waiting.is_empty(), "somebody waits for ever");
            for (kid, material) in self.set.clone() {
                assert_eq!(self.world.ask(worker, Token(kid, material)).0, Verdict::Admitted);
            }
        }
        self.watch();
    }
}

#[test]
fn whatever_happens_the_promises_hold() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let steps = number("CLAIMGATE_STEPS").unwrap_or(60_000);
    let first = number("CLAIMGATE_SEED");
    let mut tally = Tally::default();
    for seed in first.map_or(0..steps.div_ceil(2000), |seed| seed..seed + 1) {
        let attempt = std::panic::catch_unwind(|| {
            let mut run = Run::new(seed);
            (0..2000).for_each(|_| run.step());
            run.converge();
            run.tally
        });
        let Ok(run) = attempt else { panic!("repeat with CLAIMGATE_SEED={seed}") };
        tally.fetches += run.fetches;
        tally.admitted += run.admitted;
        tally.absent += run.absent;
        tally.unavailable += run.unavailable;
        tally.waited += run.waited;
    }
    println!("{tally:?}");
    assert!(tally.fetches > 0 && tally.admitted > 0 && (first.is_some() || tally.absent.min(tally.unavailable) > 0));
}
