//! One fetch from the moment it is due to the moment its outcome is known to every worker.

use super::event::{Answer, Callout};
use super::fetch::{self, Judged};
use super::follow::Slot;
use super::record::{Etag, Lease, MAX_ASKED, Record, SetRecord, Standing};
use super::report::{Counter, FetchOutcome, StateChange};
use super::schedule::{self, has_passed};
use super::shared::TRIES;
use super::source::{Digest, Endpoint, Location, sha256};
use super::{Effect, Jwks, Keys, MayForce, Turn, discovery};
use crate::time::Timestamp;
use std::time::Duration;

/// How soon a worker looks again whose requests wait for another worker's fetch.
const WATCH: Duration = Duration::from_millis(50);

/// A fetch of this worker that is under way.
pub(super) struct Flight {
    ticket: u64,
    holder: u64,
    stage: Stage,
    /// When its lease runs out, and nothing is hoped for any more.
    pub(super) until: Timestamp,
}

enum Stage {
    Document,
    Keys { endpoint: Endpoint, conditional: bool },
}

/// What a fetch brought.
struct Fetched<'a, K> {
    set: SetRecord,
    /// Its bytes, unless they are known.
    body: Option<&'a [u8]>,
    /// Its keys, unless they are held.
    keys: Option<K>,
    outcome: FetchOutcome,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Due {
    /// It is time.
    Refresh,
    /// A request showed a kid that the set lacks.
    Forced,
}

impl<K: Keys> Jwks<K> {
    /// Looks around, and fetches if that is due and nobody else does.
    pub(super) fn tick(&mut self, turn: &mut Turn<'_>) {
        if let Some(lost) = self.flight.take_if(|flight| turn.now >= flight.until) {
            self.conclude(lost.holder, Err(FetchOutcome::Timeout), turn);
        }
        for _ in 0..TRIES {
            let slot = self.look(turn);
            self.settle(turn);
            let Some(due) = self.due(turn.now) else { break };
            if self.claim(due, slot, turn) {
                break;
            }
        }
        if self.wanted.any() && self.flight.is_none() {
            turn.effects.push(Effect::TickWithin(WATCH));
        }
    }

    /// A callout was answered.
    pub(super) fn answered(&mut self, ticket: u64, answer: &Answer<'_>, turn: &mut Turn<'_>) {
        let Some(mut flight) = self.flight.take_if(|flight| flight.ticket == ticket) else {
            turn.effects.push(Effect::Count(Counter::Fetch(FetchOutcome::Late)));
            return;
        };
        let endpoint = match &flight.stage {
            Stage::Document => self.keys_endpoint(answer),
            Stage::Keys { endpoint, conditional } => {
                let fetched = self.read(answer, endpoint, *conditional, turn.now);
                return self.conclude(flight.holder, fetched, turn);
            }
        };
        match endpoint {
            Ok(endpoint) => {
                let callout = self.ask_for_keys(&mut flight, endpoint, turn);
                self.flight = Some(flight);
                turn.effects.push(Effect::Dispatch(callout));
            }
            Err(outcome) => self.conclude(flight.holder, Err(outcome), turn),
        }
    }

    /// A callout brought nothing.
    pub(super) fn unanswered(&mut self, ticket: u64, outcome: FetchOutcome, turn: &mut Turn<'_>) {
        match self.flight.take_if(|flight| flight.ticket == ticket) {
            Some(flight) => self.conclude(flight.holder, Err(outcome), turn),
            None => turn.effects.push(Effect::Count(Counter::Fetch(FetchOutcome::Late))),
        }
    }

    fn due(&self, now: Timestamp) -> Option<Due> {
        if self.flight.is_some() || self.is_leased(now) {
            return None;
        }
        let spaced = has_passed(self.record.attempted_at, schedule::SPACING, now);
        let rested = self.record.is_rested(now) && spaced;
        let Some(held) = self.held.as_ref().filter(|_| self.usable(now).is_some()) else {
            return (rested || (self.wanted.keys && spaced)).then_some(Due::Refresh);
        };
        if self.wanted.any_kid() && self.may_force(now) == MayForce::Yes {
            return Some(Due::Forced);
        }
        // The others use another set, and it could not be read from shared data.
        let behind = self.record.set.is_some() && !self.record.describes(&held.digest);
        let aged = now >= schedule::refresh_at(held.since, held.life, self.seed);
        ((behind || aged) && rested).then_some(Due::Refresh)
    }

