//! Setting a host up.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Host;
use super::schedule::Schedule;
use crate::clock::Clock;
use crate::log::Log;
use crate::module::Module;
use crate::process::Process;
use crate::profile::{Ability, Clusters, FailurePolicy, Profile, Settings};
use crate::route::{Route, RouteProperties};
use crate::worker::Worker;

/// A host being set up. Unless told otherwise: Envoy, one worker, any cluster, 2026-01-01T00:00:00Z, seed 0.
#[derive(Debug, Clone)]
pub struct HostBuilder {
    module: Module,
    settings: Settings,
    workers: usize,
    unix_seconds: u64,
}

/// 2026-01-01T00:00:00Z.
const START: u64 = 1_767_225_600;

impl HostBuilder {
    pub(super) fn new(module: Module) -> HostBuilder {
        HostBuilder { module, settings: Settings::new(Profile::Envoy), workers: 1, unix_seconds: START }
    }

    /// Imitates this host, with everything it can do and nothing it cannot. Call it first.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.settings = Settings::new(profile);
        self
    }

    /// How many workers.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Takes an ability away.
    pub fn without(mut self, ability: Ability) -> Self {
        self.settings.missing.insert(ability);
        self
    }

    /// Adds a cluster; once one is named, only those named exist.
    pub fn cluster(mut self, name: &str) -> Self {
        let mut names = match self.settings.clusters {
            Clusters::Any => Default::default(),
            Clusters::Only(names) => names,
        };
        names.insert(name.to_owned());
        self.settings.clusters = Clusters::Only(names);
        self
    }

    /// What becomes of a worker whose VM trapped.
    pub fn failure_policy(mut self, policy: FailurePolicy) -> Self {
        self.settings.failure_policy = policy;
        self
    }

    /// The VM's own configuration.
    pub fn vm_configuration(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.settings.vm_configuration = bytes.into();
        self
    }

    /// Where the wall clock starts.
    pub fn now(mut self, unix_seconds: u64) -> Self {
        self.unix_seconds = unix_seconds;
        self
    }

    /// Seeds randomness and the order of things due at the same time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Adds a route after those already there. A request that none takes is answered 404 after the filter.
    pub fn route(mut self, route: Route) -> Self {
        self.settings.routes.push(route);
        self
    }

    /// Sets when the properties of a route show a new pick.
    pub fn route_properties(mut self, shown: RouteProperties) -> Self {
        self.settings.route_properties = shown;
        self
    }

    /// Turns a hostcall into a stub that answers 10, as a capability restriction does.
    pub fn restrict_hostcall(mut self, name: &str) -> Self {
        self.settings.restricted_hostcalls.insert(name.to_owned());
        self
    }

    /// Keeps a callback from being called, as a capability restriction does.
    pub fn restrict_callback(mut self, name: &str) -> Self {
        self.settings.restricted_callbacks.insert(name.to_owned());
        self
    }

    /// Changes any other setting.
    pub fn settings(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The host, not yet configured.
    pub fn build(self) -> Host {
        let seed = self.settings.seed;
        let process = Process::new(self.settings, Clock::at(self.unix_seconds), Log::default());
        let worker = |index| Worker::new(index, self.module.clone(), process.clone());
        Host {
            workers: (0..self.workers).map(worker).collect(),
            module: self.module.clone(),
            process,
            responder: None,
            schedule: Schedule::seeded(seed),
            pending: BTreeMap::new(),
            callout_counts: BTreeMap::new(),
            poisoned: false,
            canary_pages: 0,
        }
    }
}

impl HostBuilder {
    /// The least time between two loads of a worker's VM after traps; zero reloads at once.
    pub fn reload_after(self, backoff: Duration) -> Self {
        self.failure_policy(FailurePolicy::Reload { backoff })
    }
}
