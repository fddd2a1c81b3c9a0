//! A whole host on a virtual clock: canary, workers, timers and callouts, all in one deterministic order.
//!
//! ```no_run
//! use host_sim::{Answer, Host, Module, Outcome, Request};
//! use std::path::Path;
//!
//! let module = Module::from_file(Path::new("claimgate.wasm"))?;
//! let mut host = Host::builder(&module).workers(4).cluster("idp").build();
//! host.answer_with(|callout| match callout.header(":path") {
//!     Some("/jwks") => Answer::json(200, r#"{"keys":[]}"#),
//!     _ => Answer::status(404),
//! });
//! host.configure(br#"{"issuers":[]}"#)?;
//! let report = host.request(0, Request::get("/orders").bearer("a.b.c"));
//! assert_eq!(report.outcome.status(), Some(401));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod schedule;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::callout::{Answer, Callout, CalloutId};
use crate::headers::Pair;
use crate::log::{LogLine, VmName};
use crate::metrics::Snapshot;
use crate::module::Module;
use crate::process::Process;
use crate::profile::Update;
use crate::stream::{Outcome, Report, Request};
use crate::vm::{Rejected, Vm};
use crate::worker::{StreamId, Worker};

pub use builder::HostBuilder;
use schedule::Schedule;

type Responder = Box<dyn FnMut(&Callout) -> Answer + Send>;

/// A deterministic host.
pub struct Host {
    module: Module,
    process: Arc<Process>,
    workers: Vec<Worker>,
    responder: Option<Responder>,
    schedule: Schedule,
    pending: BTreeMap<CalloutId, Callout>,
    callout_counts: BTreeMap<(String, String), u64>,
    poisoned: bool,
    canary_pages: u64,
}

/// How long [`Host::request`] lets a held request wait, on the virtual clock.
const REQUEST_PATIENCE: Duration = Duration::from_secs(30);

impl Host {
    /// Begins setting a host up.
    pub fn builder(module: &Module) -> HostBuilder {
        HostBuilder::new(module.clone())
    }

    /// Answers callouts from now on; those already pending keep waiting.
    pub fn answer_with(&mut self, responder: impl FnMut(&Callout) -> Answer + Send + 'static) {
        self.responder = Some(Box::new(responder));
    }

    /// Leaves callouts from now on to [`Host::pending_callouts`] and [`Host::answer`].
    pub fn answer_by_hand(&mut self) {
        self.responder = None;
    }

    /// Tries a configuration on a canary, then gives it to every worker, where the one before drains.
    ///
    /// # Errors
    ///
    /// When the module refuses it or traps. What was served before is still served, except on nginx: its workers load a
    /// new configuration untried, into new VMs and an empty store, and do not survive one they refuse.
    pub fn configure(&mut self, configuration: &[u8]) -> Result<(), Rejected> {
        if self.poisoned {
            let reason =
                "a worker refused what the canary accepted: this VM takes no configuration any more".to_owned();
            return Err(Rejected { reason, log: Vec::new() });
        }
        let update = self.process.settings.rules().update;
        match update {
            Update::Tried => self.try_on_canary(configuration)?,
            Update::Restarted => self.process.shared_data.clear(),
        }
        let mut verdict = Ok(());
        for worker in 0..self.workers.len() {
            let configured = self.workers[worker].configure(configuration);
            self.note_callouts(worker);
            verdict = verdict.and(configured);
            if verdict.is_err() && update == Update::Tried {
                self.poisoned = true;
                break;
            }
        }
        verdict
    }

    /// Replaces a worker's VM by a new one with the same configuration. What the old one was doing is lost: its streams keep
    /// their reports as far as they got, and its callouts get no answer.
    ///
    /// # Errors
    ///
    /// When the new VM does not take the configuration.
    pub fn reload(&mut self, worker: usize) -> Result<(), Rejected> {
        let reloaded = self.workers[worker].reload();
        self.note_callouts(worker);
        reloaded
    }

    fn try_on_canary(&mut self, configuration: &[u8]) -> Result<(), Rejected> {
        let failed = |reason| Rejected { reason, log: Vec::new() };
        let mut canary = Vm::start(&self.module, self.process.clone(), VmName::Canary, 0).map_err(failed)?;
        let tried = canary.add_root(configuration);
        self.canary_pages = canary.memory_pages();
        tried.map(drop)
    }

    /// Starts a request on a worker.
    pub fn open(&mut self, worker: usize, request: Request) -> StreamId {
        let id = self.workers[worker].open(request);
        self.note_callouts(worker);
        id
    }