    /// Takes the lease and asks. False when another worker was quicker.
    fn claim(&mut self, due: Due, slot: Slot, turn: &mut Turn<'_>) -> bool {
        self.tickets = self.tickets.wrapping_add(1);
        let holder = schedule::mixed(self.seed, schedule::mixed(self.tickets, turn.now.millis()));
        let until = turn.now.after(schedule::lease(&self.remote));
        let before = self.record.clone();
        let kids = self.wanted.kids().take(MAX_ASKED).collect();
        let claimed = before.claimed(turn.now, Lease { holder, until, forced: due == Due::Forced }, kids);
        if !self.store(claimed, slot, turn) {
            return false;
        }
        if before.lease.is_some() {
            turn.effects.push(Effect::Count(Counter::Fetch(FetchOutcome::Abandoned)));
        }
        if before.failures > 0 {
            self.tell_standing(before.standing(self.remote.max_stale, before.attempted_at), turn);
        }
        let mut flight = Flight { ticket: self.tickets, holder, stage: Stage::Document, until };
        let callout = match &self.remote.location {
            Location::Keys(endpoint) => self.ask_for_keys(&mut flight, endpoint.clone(), turn),
            Location::Discovery { document, .. } => fetch::callout(&self.remote, document, None, flight.ticket),
        };
        self.flight = Some(flight);
        turn.effects.push(Effect::Dispatch(callout));
        true
    }

    fn ask_for_keys(&mut self, flight: &mut Flight, endpoint: Endpoint, turn: &mut Turn<'_>) -> Callout {
        self.tickets = self.tickets.wrapping_add(1);
        flight.ticket = self.tickets;
        let etag = self.etag_for(&endpoint, turn);
        let callout = fetch::callout(&self.remote, &endpoint, etag, flight.ticket);
        flight.stage = Stage::Keys { conditional: etag.is_some(), endpoint };
        callout
    }

    /// The validator of the set held, if it came from this very URL: a 304 stands for nothing else. While the set's bytes
    /// are not in shared data, where workers that begin look for them, none: a 304 would not bring them back.
    fn etag_for(&self, endpoint: &Endpoint, turn: &mut Turn<'_>) -> Option<&Etag> {
        let held = self.held.as_ref()?;
        let set = self.record.set.as_ref().filter(|set| set.digest == held.digest && self.remote.conditional)?;
        let etag = set.etag.as_ref().filter(|etag| etag.url == sha256(endpoint.url.to_string().as_bytes()))?;
        (self.alone || self.place.read_body(set, turn.shared).is_ok()).then_some(etag)
    }

    fn keys_endpoint(&self, answer: &Answer<'_>) -> Result<Endpoint, FetchOutcome> {
        match (fetch::judge(answer, self.remote.max_bytes, false)?, &self.remote.location) {
            (Judged::Body(body), Location::Discovery { keys_hosts, keys_cluster, .. }) => {
                discovery::keys_endpoint(body, &self.remote, keys_hosts, keys_cluster)
            }
            _ => Err(FetchOutcome::NotDiscovery),
        }
    }

