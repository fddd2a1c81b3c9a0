//! The filter in front of the service, whichever host runs it.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use hyper::Uri;

use super::{Host, Scene};
use crate::server::{Options, Server};
use claimgate_devkit::envoy::{Envoy, Template};
use host_sim::Module;

/// A host that runs the module between a listener and the scene's service.
pub enum Gate {
    /// A real Envoy with two workers.
    Envoy(Box<Envoy>),
    /// The embedded host with two workers.
    Sim(Box<Server>),
}

impl Gate {
    /// Starts the host with what the template says: all of it on Envoy, the filter's configuration on the embedded host.
    ///
    /// # Errors
    /// What the host says about why it does not start.
    pub fn start(host: Host, scene: &Scene, template: &Template, wasm: &Path) -> Result<Self, Box<dyn Error>> {
        match host {
            Host::Envoy => Ok(Self::Envoy(Box::new(Envoy::start(template)?))),
            Host::Sim => Ok(Self::Sim(Box::new(serve(scene, template, wasm)?))),
        }
    }

    /// What to call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Envoy(_) => "envoy",
            Self::Sim(_) => "sim",
        }
    }

    /// Where requests go.
    pub fn address(&self) -> SocketAddr {
        match self {
            Self::Envoy(envoy) => envoy.listener(),
            Self::Sim(server) => server.address(),
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
            Self::Sim(server) => Ok(server.metrics()),
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

fn serve(scene: &Scene, template: &Template, wasm: &Path) -> Result<Server, Box<dyn Error>> {
    let configuration = template.filter_configuration().ok_or("the example has no filter configuration")?;
    let at = |address: SocketAddr| format!("http://{address}").parse::<Uri>();
    let clusters = [("workforce", scene.workforce.address()), ("partners", scene.partners.address())];
    let clusters = clusters.map(|(name, address)| at(address).map(|uri| (name.to_owned(), uri)));
    let options = Options {
        configuration: configuration.into_bytes(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        upstream: at(scene.upstream.address())?,
        clusters: clusters.into_iter().collect::<Result<BTreeMap<_, _>, _>>()?,
        workers: 2,
    };
    Ok(Server::start(&Module::from_file(wasm)?, options, |_| ())?)
}
