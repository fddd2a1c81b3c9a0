//! Where hosts differ. The simulator asks these rules and never which profile it imitates.

use std::time::Duration;

use super::Profile;
use crate::shared_data::CasRules;
use crate::status::Status;

/// Everything that one host does in another way than the others.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Exports without which a module is not loaded.
    pub(crate) required_exports: &'static [&'static str],
    /// Imports that the host offers with another signature, which keeps a module that has them from loading.
    pub(crate) incompatible_imports: &'static [&'static str],
    /// Callbacks that the host calls without a look at the exports: a module that lacks one crashes it.
    pub(crate) unchecked_callbacks: &'static [&'static str],
    /// Host calls that crash the host.
    pub(crate) fatal_hostcalls: &'static [&'static str],
    /// What becomes of a host call made where it makes no sense.
    pub(crate) misuse: Misuse,
    /// How a new configuration reaches the workers.
    pub(crate) update: Update,
    /// How root contexts are numbered.
    pub(crate) root_ids: RootIds,
    /// Whether every VM of a worker gets `proxy_on_vm_start`, or its first one alone.
    pub(crate) starts_every_vm: bool,
    /// What a root context's properties answer.
    pub(crate) root_properties: RootProperties,
    /// Whether a tick period can be changed.
    pub(crate) tick: TickPeriod,
    /// The resolution of the clock.
    pub(crate) clock_step: Duration,
    /// What a paused request does.
    pub(crate) pause: Pause,
    /// The status of a request whose VM trapped.
    pub(crate) failure_status: u16,
    /// Whether `set_effective_context` changes anything.
    pub(crate) changes_context: bool,
    /// Whether a request without a body is announced as ended with its headers.
    pub(crate) announces_end: bool,
    /// Whether the host itself answers a request with two `Authorization` headers with 400.
    pub(crate) refuses_second_authorization: bool,
    /// Whether request headers stay readable after the request went on.
    pub(crate) keeps_maps_open: bool,
    /// Whether trailers are shown to the module.
    pub(crate) shows_trailers: bool,
    /// Whether the module is shown the body of a response, at least its end.
    pub(crate) shows_response_body: bool,
    /// How a local response reaches the client.
    pub(crate) local_replies: LocalReplies,
    /// What names the target of a callout.
    pub(crate) targets: Targets,
    /// The first callout token.
    pub(crate) first_token: u32,
    /// How a failed callout is presented.
    pub(crate) failures: CalloutFailures,
    /// The status of a callout's body that is not there.
    pub(crate) absent_body: Status,
    /// The status of a foreign function on a host that lacks them all.
    pub(crate) no_foreign_functions: Status,
    /// The rules of shared data.
    pub(crate) cas: CasRules,
}

/// What becomes of a host call made where it makes no sense: in a root context, outside a callout's callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// It answers with a status.
    Answered,
    /// It crashes the host.
    Crashes,
}

/// How a new configuration reaches the workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Update {
    /// A canary tries it first; it then joins the configuration before it in the same VM.
    Tried,
    /// Untried, into new VMs and an empty store.
    Restarted,
}

/// How root contexts are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RootIds {
    /// With the streams, from 1.
    Counted,
    /// By a checksum of the configuration.
    Checksum,
}

/// What a root context's properties answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RootProperties {
    /// A value or `NotFound`.
    Readable,
    /// The plugin's name crashes the host during configuration, and a dotted path is an internal failure.
    Hazardous,
}

/// Whether a tick period can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TickPeriod {
    /// A new period replaces the one before.
    Replaced,
    /// A second period traps.
    SetOnce,
}

/// What a paused request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    /// It is held until it is resumed or answered.
    Holds,
    /// It goes on at once; a callout from a request that was not paused crashes the host.
    GoesOn,
}

/// How a local response reaches the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalReplies {
    /// As given; trailers-only for gRPC; a second one is ignored.
    AsGiven,
    /// Only the last of headers with one name; no gRPC; a second one traps; a status below 100 is refused.
    LastOfEachName,
}

/// What names the target of a callout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Targets {
    /// A cluster, which must be known.
    Clusters,
    /// `host:port`, looked up later; allowed in some callbacks only.
    Addresses,
}

/// How a failed callout is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CalloutFailures {
    /// As a response of the proxy, or as nothing where the stream was reset.
    AsResponse,
    /// As no headers, with the failure under a name of the host's own.
    AsDispatchStatus,
}

const ENVOY: Rules = Rules {
    required_exports: &[],
    incompatible_imports: &[],
    unchecked_callbacks: &[],
    fatal_hostcalls: &[],
    misuse: Misuse::Answered,
    update: Update::Tried,
    root_ids: RootIds::Counted,
    starts_every_vm: true,
    root_properties: RootProperties::Readable,
    tick: TickPeriod::Replaced,
    clock_step: Duration::from_nanos(1),
    pause: Pause::Holds,
    failure_status: 503,
    changes_context: true,
    announces_end: true,
    refuses_second_authorization: false,
    keeps_maps_open: false,
    shows_trailers: true,
    shows_response_body: false,
    local_replies: LocalReplies::AsGiven,
    targets: Targets::Clusters,
    first_token: 1,
    failures: CalloutFailures::AsResponse,
    absent_body: Status::NotFound,
    no_foreign_functions: Status::NotFound,
    cas: CasRules::Envoy,
};

const MINIMAL: Rules = Rules { no_foreign_functions: Status::Unimplemented, ..ENVOY };

const NGINX: Rules = Rules {
    required_exports: &["proxy_on_context_create", "proxy_on_vm_start", "proxy_on_configure"],
    incompatible_imports: &["env.proxy_get_log_level"],
    unchecked_callbacks: &[
        "proxy_on_request_headers",
        "proxy_on_request_body",
        "proxy_on_response_headers",
        "proxy_on_response_body",
        "proxy_on_log",
        "proxy_on_done",
    ],
    fatal_hostcalls: &["proxy_done", "proxy_get_status"],
    misuse: Misuse::Crashes,
    update: Update::Restarted,
    root_ids: RootIds::Checksum,
    starts_every_vm: false,
    root_properties: RootProperties::Hazardous,
    tick: TickPeriod::SetOnce,
    clock_step: Duration::from_millis(1),
    pause: Pause::GoesOn,
    failure_status: 500,
    changes_context: false,
    announces_end: false,
    refuses_second_authorization: true,
    keeps_maps_open: true,
    shows_trailers: false,
    shows_response_body: true,
    local_replies: LocalReplies::LastOfEachName,
    targets: Targets::Addresses,
    first_token: 0,
    failures: CalloutFailures::AsDispatchStatus,
    absent_body: Status::BadArgument,
    no_foreign_functions: Status::NotFound,
    cas: CasRules::Nginx,
};

impl Profile {
    /// How this host differs from the others.
    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Self::Envoy => &ENVOY,
            Self::Nginx => &NGINX,
            Self::Minimal => &MINIMAL,
        }
    }
}
