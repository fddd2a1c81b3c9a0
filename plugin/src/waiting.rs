//! Requests that wait for keys: bounded in number and time, each decided exactly once.
//!
//! Half of the slots are shared out among the issuers whose keys are fetched, the rest is for whoever comes first. So the
//! requests of one issuer, whose tokens anybody can make up, never take the last slots of another.

use claimgate_core::issuer::IssuerId;
use claimgate_core::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// The requests that wait on this worker.
pub(crate) struct Waiting {
    /// How many slots each issuer has to itself.
    reserved: usize,
    /// How many slots beyond those any issuer may take.
    common: usize,
    longest: Duration,
    requests: Vec<WaitingRequest>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct WaitingRequest {
    pub(crate) context: u32,
    pub(crate) issuer: IssuerId,
    pub(crate) until: Timestamp,
}

impl Waiting {
    /// At most `most` requests wait, of that many issuers. With more issuers than slots none are reserved.
    pub(crate) fn new(most: usize, issuers: usize, longest: Duration) -> Self {
        let half = (most / 2).checked_div(issuers).unwrap_or(0);
        let reserved = half.max(usize::from(issuers <= most));
        let common = most.saturating_sub(reserved.saturating_mul(issuers));
        Self { reserved, common, longest, requests: Vec::new() }
    }

    /// Takes a request in, unless its issuer's slots and the common ones are taken.
    pub(crate) fn admit(&mut self, context: u32, issuer: IssuerId, now: Timestamp) -> bool {
        let mut held: BTreeMap<IssuerId, usize> = BTreeMap::new();
        for request in &self.requests {
            let count = held.entry(request.issuer).or_default();
            *count = count.saturating_add(1);
        }
        let beyond: usize = held.values().map(|count| count.saturating_sub(self.reserved)).sum();
        let room = held.get(&issuer).copied().unwrap_or(0) < self.reserved || beyond < self.common;
        if room {
            self.requests.push(WaitingRequest { context, issuer, until: now.after(self.longest) });
        }
        room
    }

    /// Takes back a request that may still wait, for no longer than before.
    pub(crate) fn readmit(&mut self, request: WaitingRequest) {
        self.requests.push(request);
    }

    /// Forgets a request whose client went away.
    pub(crate) fn forget(&mut self, context: u32) -> Option<WaitingRequest> {
        let at = self.requests.iter().position(|request| request.context == context)?;
        Some(self.requests.swap_remove(at))
    }

    /// Takes out everyone who waits for that issuer.
    pub(crate) fn take_for(&mut self, issuer: IssuerId) -> Vec<WaitingRequest> {
        self.take(|request| request.issuer == issuer)
    }

    /// Takes out everyone whose time is over. A clock that was set back does not keep anybody waiting.
    pub(crate) fn take_overdue(&mut self, now: Timestamp) -> Vec<WaitingRequest> {
        let latest = now.after(self.longest);
        self.take(|request| request.until <= now || request.until > latest)
    }

    /// The issuers that requests wait for.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = IssuerId> {
        self.requests.iter().map(|request| request.issuer)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    fn take(&mut self, which: impl Fn(&WaitingRequest) -> bool) -> Vec<WaitingRequest> {
        let (taken, left) = self.requests.drain(..).partition(which);
        self.requests = left;
        taken
    }
}
