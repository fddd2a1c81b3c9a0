//! The filter in front of the service, whichever host runs it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::{Host, Scene};
use crate::envoy::Envoy;

/// A host that runs the module between a listener and the scene's service.
pub enum Gate {
    /// A real Envoy with two workers.
    Envoy(Box<Envoy>),
}

impl Gate {
    /// Starts the host with the configuration of `envoy/multi-issuer.yaml`.
    ///
    /// # Errors
    /// What the host says about why it does not start.
    pub fn start(host: Host, scene: &Scene, wasm: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        match host {
            Host::Envoy => Ok(Self::Envoy(Box::new(Envoy::start(&scene.template(wasm)?)?))),
            Host::Sim => Err("the embedded host cannot serve yet".into()),
        }
    }

    /// What to call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Envoy(_) => "envoy",
        }
    }

    /// Where requests go.
    pub fn address(&self) -> SocketAddr {
        match self {
            Self::Envoy(envoy) => envoy.listener(),
        }
    }

    /// The filter's own counters and gauges, by the names it gave them.
    ///
    /// # Errors
    /// When the host does not say.
    pub fn metrics(&self) -> io::Result<BTreeMap<String, u64>> {
        match self {
            Self::Envoy(envoy) => {
                let own = envoy.stats()?.into_iter();
                Ok(own
                    .filter_map(|(name, value)| Some((name.strip_prefix("wasmcustom.")?.to_owned(), value)))
                    .collect())
            }
        }
    }

    /// The counters of refusals alone, summed by their reason.
    ///
    /// # Errors
    /// As [`Gate::metrics`].
    pub fn refusals(&self) -> io::Result<BTreeMap<String, u64>> {
        let mut reasons = BTreeMap::new();
        for (name, value) in self.metrics()? {
            if let Some((_, reason)) = name.split_once("refused.reason.") {
                *reasons.entry(reason.to_owned()).or_insert(0) += value;
            }
        }
        Ok(reasons)
    }
}
