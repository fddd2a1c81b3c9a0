//! A configuration is taken.

use crate::capabilities::probe;
use crate::crypto::Signatures;
use crate::filter::Filter;
use crate::host::{self, Buffer, Failed, Level};
use crate::metrics::Metrics;
use crate::mode::{Mode, SignatureLayer};
use crate::waiting::Waiting;
use claimgate_core::config::{Config, Host};
use claimgate_core::json::Located;
use claimgate_core::keyring::KeyRing;
use claimgate_core::log_limit::LogLimit;
use claimgate_core::remembered::TokenMemory;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The filter that all requests of a configuration share on this worker.
pub(crate) type SharedFilter = Rc<RefCell<Filter>>;

/// Configurations larger than this are refused.
const MAX_CONFIGURATION: usize = 4 * 1024 * 1024;

/// The hosts that this module is for, and what it says to a configuration for others. On any other host Envoy's module dies
/// because callbacks are missing, and a configuration that counts on Envoy lets requests through there.
const MADE_FOR: (Host, &str) = if cfg!(feature = "generic") {
    (Host::Generic, "must be \"generic\" in claimgate-generic.wasm; claimgate.wasm is the module for Envoy")
} else {
    (Host::Envoy, "\"generic\" takes claimgate-generic.wasm; this is claimgate.wasm, the module for Envoy")
};

/// What a root was configured to do.
#[derive(Clone)]
pub(crate) enum Work {
    /// Decide about requests.
    Gate(SharedFilter),
    /// Verify signatures, see [`Mode::Jws`].
    Jws(Rc<SignatureLayer>),
}

/// Takes the configuration that the host has for a root; logs what is wrong with one that is not taken.
pub(crate) fn configure(root: u32) -> Option<Work> {
    let mistakes = match read(root) {
        Ok(work) => return Some(work),
        Err(mistakes) => mistakes,
    };
    for Located { path, problem } in mistakes {
        host::log(Level::Error, &format!("configuration refused: {path}: {problem}"));
    }
    None
}

/// A pure function of the configuration: whatever else might fail must not, since a worker that refuses what the main
/// thread took leaves Envoy unable to update the filter ever again.
fn read(root: u32) -> Result<Work, Vec<Located>> {
    let mistake = |problem: &str| vec![Located { path: String::new(), problem: problem.to_owned() }];
    let mode = Mode::of_vm().ok_or_else(|| mistake("the VM's own configuration is not one of this filter's"))?;
    let text = host::buffer(Buffer::PluginConfiguration, MAX_CONFIGURATION.saturating_add(1))
        .map_err(|Failed(status)| mistake(&format!("the host did not hand it over: status {status}")))?;
    if text.len() > MAX_CONFIGURATION {
        return Err(mistake("longer than 4 MiB"));
    }
    if let Mode::Jws(crypto) = mode {
        return SignatureLayer::of(&text, crypto).map(|layer| Work::Jws(Rc::new(layer))).map_err(mistake);
    }
    let (config, warnings) = Config::parse(&text)?;
    if config.host != MADE_FOR.0 {
        return Err(vec![Located { path: "host".to_owned(), problem: MADE_FOR.1.to_owned() }]);
    }
    for Located { path, problem } in warnings {
        host::log(Level::Warn, &format!("configuration warning: {path}: {problem}"));
    }
    let now = host::now();
    let keys = KeyRing::new(&config, now.millis() ^ u64::from(root));
    let fetched = keys.remote_ids().len();
    let mut filter = Filter {
        root,
        capabilities: probe(&config, &keys, root),
        keys,
        memory: TokenMemory::new(&config.limits),
        metrics: Metrics::default(),
        lines: LogLimit::default(),
        waiting: Waiting::new(config.limits.waiting_requests, fetched, config.limits.wait_timeout),
        tick_period: None,
        last_round: None,
        urgent: BTreeSet::new(),
        callouts: Vec::new(),
        signatures: Signatures::self_tested(config.crypto, config.host),
        explains: mode == Mode::Explain,
        config,
    };
    filter.start_keys(now);
    filter.prepare_keys(usize::MAX, now);
    Ok(Work::Gate(Rc::new(RefCell::new(filter))))
}
