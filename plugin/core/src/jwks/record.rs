//! What all workers know together about an issuer's keys, and how an attempt to fetch changes it.

use super::absent::Kid;
use super::schedule::{self, has_come, has_passed};
use super::source::Digest;
use crate::time::Timestamp;
use std::time::Duration;

/// How many fetches unknown kids may cause within one cool-down.
pub(super) const MAX_FORCED: usize = 3;

/// How many kids are recorded with such a fetch.
pub(super) const MAX_ASKED: usize = 4;

/// The shared state of one issuer's keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    /// The set that is in use, once there is one.
    pub(super) set: Option<SetRecord>,
    /// Counts finished attempts, good and bad.
    pub(super) attempts: u64,
    /// When the last attempt began or ended.
    pub(super) attempted_at: Timestamp,
    /// Failures in a row.
    pub(super) failures: u32,
    /// The earliest time of the next attempt after a failure.
    pub(super) next_attempt: Timestamp,
    /// Who is fetching.
    pub(super) lease: Option<Lease>,
    /// The number of the last attempt that succeeded, as `attempts` counts them.
    pub(super) answered: u64,
    /// The last fetches that unknown kids caused, the latest first, at most [`MAX_FORCED`].
    pub(super) forced: Vec<Forced>,
}

/// A fetch that unknown kids caused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Forced {
    /// When it began.
    pub(super) asked: Asked,
    /// What it was asked for, at most [`MAX_ASKED`].
    pub(super) kids: Vec<Kid>,
}

/// When the provider was, or is to be, asked for something.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Asked {
    pub(super) at: Timestamp,
    /// The first attempt whose success answers it.
    pub(super) attempt: u64,
}

/// A set that was fetched and admitted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SetRecord {
    /// SHA-256 of its bytes, which is what it is known by.
    pub(super) digest: Digest,
    /// How many bytes it has.
    pub(super) len: u32,
    /// When the provider last said that this is its set.
    pub(super) fetched_at: Timestamp,
    /// When it ought to be fetched again at the latest.
    pub(super) fresh_until: Timestamp,
    /// The validator to ask with next time (RFC 9110 section 8.8.3).
    pub(super) etag: Option<Etag>,
}

/// A validator and the URL it is about, by digest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Etag {
    pub(super) url: Digest,
    pub(super) value: String,
}

/// The right to fetch, for a limited time.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Lease {
    pub(super) holder: u64,
    pub(super) until: Timestamp,
    /// Whether an unknown kid is the reason.
    pub(super) forced: bool,
}

/// How old the set in use is, in steps that are worth telling.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    None,
    Fresh,
    Stale,
    Gone,
}

impl Record {
    /// Nothing is known.
    pub(super) fn new() -> Self {
        let epoch = Timestamp::from_millis(0);
        Self {
            set: None,
            attempts: 0,
            attempted_at: epoch,
            failures: 0,
            next_attempt: epoch,
            lease: None,
            answered: 0,
            forced: Vec::new(),
        }
    }

    /// Whether somebody is fetching. `longest` is how long a lease can last.
    pub(super) fn is_leased(&self, longest: Duration, now: Timestamp) -> bool {
        self.lease.is_some_and(|lease| !has_come(lease.until, longest, now))
    }

    /// Whether the last attempt failed or was never finished.
    pub(super) fn is_in_doubt(&self, longest: Duration, now: Timestamp) -> bool {
        self.failures > 0 || (self.lease.is_some() && !self.is_leased(longest, now))
    }

    /// Whether that holder is, or was last, the one to fetch.
    pub(super) fn is_led_by(&self, holder: u64) -> bool {
        self.lease.is_some_and(|lease| lease.holder == holder)
    }

    /// Whether the pause after the last failure is over.
    pub(super) fn is_rested(&self, now: Timestamp) -> bool {
        has_come(self.next_attempt, schedule::BACKOFF_CAP.saturating_mul(2), now)
    }

    /// The fetch of the last cool-down that this kid caused, if one did.
    pub(super) fn forced_for(&self, kid: Kid, cooldown: Duration, now: Timestamp) -> Option<&Forced> {
        self.forced.iter().find(|forced| forced.kids.contains(&kid) && !has_passed(forced.asked.at, cooldown, now))
    }

    /// What only an attempt that begins from now on answers. One that is under way may have been answered already.
    pub(super) fn ask(&self, now: Timestamp) -> Asked {
        let begun = u64::from(self.lease.is_some());
        Asked { at: now, attempt: self.attempts.saturating_add(1).saturating_add(begun) }
    }

    /// Whether an attempt that began after this was asked has succeeded.
    pub(super) fn has_answered(&self, asked: Asked) -> bool {
        self.answered >= asked.attempt && self.set.as_ref().is_some_and(|set| set.fetched_at >= asked.at)
    }

    /// An attempt begins, caused by these kids where the lease is forced. A lease that nobody gave back counts as a failure:
    /// whoever held it is gone.
    pub(super) fn claimed(&self, now: Timestamp, lease: Lease, kids: Vec<Kid>) -> Self {
        let mut next = self.clone();
        if self.lease.is_some() {
            next.failures = self.failures.saturating_add(1);
        }
        next.lease = Some(lease);
        next.attempted_at = now;
        if lease.forced {
            let asked = Asked { at: now, attempt: self.attempts.saturating_add(1) };
            next.forced.insert(0, Forced { asked, kids });
            next.forced.truncate(MAX_FORCED);
        }
        next
    }

    /// The attempt brought nothing; the next one comes after `pause` at the earliest.
    pub(super) fn failed(&self, now: Timestamp, pause: Duration) -> Self {
        let mut next = self.finished(now);
        next.failures = self.failures.saturating_add(1);
        next.next_attempt = now.after(pause);
        next
    }

    /// The attempt brought this set, or confirmed it.
    pub(super) fn succeeded(&self, now: Timestamp, set: SetRecord) -> Self {
        let mut next = self.finished(now);
        next.answered = next.attempts;
        next.set = Some(set);
        next.failures = 0;
        next.next_attempt = Timestamp::from_millis(0);
        next
    }

    /// Whether the set in use is this one.
    pub(super) fn describes(&self, digest: &Digest) -> bool {
        self.set.as_ref().is_some_and(|set| set.digest == *digest)
    }

    /// How the set in use stood, or stands, at that time.
    pub(super) fn standing(&self, max_stale: Duration, at: Timestamp) -> Standing {
        match &self.set {
            None => Standing::None,
            Some(set) if at.since(set.fetched_at) > max_stale => Standing::Gone,
            Some(set) if at > set.fresh_until => Standing::Stale,
            Some(_) => Standing::Fresh,
        }
    }

    fn finished(&self, now: Timestamp) -> Self {
        Self { lease: None, attempts: self.attempts.saturating_add(1), attempted_at: now, ..self.clone() }
    }
}
