//! Sixteen workers, their clients, and the judge.

use std::rc::Rc;
use std::time::Duration;

use host_sim::{Host, Module, StreamId, VmName};

use crate::callouts::Callouts;
use crate::chaos::{Weather, only_touches_its_request};
use crate::configuration::{AUDIENCES, configuration};
use crate::providers::{FIXED, ISSUERS, Key, Provider};
use crate::random::Random;
use crate::requests::{Credential, Made};
use crate::tally::Tally;
use crate::tokens::Token;

pub(crate) const WORKERS: usize = 16;
/// Those that keep their VM from the first request to the last.
pub(crate) const STEADY: usize = 8;
/// The longest that a request may be held: `wait_timeout`, a tick, and some more.
const LONGEST: Duration = Duration::from_millis(3800);
/// How many tokens are sent again and again.
const POOL: usize = 600;

/// Everything there is while the soak runs.
pub(crate) struct Run {
    pub(crate) host: Host,
    pub(crate) providers: Vec<Provider>,
    pub(crate) random: Random,
    pub(crate) tally: Tally,
    pub(crate) weather: Weather,
    /// When something last happened after which workers need not agree about keys.
    pub(crate) disturbed: Duration,
    /// How far the wall clock was ever set back, and how often it was set.
    pub(crate) back: Duration,
    pub(crate) jumps: u64,
    pub(crate) forced: usize,
    pub(crate) fixed: Vec<Key>,
    audience: &'static str,
    pool: Vec<Rc<Token>>,
    broken: Vec<Rc<Token>>,
    held: Vec<Held>,
    pub(crate) callouts: Callouts,
}

/// A request that was started.
pub(crate) struct Held {
    pub(crate) id: StreamId,
    pub(crate) made: Made,
    pub(crate) audience: &'static str,
    pub(crate) from: Duration,
    pub(crate) wall_from: i64,
    pub(crate) jumps: u64,
    /// A hostcall that was made for it failed, so it need not be answered, or may be refused for it.
    pub(crate) struck: bool,
}

impl Run {
    pub(crate) fn start(module: &Module, seed: u64, requests: u64) -> Run {
        let fixed = vec![Key { kid: 0, material: 1 }, Key { kid: 1, material: 3 }];
        let mut run = Run {
            host: Host::builder(module).workers(WORKERS).seed(seed | 1).build(),
            providers: ISSUERS[..FIXED].iter().map(|issuer| Provider::new(issuer)).collect(),
            random: Random::seeded(seed),
            tally: Tally::of(requests),
            weather: Weather::fair(),
            disturbed: Duration::ZERO,
            back: Duration::ZERO,
            jumps: 0,
            forced: 0,
            fixed,
            audience: AUDIENCES[0],
            pool: Vec::new(),
            broken: Vec::new(),
            held: Vec::new(),
            callouts: Callouts::default(),
        };
        let configured = run.host.configure(configuration(&run.fixed, run.audience).as_bytes());
        configured.unwrap_or_else(|error| panic!("{error}"));
        run
    }

    /// The next request, and whatever else happens.
    pub(crate) fn step(&mut self) {
        self.chaos();
        self.open();
        let span = Duration::from_micros(self.random.between(0, 20_000));
        self.pass(span);
        self.tally.sample(&self.host, STEADY);
        if self.tally.requests.is_multiple_of(1000) {
            let told = self.host.take_log().into_iter().find(|line| line.text.contains("eyJ"));
            told.into_iter().for_each(|line| self.tally.wrong(|| format!("a token in the log: {}", line.text)));
        }
    }

    /// Decides what is still open.
    pub(crate) fn finish(&mut self) {
        self.calm_hostcalls();
        self.pass(LONGEST + LONGEST);
        assert!(self.held.is_empty(), "{} requests are still held", self.held.len());
    }

    pub(crate) fn steady(&self) -> Duration {
        self.host.process().clock.now().steady
    }

    pub(crate) fn wall(&self) -> i64 {
        self.host.process().clock.now().wall.as_millis() as i64
    }

    pub(crate) fn disturb(&mut self) {
        self.disturbed = self.steady();
    }

    /// Lets time pass: ticks and answers as they are due, clients that lose patience, verdicts on what was held.
    pub(crate) fn pass(&mut self, span: Duration) {
        let end = self.steady() + span;
        loop {
            self.hear();
            let next = self.callouts.answers.iter().map(|answer| answer.at).min();
            // Callouts that start meanwhile are heard of at the latest after this.
            let step = (self.steady() + Duration::from_millis(50)).min(end);
            let until = next.filter(|at| *at < step).unwrap_or(step);
            self.host.advance(until.saturating_sub(self.steady()));
            self.deliver();
            self.note_strikes();
            self.judge_held();
            if self.steady() >= end && next.is_none_or(|at| at > end) {
                return;
            }
        }
    }

