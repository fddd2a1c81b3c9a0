//! What an operator sees of an issuer's keys: a counter for each outcome, one log line for each change of state.
//! Nothing here carries a byte that came from outside.

use std::fmt;
use std::time::Duration;

/// An enum whose variants have names for metrics and logs.
macro_rules! labelled {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident $label:literal)* }) => {
        $(#[$doc])*
        #[derive(Copy, Clone, PartialEq, Eq, Debug, Hash)]
        pub enum $name {
            $($(#[$about])* $variant,)*
        }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &[$name] = &[$(Self::$variant),*];

            /// The name in metrics and logs.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                }
            }
        }
    };
}

labelled! {
    /// How one fetch ended.
    FetchOutcome {
        /// 200 with a set that differs from the one held.
        Changed "changed"
        /// 200 with the set already held.
        Unchanged "unchanged"
        /// 304 for the set already held.
        NotModified "not_modified"
        /// The host would not send the request: no such cluster on this worker.
        Refused "refused"
        /// No answer, or one that broke off.
        Reset "reset"
        /// No answer in time, or 504, which is how Envoy says so.
        Timeout "timeout"
        /// 3xx. Redirects are never followed.
        Redirect "redirect"
        /// 4xx.
        ClientError "client_error"
        /// 5xx.
        ServerError "server_error"
        /// Any other status than 200.
        OddStatus "odd_status"
        /// 200 without a body.
        Empty "empty"
        /// A body with a content coding such as gzip, although none was asked for.
        Encoded "encoded"
        /// A body over `max_bytes`.
        TooLarge "too_large"
        /// A body shorter than its `content-length`.
        Truncated "truncated"
        /// A body that is not a key set.
        NotAKeySet "not_a_key_set"
        /// A key set of more keys than are read.
        TooManyKeys "too_many_keys"
        /// A key set without a single key that this issuer's tokens may be signed with.
        NoUsableKey "no_usable_key"
        /// A body that is not a discovery document.
        NotDiscovery "not_discovery"
        /// A discovery document of another issuer.
        WrongIssuer "wrong_issuer"
        /// A `jwks_uri` that is not https, or on a host that the configuration does not name.
        ForbiddenUrl "forbidden_url"
        /// The worker that fetched went away; another took over when its lease ran out.
        Abandoned "abandoned"
        /// An answer after another worker had taken over, or to no question of ours. It changes nothing.
        Late "late"
    }
}

labelled! {
    /// How the wait of one request for keys ended; counted by whoever keeps the waiting requests.
    WaitOutcome {
        /// Decided when the keys came.
        Decided "decided"
        /// Refused when they did not come.
        InVain "in_vain"
        /// Refused because the longest wait was over.
        TimedOut "timed_out"
        /// Refused at once because too many others were waiting.
        Crowded "crowded"
        /// The client went away.
        Gone "gone"
    }
}

labelled! {
    /// Why something found in shared data was not believed.
    SharedFault {
        /// The record has another format, version, size or owner.
        ForeignRecord "foreign_record"
        /// The set is missing, is not the one that the record describes, or would not be admitted here.
        ForeignBody "foreign_body"
    }
}

/// Something to count. Only the worker that fetched counts a fetch, so sums over workers are true.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Counter {
    /// One fetch ended.
    Fetch(FetchOutcome),
    /// So many keys of a new set were left out, for this reason.
    Skipped(&'static str, u32),
    /// Something in shared data was not believed.
    Shared(SharedFault),
}

/// A change of state worth one log line, told once in the whole process.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum StateChange {
    /// The first set, of so many usable keys.
    Obtained(usize),
    /// Another set than before, of so many usable keys.
    Changed(usize),
    /// A new set in which so many keys were left out.
    Skipped(u32),
    /// The first failure after a success, or the first ever.
    Failing(FetchOutcome),
    /// The set in use has outlived its time to live and is kept on; its age.
    Stale(Duration),
    /// The set has reached `max_stale` and is no longer used; its age.
    Gone(Duration),
    /// A fetch succeeded after so many failures.
    Recovered(u32),
    /// Shared data cannot be used: this worker fetches for itself.
    Alone,
    /// Shared data can be used again.
    Together,
}

impl StateChange {
    /// Whether an operator should look.
    pub fn is_warning(self) -> bool {
        !matches!(self, Self::Obtained(_) | Self::Changed(_) | Self::Recovered(_) | Self::Together)
    }
}

impl fmt::Display for StateChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Obtained(keys) => write!(f, "keys obtained, {keys} usable"),
            Self::Changed(keys) => write!(f, "keys changed, {keys} usable"),
            Self::Skipped(keys) => write!(f, "{keys} keys of the new set cannot be used and were left out"),
            Self::Failing(outcome) => write!(f, "keys cannot be fetched ({}); trying again", outcome.label()),
            Self::Stale(age) => write!(f, "keys are {} s old and still cannot be fetched; keeping them", age.as_secs()),
            Self::Gone(age) => write!(f, "keys are {} s old and no longer used; requests get 503", age.as_secs()),
            Self::Recovered(failures) => write!(f, "keys fetched again after {failures} failures"),
            Self::Alone => f.write_str("shared data cannot be used; this worker fetches keys for itself"),
            Self::Together => f.write_str("shared data can be used again"),
        }
    }
}
