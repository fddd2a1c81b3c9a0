//! Keeping level with the other workers, and with the requests that wait on this one.

use super::absent::{Kid, Wanted};
use super::record::Record;
use super::report::{Counter, SharedFault, StateChange};
use super::schedule::has_passed;
use super::shared::{Found, Swap, TRIES, Unshared};
use super::source::Digest;
use super::{Effect, Held, Jwks, Keys, MayForce, Missing, Turn, schedule};
use crate::time::Timestamp;
use std::time::Duration;

/// How things stood when the waiting requests were last thought of.
#[derive(Copy, Clone, PartialEq, Eq, Default)]
pub(super) struct Mark {
    usable: bool,
    generation: u64,
    attempts: u64,
}

/// Where the record at hand was found, and so where the next one goes.
#[derive(Copy, Clone)]
pub(super) enum Slot {
    /// In shared data, under this compare-and-swap number.
    At(u32),
    /// Here alone.
    Alone,
    /// Others were quicker every time.
    Busy,
}

impl<K: Keys> Jwks<K> {
    /// Takes over the shared record and the set it describes; brings the record back when it is lost or not ours.
    pub(super) fn look(&mut self, turn: &mut Turn<'_>) -> Slot {
        for last in (0..TRIES).rev().map(|left| left == 0) {
            let (fault, cas) = match self.place.read(turn.shared) {
                Ok(Found::Record(record, cas)) => {
                    self.set_alone(false, turn);
                    self.record = record;
                    self.take_set(turn);
                    self.looked = Some(turn.now);
                    return Slot::At(cas);
                }
                Ok(Found::Nothing(cas)) => (None, cas),
                Ok(Found::Foreign(cas)) => (Some(SharedFault::ForeignRecord), cas),
                Err(Unshared) => break,
            };
            turn.effects.extend(fault.map(|fault| Effect::Count(Counter::Shared(fault))));
            // Without a lease of its own, which is taken in a second step: on Envoy the first write of all wins every race.
            match self.place.write(&self.record, cas, turn.shared) {
                Ok(_) if last => return Slot::Busy,
                Ok(_) => {}
                Err(Unshared) => break,
            }
        }
        self.set_alone(true, turn);
        self.looked = Some(turn.now);
        Slot::Alone
    }

    /// Writes the next record where the one at hand was found. False when another worker was quicker.
    pub(super) fn store(&mut self, next: Record, slot: Slot, turn: &mut Turn<'_>) -> bool {
        match slot {
            Slot::Busy => return false,
            Slot::At(cas) => match self.place.write(&next, cas, turn.shared) {
                Ok(Swap::Mismatch) => return false,
                Ok(Swap::Done) => {}
                Err(Unshared) => self.set_alone(true, turn),
            },
            Slot::Alone => {}
        }
        self.record = next;
        true
    }

    /// Takes a set into use. The times are the record's; whatever lies in the future counts as now.
    pub(super) fn hold(&mut self, keys: K, digest: Digest, told: Timestamp, life: Duration, now: Timestamp) {
        self.held = Some(Held { keys, digest, told, since: told.min(now), life });
        self.generation = self.generation.saturating_add(1);
        self.absent.clear();
        self.rejected = None;
    }

    /// A request found no key. It may be waiting already, so it is always woken; at once nobody is, since this may be in
    /// the middle of that very request.
    pub(super) fn want(&mut self, kid: Option<&str>, turn: &mut Turn<'_>) {
        let before = self.mark(turn.now);
        self.look(turn);
        let after = self.mark(turn.now);
        let first = !self.wanted.any();
        if first {
            // An attempt that ended before anybody waited is not the one to wait for.
            self.settled.attempts = after.attempts;
        }
        self.wanted.keys |= !after.usable;
        if after.is_news(before) || self.missing(turn.now, kid) != Missing::MayWait {
            self.wanted.again = true;
        } else if after.usable {
            self.wanted.add(Kid::new(kid), self.record.ask(turn.now));
        }
        if first && self.wanted.any() {
            turn.effects.push(Effect::TickWithin(Duration::ZERO));
        }
    }

