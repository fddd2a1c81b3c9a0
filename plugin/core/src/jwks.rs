//! The life of one issuer's keys, as a state machine without I/O: what happened goes in together with the time, what is to
//! be done comes out. Shared data is an argument like the time is.
//!
//! Each worker of a process has one [`Jwks`] per issuer. They agree through a small record in shared data, which every
//! worker reads at each tick and at each request that finds no key:
//!
//! - **One fetcher.** Whoever sees that a fetch is due puts a lease into the record, by compare-and-swap and for a limited
//!   time, and only then asks the provider. A worker that goes away is replaced when its lease runs out.
//! - **Fresh ahead of time.** A set is fetched again from 80 % of its life on. Its life is `ttl`; `Cache-Control` may shorten
//!   it down to a minute and never lengthens it, so `ttl` bounds how long a withdrawn key can work.
//! - **Bounded stale.** Whatever goes wrong, the last good set is used until `max_stale` after the provider last confirmed
//!   it; attempts back off from a second to a minute. After that there are no keys, which is never the client's fault.
//! - **Unknown kid.** Causes a fetch at once: a rotation is picked up by the first request that shows it. At most three such
//!   fetches happen in a cool-down in the whole process, each for another kid. A kid is absent only when a fetch that began
//!   after it was first asked for has succeeded; it is then remembered and causes no fetch for a while. A kid that nobody
//!   could ask for, because the cool-down is used up, is unavailable and never absent.
//! - **Withdrawn means withdrawn.** A new set replaces the old one in every worker at its next tick, and
//!   [`Jwks::generation`] moves, so that whatever was verified under the old one can be forgotten.
//!
//! Where shared data cannot be used, the same machine works from its own copy of the record: each worker then fetches for
//! itself. Where there are no ticks, [`Event::Tick`] comes from the request path.

mod absent;
mod discovery;
mod event;
mod fetch;
mod follow;
mod meta;
mod record;
mod refresh;
mod report;
mod schedule;
mod shared;
mod source;
mod url;

pub use event::{Answer, Callout, Effect, Event, FetchFailure, Missing};
pub use report::{Counter, FetchOutcome, SharedFault, StateChange, WaitOutcome};
pub use shared::{NoShared, Shared, Swap, Unshared};
pub use source::{Endpoint, Location, Remote};
pub use url::{Scheme, Url, UrlError};

use crate::keyset::{Admission, KeySet, KeySetError};
use crate::time::Timestamp;
use absent::{AbsentKids, Kid, Wanted};
use follow::Mark;
use record::{MAX_FORCED, Record};
use refresh::Flight;
use schedule::has_passed;
use shared::Place;
use source::Digest;
use std::time::Duration;

/// A set of keys, as far as its life goes.
pub trait Keys: Sized {
    /// What decides which keys are usable.
    type Admission;

    /// Reads a set and keeps the keys that are usable, of which there is at least one.
    ///
    /// # Errors
    /// [`FetchOutcome::NotAKeySet`], [`FetchOutcome::TooManyKeys`] or [`FetchOutcome::NoUsableKey`].
    fn admit(body: &[u8], admission: &Self::Admission) -> Result<Self, FetchOutcome>;

    /// How many keys are usable.
    fn count(&self) -> usize;

    /// How many keys were left out, by the label of the reason.
    fn skipped(&self) -> Vec<(&'static str, u32)>;
}

impl Keys for KeySet {
    type Admission = Admission;

    fn admit(body: &[u8], admission: &Admission) -> Result<Self, FetchOutcome> {
        Self::parse(body, admission).map_err(|error| match error {
            KeySetError::NotJson | KeySetError::NotAKeySet => FetchOutcome::NotAKeySet,
            KeySetError::TooManyKeys => FetchOutcome::TooManyKeys,
            KeySetError::NoUsableKey => FetchOutcome::NoUsableKey,
        })
    }

    fn count(&self) -> usize {
        Self::count(self)
    }

