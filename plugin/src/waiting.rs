//! Requests that wait for keys: bounded in number and time, each decided exactly once.

use claimgate_core::issuer::IssuerId;
use claimgate_core::time::Timestamp;
use std::time::Duration;

/// The requests that wait on this worker.
pub(crate) struct Waiting {
    most: usize,
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
    pub(crate) fn new(most: usize, longest: Duration) -> Self {
        Self { most, longest, requests: Vec::new() }
    }

    /// Takes a request in, unless there are too many.
    pub(crate) fn admit(&mut self, context: u32, issuer: IssuerId, now: Timestamp) -> bool {
        let room = self.requests.len() < self.most;
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

    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    fn take(&mut self, which: impl Fn(&WaitingRequest) -> bool) -> Vec<WaitingRequest> {
        let (taken, left) = self.requests.drain(..).partition(which);
        self.requests = left;
        taken
    }
}