    /// Wakes the waiting requests when what they wait for came, failed, or will not come.
    pub(super) fn settle(&mut self, turn: &mut Turn<'_>) {
        let after = self.mark(turn.now);
        let before = std::mem::replace(&mut self.settled, after);
        if !after.usable {
            // After a success whose set could not be read here, the next attempt may still bring it.
            let failed = after.attempts != before.attempts && self.record.failures > 0;
            let gone = self.generation != before.generation;
            if (self.wanted.keys && (failed || gone)) || self.wanted.again || self.wanted.any_kid() {
                // Keys that went are still wanted, though nobody waits for them.
                self.wanted = Wanted::keys(self.wanted.keys && !failed);
                turn.effects.push(Effect::RefuseWaiting { retry_after: self.retry_after(turn.now) });
            }
            return;
        }
        let changed = self.wanted.keys || after.is_news(before);
        let settled = self.settle_kids(changed, turn.now);
        if changed || settled || self.wanted.again {
            (self.wanted.keys, self.wanted.again) = (false, false);
            turn.effects.push(Effect::DecideAgain);
        }
    }

    /// Ends the wait for kids on which the provider has spoken and for those that no fetch will be asked for; with a new set
    /// for all, since whoever still misses a kid says so when it is decided again. Returns whether a wait ended.
    fn settle_kids(&mut self, changed: bool, now: Timestamp) -> bool {
        let mut wanted = std::mem::take(&mut self.wanted);
        let fetched_at = self.record.set.as_ref().map_or(Timestamp::from_millis(0), |set| set.fetched_at);
        let recent = !has_passed(fetched_at, self.cooldown(), now);
        let answered = wanted.take_kids(|_, asked| recent && self.record.has_answered(asked));
        let running = self.may_force(now) == MayForce::Running;
        let over = changed || matches!(self.may_force(now), MayForce::Cooling(_));
        let left = wanted.take_kids(|kid, _| over || (!running && self.is_tried(kid, now)));
        self.wanted = wanted;
        let settled = !answered.is_empty() || !left.is_empty();
        answered.into_iter().for_each(|kid| self.absent.note(kid, now));
        settled
    }

    fn mark(&self, now: Timestamp) -> Mark {
        let usable = self.usable(now).is_some();
        Mark { usable, generation: self.generation, attempts: self.record.attempts }
    }

    /// Takes the set that the record describes into use, when it is another than the one held. One that is too old for use
    /// as well: the one held is no longer the issuer's.
    fn take_set(&mut self, turn: &mut Turn<'_>) {
        let Some(set) = &self.record.set else { return };
        let life = set.fresh_until.since(set.fetched_at).min(schedule::life(&self.remote, None));
        let (digest, told) = (set.digest, set.fetched_at);
        match &mut self.held {
            Some(held) if held.digest == digest => {
                if held.told != told {
                    // A confirmation from the future proves nothing about the present.
                    let since = if told <= turn.now { told } else { held.since };
                    (held.told, held.since, held.life) = (told, since, life);
                }
                self.rejected = None;
            }
            _ if self.rejected == Some((digest, told)) => {}
            _ => {
                let admit = |body: Vec<u8>| K::admit(&body, &self.admission).map_err(|_| SharedFault::ForeignBody);
                match self.place.read_body(set, turn.shared).and_then(admit) {
                    Ok(keys) => self.hold(keys, digest, told, life, turn.now),
                    Err(fault) => {
                        self.rejected = Some((digest, told));
                        turn.effects.push(Effect::Count(Counter::Shared(fault)));
                    }
                }
            }
        }
    }

    fn set_alone(&mut self, alone: bool, turn: &mut Turn<'_>) {
        if self.alone != alone {
            self.alone = alone;
            turn.effects.push(Effect::Log(if alone { StateChange::Alone } else { StateChange::Together }));
        }
    }
}

impl Mark {
    /// Whether there are keys now that there were not before.
    fn is_news(self, before: Self) -> bool {
        self.usable && (!before.usable || self.generation != before.generation)
    }
}
