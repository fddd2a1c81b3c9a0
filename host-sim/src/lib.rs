//! A deterministic proxy-wasm host that runs the real `claimgate.wasm`.
//!
//! A [`Module`] is compiled once. [`Host`] composes what a proxy makes of it: a canary and worker VMs ([`Worker`], [`Vm`])
//! that share a [`Process`], with timers and callouts on a virtual clock. What it imitates is a [`Profile`].

mod abi;
mod callout;
mod clock;
mod fault;
mod foreign;
mod headers;
mod host;
mod log;
mod metrics;
mod module;
mod process;
mod profile;
mod route;
mod shared_data;
mod status;
mod stream;
mod vm;
mod worker;

pub use callout::{Answer, Callout, CalloutId, CalloutOutcome, CalloutResponse};
pub use clock::{Clock, Reading};
pub use fault::{Faults, Occurrence, Strike};
pub use foreign::{ForeignFunction, ForeignFunctions, verify_signature};
pub use headers::{HeaderMap, MapRules, Pair};
pub use host::{Host, HostBuilder};
pub use log::{Level, Log, LogLine, VmName};
pub use metrics::{Metrics, Snapshot};
pub use module::{LoadError, Module};
pub use process::Process;
pub use profile::{Ability, Clusters, FailurePolicy, Profile, Settings};
pub use route::{Route, RouteProperties, ValueMatch};
pub use shared_data::{CasRules, SharedData};
pub use status::Status;
pub use stream::{ClientResponse, Failure, LocalReply, Outcome, Report, Request, Upstream};
pub use vm::{Rejected, Vm};
pub use worker::{StreamId, Worker};
