//! What all VMs of one host process share.

use std::sync::Arc;

use crate::clock::Clock;
use crate::fault::Faults;
use crate::foreign::ForeignFunctions;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::profile::Settings;
use crate::shared_data::SharedData;

/// The state of a host process outside its VMs: it outlives any of them.
#[derive(Debug)]
pub struct Process {
    /// How the host was set up.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// The key-value store.
    pub shared_data: SharedData,
    /// The metrics.
    pub metrics: Metrics,
    /// The log.
    pub log: Log,
    /// Faults to inject.
    pub faults: Faults,
    /// Functions that modules may call by name.
    pub foreign: ForeignFunctions,
}

impl Process {
    /// A process with empty stores.
    pub fn new(settings: Settings, clock: Clock, log: Log) -> Arc<Process> {
        let foreign = ForeignFunctions::of(settings.profile);
        Arc::new(Process {
            shared_data: SharedData::new(settings.rules().cas),
            settings,
            clock,
            metrics: Metrics::default(),
            log,
            faults: Faults::default(),
            foreign,
        })
    }
}