    fn read<'a>(
        &self,
        answer: &Answer<'a>,
        endpoint: &Endpoint,
        conditional: bool,
        now: Timestamp,
    ) -> Result<Fetched<'a, K>, FetchOutcome> {
        let judged = fetch::judge(answer, self.remote.max_bytes, conditional)?;
        let fresh_until = now.after(schedule::life(&self.remote, fetch::allowed_life(answer)));
        let etag = fetch::etag(answer, endpoint);
        let held = self.held.as_ref().map(|held| held.digest);
        let Judged::Body(body) = judged else {
            let set = self.record.set.clone().filter(|set| Some(set.digest) == held).ok_or(FetchOutcome::Late)?;
            let etag = etag.or(set.etag);
            let set = SetRecord { fetched_at: now, fresh_until, etag, ..set };
            return Ok(Fetched { set, body: None, keys: None, outcome: FetchOutcome::NotModified });
        };
        let digest: Digest = sha256(body);
        let len = u32::try_from(body.len()).map_err(|_| FetchOutcome::TooLarge)?;
        let keys = if held == Some(digest) { None } else { Some(K::admit(body, &self.admission)?) };
        let outcome = if self.record.describes(&digest) { FetchOutcome::Unchanged } else { FetchOutcome::Changed };
        let set = SetRecord { digest, len, fetched_at: now, fresh_until, etag };
        Ok(Fetched { set, body: Some(body), keys, outcome })
    }

    /// Makes the outcome known to every worker and to whoever waits on this one; drops it when the lease has passed on.
    fn conclude(&mut self, holder: u64, fetched: Result<Fetched<'_, K>, FetchOutcome>, turn: &mut Turn<'_>) {
        let mut before = self.record.clone();
        for last in (0..TRIES).rev().map(|left| left == 0) {
            let slot = if last { Slot::Alone } else { self.look(turn) };
            if !self.record.is_led_by(holder) {
                turn.effects.push(Effect::Count(Counter::Fetch(FetchOutcome::Late)));
                return self.settle(turn);
            }
            before = self.record.clone();
            if let (Ok(Fetched { body: Some(body), .. }), Slot::At(_)) = (&fetched, slot) {
                self.place.write_body(body, turn.shared);
            }
            let next = match &fetched {
                Ok(fetched) => before.succeeded(turn.now, fetched.set.clone()),
                Err(_) => before.failed(turn.now, schedule::backoff(before.failures.saturating_add(1), self.seed)),
            };
            if self.store(next, slot, turn) {
                break;
            }
        }
        match fetched {
            Ok(fetched) => self.succeed(fetched, &before, turn),
            Err(outcome) => self.fail(outcome, &before, turn),
        }
        self.settle(turn);
    }

    fn succeed(&mut self, fetched: Fetched<'_, K>, before: &Record, turn: &mut Turn<'_>) {
        let Fetched { set, keys, outcome, .. } = fetched;
        turn.effects.push(Effect::Count(Counter::Fetch(outcome)));
        if before.failures > 0 {
            turn.effects.push(Effect::Log(StateChange::Recovered(before.failures)));
        }
        let life = set.fresh_until.since(set.fetched_at);
        if let Some(keys) = keys {
            if outcome == FetchOutcome::Changed {
                tell_set(&keys, before.set.is_none(), turn);
            }
            self.hold(keys, set.digest, set.fetched_at, life, turn.now);
        } else if let Some(held) = self.held.as_mut().filter(|held| held.digest == set.digest) {
            // One that was replaced while the outcome was being published is brought back by the next look at the record.
            (held.told, held.since, held.life) = (set.fetched_at, turn.now, life);
        }
    }

    fn fail(&mut self, outcome: FetchOutcome, before: &Record, turn: &mut Turn<'_>) {
        turn.effects.push(Effect::Count(Counter::Fetch(outcome)));
        let was = match before.failures {
            0 => {
                turn.effects.push(Effect::Log(StateChange::Failing(outcome)));
                Standing::Fresh
            }
            _ => before.standing(self.remote.max_stale, before.attempted_at),
        };
        self.tell_standing(was, turn);
    }

    /// Logs that the set in use has become stale or gone since it stood as it `was`, at the last attempt of any worker.
    fn tell_standing(&self, was: Standing, turn: &mut Turn<'_>) {
        let standing = self.record.standing(self.remote.max_stale, turn.now);
        let age = self.record.set.as_ref().map_or(Duration::ZERO, |set| turn.now.since(set.fetched_at));
        match standing {
            Standing::Stale if was != standing => turn.effects.push(Effect::Log(StateChange::Stale(age))),
            Standing::Gone if was != standing => turn.effects.push(Effect::Log(StateChange::Gone(age))),
            _ => {}
        }
    }
}

fn tell_set<K: Keys>(keys: &K, first: bool, turn: &mut Turn<'_>) {
    let count = keys.count();
    turn.effects.push(Effect::Log(if first { StateChange::Obtained(count) } else { StateChange::Changed(count) }));
    let skipped = keys.skipped();
    let sum = skipped.iter().fold(0u32, |sum, (_, count)| sum.saturating_add(*count));
    if sum > 0 {
        turn.effects.push(Effect::Log(StateChange::Skipped(sum)));
    }
    turn.effects.extend(skipped.into_iter().map(|(reason, count)| Effect::Count(Counter::Skipped(reason, count))));
}
