//! The kids that requests wait for, and those that a fetch did not bring, so that asking for one again and again does not
//! fetch again and again.

use super::record::Asked;
use super::schedule::has_come;
use super::source::{Digest, sha256};
use crate::time::Timestamp;
use std::time::Duration;

/// How many kids are remembered, and how many are asked for at once.
pub(super) const CAPACITY: usize = 64;

/// Kids known to be absent from the set held, each with the time before which it causes no refresh. Forgotten as a whole
/// when the set changes.
pub(super) struct AbsentKids {
    entries: Vec<Absent>,
    first: Duration,
    longest: Duration,
}

struct Absent {
    kid: Digest,
    until: Timestamp,
    pause: Duration,
}

impl AbsentKids {
    /// A kid pauses for `first` when it was looked for in vain, twice as long each time after, up to `longest`.
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { entries: Vec::new(), first, longest: longest.max(first) }
    }

    /// Whether this kid causes no refresh at `now`.
    pub(super) fn pauses(&self, kid: Kid, now: Timestamp) -> bool {
        self.entries.iter().any(|absent| absent.kid == kid.0 && !has_come(absent.until, absent.pause, now))
    }

    /// A refresh for this kid did not bring it.
    pub(super) fn note(&mut self, kid: Kid, now: Timestamp) {
        let pause = match self.entries.iter().position(|absent| absent.kid == kid.0) {
            Some(at) => self.entries.swap_remove(at).pause.saturating_mul(2).min(self.longest),
            None => self.first,
        };
        if self.entries.len() >= CAPACITY {
            let soonest = self.entries.iter().enumerate().min_by_key(|(_, absent)| absent.until).map(|(at, _)| at);
            self.entries.swap_remove(soonest.unwrap_or(0));
        }
        self.entries.push(Absent { kid: kid.0, until: now.after(pause), pause });
    }

    /// The set changed: all may be asked for again.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// A kid from a token by its digest, so that any length takes the same room; of a token without one, zeros.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Kid(pub(super) Digest);

impl Kid {
    pub(super) fn new(kid: Option<&str>) -> Self {
        Self(kid.map_or([0; 32], |kid| sha256(kid.as_bytes())))
    }
}

/// What requests on this worker wait for.
#[derive(Default)]
pub(super) struct Wanted {
    /// Any keys at all.
    pub(super) keys: bool,
    /// To be decided again: they need not wait, but may do so already.
    pub(super) again: bool,
    /// Keys that the set in use does not have, each with when it was first asked for.
    kids: Vec<(Kid, Asked)>,
}

impl Wanted {
    /// No kids are wanted, perhaps any keys at all.
    pub(super) fn keys(keys: bool) -> Self {
        Self { keys, ..Self::default() }
    }

    /// Notes that a request waits for this kid. A request beyond the capacity waits as well, but its kid is not remembered.
    pub(super) fn add(&mut self, kid: Kid, asked: Asked) {
        if self.kids.len() < CAPACITY && !self.kids().any(|known| known == kid) {
            self.kids.push((kid, asked));
        }
    }

    /// Moves times that lie ahead of a clock that was set back.
    pub(super) fn clamp_to(&mut self, now: Timestamp) {
        self.kids.iter_mut().for_each(|(_, asked)| asked.at = asked.at.min(now));
    }

    /// The kids waited for, oldest first.
    pub(super) fn kids(&self) -> impl Iterator<Item = Kid> {
        self.kids.iter().map(|(kid, _)| *kid)
    }

    /// Whether a request waits for a kid.
    pub(super) fn any_kid(&self) -> bool {
        !self.kids.is_empty()
    }

    /// Whether a request waits for anything to be fetched.
    pub(super) fn any(&self) -> bool {
        self.keys || self.any_kid()
    }

    /// Takes out the kids of which `which` holds.
    pub(super) fn take_kids(&mut self, mut which: impl FnMut(Kid, Asked) -> bool) -> Vec<Kid> {
        self.kids.extract_if(.., |(kid, asked)| which(*kid, *asked)).map(|(kid, _)| kid).collect()
    }
}