    /// What has become of a stream so far.
    ///
    /// # Panics
    ///
    /// When its report was already taken.
    pub fn outcome(&self, id: StreamId) -> &Outcome {
        let outcome = self.workers[id.worker].outcome(id);
        outcome.unwrap_or_else(|| panic!("the report of {id:?} was already taken"))
    }

    /// Shows the filter the upstream's response headers (`:status` first); returns them as the client gets them.
    pub fn respond(&mut self, id: StreamId, headers: Vec<Pair>, end_of_stream: bool) -> Vec<Pair> {
        let shown = self.workers[id.worker].with_vm(id.generation, |vm| vm.respond(id.context, headers, end_of_stream));
        self.note_callouts(id.worker);
        shown.unwrap_or_default()
    }

    /// Ends a stream, by the client's going away if it is still held, and takes its report.
    ///
    /// # Panics
    ///
    /// When its report was already taken.
    pub fn finish(&mut self, id: StreamId) -> Report {
        let report = self.workers[id.worker].finish(id);
        self.note_callouts(id.worker);
        report.unwrap_or_else(|| panic!("the report of {id:?} was already taken"))
    }

    /// A whole request: started, driven for up to 30 virtual seconds while it is held, and ended.
    pub fn request(&mut self, worker: usize, request: Request) -> Report {
        let id = self.open(worker, request);
        if self.advance_until_decided(id, REQUEST_PATIENCE) && self.outcome(id).upstream().is_some() {
            self.respond(id, vec![(b":status".to_vec(), b"200".to_vec())], true);
        }
        self.finish(id)
    }

    /// The callouts no answer has come to, oldest first.
    pub fn pending_callouts(&self) -> Vec<Callout> {
        let waits = |id: &CalloutId| self.live_vm(*id).is_some_and(|vm| vm.awaits(id.token));
        self.pending.values().filter(|callout| waits(&callout.id)).cloned().collect()
    }

    /// Answers a callout now, whatever was planned; false when the module no longer waits for it.
    pub fn answer(&mut self, id: CalloutId, outcome: crate::CalloutOutcome) -> bool {
        self.pending.remove(&id);
        self.schedule.forget(id);
        let VmName::Worker(worker) = id.vm else {
            return false;
        };
        let waited = self.live_vm(id).is_some_and(|vm| vm.awaits(id.token));
        if waited {
            self.workers[worker].with_vm(id.generation, |vm| vm.deliver(id.token, outcome));
            self.note_callouts(worker);
        }
        waited
    }

    /// How many callouts were started since the host was made, by cluster and URL.
    pub fn callout_counts(&self) -> &BTreeMap<(String, String), u64> {
        &self.callout_counts
    }

    /// How many callouts were started since the host was made.
    pub fn callout_count(&self) -> u64 {
        self.callout_counts.values().sum()
    }

    /// What all VMs share: the clock, shared data, metrics, the log, faults.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// The value of every metric.
    pub fn metrics(&self) -> Snapshot {
        self.process.metrics.snapshot()
    }

    /// The lines logged since the last call.
    pub fn take_log(&self) -> Vec<LogLine> {
        self.process.log.take()
    }

    /// The workers.
    pub fn workers(&self) -> &[Worker] {
        &self.workers
    }

    /// How worker VMs died since the host was made, worker by worker.
    pub fn traps(&self) -> Vec<&str> {
        self.workers.iter().flat_map(|worker| worker.traps()).map(String::as_str).collect()
    }

    /// Things no filter should do that live VMs saw it do.
    pub fn anomalies(&self) -> Vec<&str> {
        let vms = self.workers.iter().filter_map(Worker::vm);
        vms.flat_map(|vm| vm.anomalies()).map(String::as_str).collect()
    }

    /// The memory of the last canary in pages of 64 KiB.
    pub fn canary_pages(&self) -> u64 {
        self.canary_pages
    }

    /// Sets the wall clock, forward or back; timers and callouts do not notice.
    pub fn set_now(&self, since_epoch: Duration) {
        self.process.clock.set_wall(since_epoch);
    }

    fn live_vm(&self, id: CalloutId) -> Option<&Vm> {
        let VmName::Worker(worker) = id.vm else {
            return None;
        };
        let worker = self.workers.get(worker)?;
        worker.vm().filter(|vm| worker.generation() == id.generation && vm.trap().is_none())
    }
}