    fn skipped(&self) -> Vec<(&'static str, u32)> {
        self.skipped().iter().map(|(reason, count)| (reason.label(), *count)).collect()
    }
}

/// One issuer's keys in one worker.
pub struct Jwks<K: Keys = KeySet> {
    remote: Remote,
    admission: K::Admission,
    place: Place,
    seed: u64,
    /// The record as this worker last saw or wrote it; the only one where shared data cannot be used.
    record: Record,
    held: Option<Held<K>>,
    generation: u64,
    flight: Option<Flight>,
    tickets: u64,
    wanted: Wanted,
    absent: AbsentKids,
    /// The shared set that was not believed, by digest and time, so that it is read and counted once.
    rejected: Option<(Digest, Timestamp)>,
    alone: bool,
    /// When this worker last looked at what the others have.
    looked: Option<Timestamp>,
    settled: Mark,
}

/// The set in use on this worker.
struct Held<K> {
    keys: K,
    digest: Digest,
    /// The record's time of the fetch, word for word, to notice when it moves.
    told: Timestamp,
    /// When this set was last confirmed, never in the future: the age counts from here.
    since: Timestamp,
    life: Duration,
}

/// What happens to the event at hand: its time, the shared map, and what is to be done about it.
struct Turn<'a> {
    now: Timestamp,
    shared: &'a mut dyn Shared,
    effects: Vec<Effect>,
}

/// Whether an unknown kid may cause a fetch.
#[derive(Copy, Clone, PartialEq, Eq)]
enum MayForce {
    Yes,
    /// One is under way.
    Running,
    /// As many as may be happened; the cool-down lasts until then.
    Cooling(Timestamp),
}

impl<K: Keys> Jwks<K> {
    /// The keys of a source, none yet. `seed` spreads this worker's fetches; it wants to differ between issuers, workers and
    /// processes.
    pub fn new(remote: Remote, admission: K::Admission, seed: u64) -> Self {
        Self {
            place: Place::new(remote.binding()),
            absent: AbsentKids::new(remote.unknown_kid_cooldown, remote.ttl),
            remote,
            admission,
            seed,
            record: Record::new(),
            held: None,
            generation: 0,
            flight: None,
            tickets: 0,
            wanted: Wanted::default(),
            rejected: None,
            alone: false,
            looked: None,
            settled: Mark::default(),
        }
    }

    /// Takes an event and says what is to be done, in this order.
    pub fn handle(&mut self, now: Timestamp, shared: &mut dyn Shared, event: Event<'_>) -> Vec<Effect> {
        if now.is_unset() {
            // The host cannot tell the time, perhaps only this once: such a moment neither ages keys nor begins anything.
            return Vec::new();
        }
        let mut turn = Turn { now, shared, effects: Vec::new() };
        self.mind_the_clock(now);
        match event {
            Event::Configured => {
                self.look(&mut turn);
            }
            Event::Tick => self.tick(&mut turn),
            Event::Wanted { kid } => self.want(kid, &mut turn),
            Event::Answered { ticket, answer } => self.answered(ticket, &answer, &mut turn),
            Event::Failed { ticket, failure } => self.unanswered(ticket, failure.into(), &mut turn),
        }
        turn.effects
    }

    /// The keys to verify with: the last good set, while it is no older than `max_stale`.
    pub fn usable(&self, now: Timestamp) -> Option<&K> {
        let held = self.held.as_ref()?;
        (now.since(held.since) <= self.remote.max_stale).then_some(&held.keys)
    }

