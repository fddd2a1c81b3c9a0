//! A worker: the VM it has now, the configuration it serves, and what happens when the VM dies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::log::VmName;
use crate::module::Module;
use crate::process::Process;
use crate::profile::{FailurePolicy, Update};
use crate::stream::{Failure, Outcome, Report, Request};
use crate::vm::{Rejected, Vm};

/// Names a stream within a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// The worker's number.
    pub worker: usize,
    /// How many VMs the worker had before the stream's.
    pub generation: u32,
    /// The stream's context in its VM.
    pub context: u32,
}

/// One worker. It is `Send`: a thread may own it.
#[derive(Debug)]
pub struct Worker {
    index: usize,
    module: Module,
    process: Arc<Process>,
    vm: Option<Vm>,
    root: u32,
    configuration: Vec<u8>,
    generation: u32,
    last_load: Duration,
    failed: bool,
    traps: Vec<String>,
    traps_of_generation: Option<u32>,
    reports: BTreeMap<StreamId, Report>,
    refused: u32,
}

impl Worker {
    /// A worker without a configuration, which fails every request.
    pub fn new(index: usize, module: Module, process: Arc<Process>) -> Worker {
        Worker {
            index,
            module,
            process,
            vm: None,
            root: 0,
            configuration: Vec::new(),
            generation: 0,
            last_load: Duration::ZERO,
            failed: false,
            traps: Vec::new(),
            traps_of_generation: None,
            reports: BTreeMap::new(),
            refused: 0,
        }
    }

    /// Serves `configuration` from now on; the one before drains in the same VM.
    ///
    /// # Errors
    ///
    /// When the module refuses it: the one before goes on, except on nginx, where the worker is lost.
    pub fn configure(&mut self, configuration: &[u8]) -> Result<(), Rejected> {
        let dead = self.vm.as_ref().is_some_and(|vm| vm.trap().is_some());
        if dead || self.process.settings.rules().update == Update::Restarted {
            self.retire();
        }
        if self.vm.is_none() {
            self.configuration = configuration.to_vec();
            self.failed = false;
            return self.load();
        }
        let Some(vm) = &mut self.vm else {
            return Ok(());
        };
        match vm.add_root(configuration) {
            Ok(root) => {
                let old = std::mem::replace(&mut self.root, root);
                self.configuration = configuration.to_vec();
                vm.drain_root(old);
                self.note_trap();
                Ok(())
            }
            Err(rejected) => {
                self.note_trap();
                Err(rejected)
            }
        }
    }

    /// Puts the VM aside, whatever it is doing, and serves the same configuration from a new one.
    ///
    /// # Errors
    ///
    /// When the new VM does not take the configuration.
    pub(crate) fn reload(&mut self) -> Result<(), Rejected> {
        self.retire();
        self.load()
    }

    /// The VM, unless it could not be loaded.
    pub fn vm(&self) -> Option<&Vm> {
        self.vm.as_ref()
    }

    /// How the worker's VMs died, oldest first.
    pub fn traps(&self) -> &[String] {
        &self.traps
    }

    /// How many VMs the worker had before this one.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Runs something in the live VM of this generation, and notes whether it died of it.
    pub fn with_vm<T>(&mut self, generation: u32, act: impl FnOnce(&mut Vm) -> T) -> Option<T> {
        let result = self.vm.as_mut().filter(|_| generation == self.generation).map(act);
        self.note_trap();
        result
    }

    /// Starts a request, first reloading a dead VM if the policy says so and the time has come.
    pub fn open(&mut self, request: Request) -> StreamId {
        if let Err(message) = self.revive() {
            return self.fail(message);
        }
        let root = self.root;
        let generation = self.generation;
        match self.with_vm(generation, |vm| vm.open(root, request)) {
            Some(context) => StreamId { worker: self.index, generation, context },
            None => self.fail("the worker has no VM".to_owned()),
        }
    }

    /// What has become of a stream so far; `None` once its report is taken.
    pub fn outcome(&self, id: StreamId) -> Option<&Outcome> {
        let vm = self.vm.as_ref().filter(|_| id.generation == self.generation);
        let live = vm.and_then(|vm| vm.outcome(id.context));
        live.or_else(|| self.reports.get(&id).map(|report| &report.outcome))
    }

    /// Ends a stream and takes its report. One that was still held has the outcome [`Outcome::Disconnected`].
    pub fn finish(&mut self, id: StreamId) -> Option<Report> {
        if let Some(report) = self.reports.remove(&id) {
            return Some(report);
        }
        self.with_vm(id.generation, |vm| {
            vm.disconnect(id.context);
            vm.take_report(id.context)
        })?
    }

    fn revive(&mut self) -> Result<(), String> {
        let trap = self.vm.as_ref().and_then(|vm| vm.trap().map(str::to_owned));
        let lost = trap.or_else(|| self.failed.then(|| "the worker did not survive its configuration".to_owned()));
        let Some(message) = lost else {
            return Ok(());
        };
        let now = self.process.clock.now().steady;
        match self.process.settings.failure_policy {
            FailurePolicy::Reload { backoff } if !self.failed && now >= self.last_load + backoff => {
                self.retire();
                self.load().map_err(|rejected| rejected.to_string())
            }
            _ => Err(message),
        }
    }

    /// Puts the VM aside for the next one; its streams keep their reports, as far as they got.
    fn retire(&mut self) {
        if let Some(old) = self.vm.take() {
            let (worker, generation) = (self.index, self.generation);
            let own = |(context, report)| (StreamId { worker, generation, context }, report);
            self.reports.extend(old.into_reports().into_iter().map(own));
            self.generation += 1;
        }
    }

    fn load(&mut self) -> Result<(), Rejected> {
        self.last_load = self.process.clock.now().steady;
        let name = VmName::Worker(self.index);
        let start = Vm::start(&self.module, self.process.clone(), name, self.generation);
        let mut vm = start.map_err(|reason| Rejected { reason, log: Vec::new() })?;
        let root = vm.add_root(&self.configuration);
        match root {
            Ok(root) => {
                self.root = root;
                self.vm = Some(vm);
                Ok(())
            }
            Err(rejected) => {
                self.failed = true;
                self.traps.extend(vm.trap().map(str::to_owned));
                Err(rejected)
            }
        }
    }

    fn note_trap(&mut self) {
        let trap = self.vm.as_ref().and_then(|vm| vm.trap()).map(str::to_owned);
        let noted = self.traps_of_generation == Some(self.generation);
        if let Some(trap) = trap.filter(|_| !noted) {
            self.traps_of_generation = Some(self.generation);
            self.traps.push(trap);
        }
    }

    fn fail(&mut self, message: String) -> StreamId {
        self.refused += 1;
        let id = StreamId { worker: self.index, generation: self.generation, context: u32::MAX - self.refused };
        let status = self.process.settings.rules().failure_status;
        let outcome = Outcome::Failed(Failure { status, message });
        self.reports.insert(id, Report::of(outcome));
        id
    }
}