    fn note_strikes(&mut self) {
        for strike in self.host.process().faults.take_strikes() {
            self.tally.strike(&strike);
            let VmName::Worker(worker) = strike.vm else { continue };
            let own = |held: &&mut Held| held.id.worker == worker && held.id.context == strike.context;
            let of_request = self.held.iter_mut().find(own).map(|held| held.struck = true).is_some();
            if !(of_request && only_touches_its_request(strike.hostcall)) {
                self.held.iter_mut().filter(|held| held.id.worker == worker).for_each(|held| held.struck = true);
                self.disturb();
            }
        }
    }

    fn open(&mut self) {
        let worker = self.random.below(WORKERS);
        let credential = self.credential();
        let made = Made::new(credential, &mut self.random);
        let (from, wall_from) = (self.steady(), self.wall());
        let id = self.host.open(worker, made.request.clone());
        self.tally.requests += 1;
        let held = Held { id, made, audience: self.audience, from, wall_from, jumps: self.jumps, struck: false };
        self.held.push(held);
        self.note_strikes();
        self.judge_held();
    }

    fn credential(&mut self) -> Credential {
        match self.random.below(20) {
            0 => Credential::None,
            1 => [Credential::Foreign, Credential::Malformed][self.random.below(2)].clone(),
            2..8 => Credential::Token(self.fresh()),
            8..11 if !self.broken.is_empty() => Credential::Token(self.random.pick(&self.broken).clone()),
            _ if !self.pool.is_empty() => Credential::Token(self.random.pick(&self.pool).clone()),
            _ => Credential::Token(self.fresh()),
        }
    }

    /// A token that nobody has seen, under a key of today, of some time, or of nobody.
    fn fresh(&mut self) -> Rc<Token> {
        let random = &mut self.random;
        let issuer = random.below(3);
        let keys = self.providers.get(issuer).map_or(self.fixed.as_slice(), Provider::current);
        let mut key = keys[keys.len() - 1];
        match random.below(12) {
            0 => key = *random.pick(keys),
            1 => key = key.stranger(random),
            2 => key = Key { kid: 1_000_000 + random.below(500) as u32, ..key },
            3 => {
                // Somebody else's key under somebody else's kid.
                let other = self.providers[random.below(2)].current();
                key = Key { kid: other[0].kid, material: other[0].material };
            }
            4 => {
                let sets = self.providers.get(issuer).map(|provider| &provider.sets);
                if let Some(set) = sets.map(|sets| &sets[sets.len() - 1 - random.below(sets.len().min(6))]) {
                    key = set[random.below(set.len())];
                }
            }
            _ => {}
        }
        let audience = if issuer == 1 { AUDIENCES[random.below(2)] } else { AUDIENCES[0] };
        let now = self.host.process().clock.now().wall.as_secs() as i64;
        let token = Rc::new(Token::minted(issuer, key, now, audience, random));
        if self.broken.is_empty() || random.one_in(60) {
            self.broken.extend(token.breakages().into_iter().map(Rc::new));
            let old = self.broken.len().saturating_sub(2 * POOL);
            self.broken.drain(..old);
        }
        let at = random.below(POOL);
        match self.pool.get_mut(at) {
            Some(old) => *old = token.clone(),
            None => self.pool.push(token.clone()),
        }
        token
    }

    fn judge_held(&mut self) {
        let mut at = 0;
        while at < self.held.len() {
            let id = self.held[at].id;
            let decided = self.host.outcome(id).is_decided();
            let lost = !decided && self.host.workers()[id.worker].generation() != id.generation;
            let overdue = self.steady() >= self.held[at].from + LONGEST;
            let leaves = !decided && self.random.one_in(60);
            if !(decided || lost || overdue || leaves) {
                at += 1;
                continue;
            }
            let held = self.held.swap_remove(at);
            if decided && self.host.outcome(id).upstream().is_some() && self.random.one_in(2) {
                self.host.respond(id, vec![(b":status".to_vec(), b"200".to_vec())], true);
            }
            let report = self.host.finish(id);
            if decided {
                self.judge(&held, &report);
            } else if overdue && !held.struck && !lost {
                let what = held.made.path;
                self.tally.wrong(|| format!("{what}: held for {LONGEST:?} and not answered"));
            } else {
                let how = if lost { "lost with its VM" } else { "held, and the client leaves" };
                self.tally.verdict(if held.struck { "not answered after a failed hostcall" } else { how });
            }
        }
    }

    /// A VM is lost in the middle of everything and replaced.
    pub(crate) fn reload(&mut self) {
        self.calm_hostcalls();
        let worker = STEADY + self.random.below(WORKERS - STEADY);
        self.host.reload(worker).unwrap_or_else(|error| panic!("{error}"));
        self.tally.fault("VM reloaded");
        self.judge_held();
    }

    /// Another configuration, while requests are held under the old one.
    pub(crate) fn reconfigure(&mut self) {
        self.calm_hostcalls();
        self.audience = AUDIENCES[usize::from(self.audience == AUDIENCES[0])];
        let configuration = configuration(&self.fixed, self.audience);
        self.host.configure(configuration.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        self.tally.fault("configuration changed");
    }
}
