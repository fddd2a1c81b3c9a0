//! What happens to an issuer's keys, and what is to be done about it.

use super::report::{Counter, FetchOutcome, StateChange};
use std::time::Duration;

/// Something that happened.
#[derive(Copy, Clone, Debug)]
pub enum Event<'a> {
    /// The configuration was taken. Looks for keys that other workers have, and never fetches: the canary that Envoy kills
    /// at once goes this way too.
    Configured,
    /// Time has passed. The only event that begins a fetch. To be sent at least twice a second to each worker; on a host
    /// without ticks, from the request path.
    Tick,
    /// A request found no key and may wait. Looks at what other workers have, so the request is best decided again at
    /// once: without waiting it may be admitted, or refused for good. Wakes nobody, and what is still missing is fetched
    /// with the next tick; so a request that waits nevertheless is woken by it.
    Wanted {
        /// The kid it asked for, if its token named one.
        kid: Option<&'a str>,
    },
    /// A callout was answered.
    Answered {
        /// The callout's.
        ticket: u64,
        /// What came.
        answer: Answer<'a>,
    },
    /// A callout was not sent, or brought no answer.
    Failed {
        /// The callout's.
        ticket: u64,
        /// Why.
        failure: FetchFailure,
    },
}

/// An answer as the host tells it.
#[derive(Copy, Clone, Debug)]
pub struct Answer<'a> {
    /// Its headers, with `:status` among them; names in any case.
    pub headers: &'a [(Vec<u8>, Vec<u8>)],
    /// Its body. Reading one byte more than [`Callout::max_bytes`] is enough.
    pub body: &'a [u8],
}

/// How a callout can end without an answer.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum FetchFailure {
    /// The host would not send it.
    Refused,
    /// It broke off, or its answer could not be read.
    Reset,
    /// It took too long.
    Timeout,
}

/// Something to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Send this, from the root context. A refusal of the host is a [`FetchFailure::Refused`] at once.
    Dispatch(Callout),
    /// Decide the requests that wait for this issuer's keys again. One that may still wait goes on waiting, no longer than
    /// it might have anyway, and is told as [`Event::Wanted`] again.
    DecideAgain,
    /// Refuse the requests that wait for this issuer's keys: the fetch they waited for failed and there are no keys.
    RefuseWaiting {
        /// For `Retry-After`.
        retry_after: Duration,
    },
    /// Send the next [`Event::Tick`] no later than this, if the host can.
    TickWithin(Duration),
    /// Write one line.
    Log(StateChange),
    /// Count something.
    Count(Counter),
}

/// A request to a provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Callout {
    /// Comes back with the answer. No two callouts of one [`Jwks`](super::Jwks) have the same.
    pub ticket: u64,
    /// Who is asked, as the configuration names it.
    pub cluster: String,
    /// The whole head, pseudo-headers first. There is no body.
    pub headers: Vec<(&'static str, String)>,
    /// How long it may take.
    pub timeout: Duration,
    /// The largest body that will be accepted, in bytes.
    pub max_bytes: usize,
}

/// What a request that found no key may expect.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Missing {
    /// A fetch may bring the key.
    MayWait,
    /// The provider was asked and has no such key: the token is not valid.
    Absent,
    /// Nobody can tell; it is not the client's fault.
    Unavailable {
        /// For `Retry-After`, at least one second.
        retry_after: Duration,
    },
}

impl From<FetchFailure> for FetchOutcome {
    fn from(failure: FetchFailure) -> Self {
        match failure {
            FetchFailure::Refused => Self::Refused,
            FetchFailure::Reset => Self::Reset,
            FetchFailure::Timeout => Self::Timeout,
        }
    }
}