    /// What a request may expect for whose token [`usable`](Self::usable) is nothing, or has nothing: no key of that kid, or
    /// for a token without one no key that fits. A first answer is always [`Missing::MayWait`]: only after an
    /// [`Event::Wanted`] (or a tick) at this very `now` has this worker seen what the others have. Never
    /// [`Missing::Absent`] while a failure leaves doubt.
    pub fn missing(&self, now: Timestamp, kid: Option<&str>) -> Missing {
        if self.looked != Some(now) {
            return Missing::MayWait;
        }
        if self.usable(now).is_none() {
            return match self.held {
                None => Missing::MayWait,
                Some(_) => Missing::Unavailable { retry_after: self.retry_after(now) },
            };
        }
        let kid = Kid::new(kid);
        let retry_after = match self.may_force(now) {
            _ if self.is_absent(kid, now) && !self.is_in_doubt(now) => return Missing::Absent,
            MayForce::Running => return Missing::MayWait,
            MayForce::Yes if !self.is_tried(kid, now) => return Missing::MayWait,
            MayForce::Yes => self.retry_after(now),
            MayForce::Cooling(until) => until.since(now).max(schedule::SPACING),
        };
        Missing::Unavailable { retry_after }
    }

    /// When it is worth asking again while there are no keys: at least a second, at most about a minute.
    pub fn retry_after(&self, now: Timestamp) -> Duration {
        self.record.next_attempt.since(now).clamp(schedule::SPACING, schedule::BACKOFF_CAP)
    }

    /// Counts the sets of this worker; zero before the first. The same number means the same content.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether both are fetched from one source under the same terms, and so use the same entries in shared data.
    pub fn shares_with(&self, other: &Self) -> bool {
        self.place.is(&other.place)
    }

    /// Clears this source's entries in shared data. A worker that still uses the source reads nothing there and brings the
    /// record back.
    pub fn clear_shared(&self, shared: &mut dyn Shared) {
        self.place.clear(shared);
    }

    /// How long ago the provider last confirmed the set held, used or not.
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        self.held.as_ref().map(|held| now.since(held.since))
    }

    /// How many usable keys the set in use has.
    pub fn count(&self, now: Timestamp) -> usize {
        self.usable(now).map_or(0, Keys::count)
    }

    /// A clock that was set back makes nothing live longer than it could have from now on.
    fn mind_the_clock(&mut self, now: Timestamp) {
        self.wanted.clamp_to(now);
        let lease = schedule::lease(&self.remote);
        if let Some(held) = &mut self.held {
            held.since = held.since.min(now);
        }
        if let Some(flight) = &mut self.flight {
            flight.until = flight.until.min(now.after(lease));
        }
    }

    fn may_force(&self, now: Timestamp) -> MayForce {
        if self.is_leased(now) && self.record.lease.is_some_and(|lease| lease.forced) {
            return MayForce::Running;
        }
        match self.record.forced.get(MAX_FORCED.saturating_sub(1)) {
            Some(oldest) if !has_passed(oldest.asked.at, self.cooldown(), now) => {
                MayForce::Cooling(oldest.asked.at.after(self.cooldown()))
            }
            _ => MayForce::Yes,
        }
    }

    fn cooldown(&self) -> Duration {
        self.remote.unknown_kid_cooldown.max(schedule::SPACING)
    }

    /// Whether a fetch that succeeded was asked for this kid, a short while ago.
    fn is_absent(&self, kid: Kid, now: Timestamp) -> bool {
        let forced = self.record.forced_for(kid, self.cooldown(), now);
        forced.is_some_and(|forced| self.record.has_answered(forced.asked)) || self.absent.pauses(kid, now)
    }

    /// Whether this kid causes no other fetch for now: one was asked for it and has ended, well or not.
    fn is_tried(&self, kid: Kid, now: Timestamp) -> bool {
        self.record.forced_for(kid, self.cooldown(), now).is_some() || self.absent.pauses(kid, now)
    }

    fn is_leased(&self, now: Timestamp) -> bool {
        self.record.is_leased(schedule::lease(&self.remote), now)
    }

    fn is_in_doubt(&self, now: Timestamp) -> bool {
        self.record.is_in_doubt(schedule::lease(&self.remote), now)
    }
}

#[cfg(test)]
mod tests;
