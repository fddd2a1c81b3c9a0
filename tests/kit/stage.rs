//! The scene of the demo with the module in front of it, in the embedded host or in a real Envoy.

use std::error::Error;
use std::path::PathBuf;

use claimgate_cli::demo::{Gate, Scene};
use claimgate_devkit::envoy::{Envoy, EnvoyError, Template};
use claimgate_devkit::exchange::{Request, Response};

pub use claimgate_cli::demo::{Host, PARTNERS, WORKFORCE, now};

/// Two providers, a service, and a host with two workers running `envoy/multi-issuer.yaml` between them.
pub struct Stage {
    /// What is around the host.
    pub scene: Scene,
    /// The host.
    pub gate: Gate,
}

impl Stage {
    /// Everything as in the file; headers with underscores reach the filter.
    ///
    /// # Panics
    /// When something cannot be started, with the reason.
    pub fn start(host: Host) -> Self {
        Self::start_with(host, |_, template| template)
    }

    /// The same after changes to the scene and the file, made before the host starts.
    ///
    /// # Panics
    /// As [`Stage::start`].
    pub fn start_with(host: Host, change: impl FnOnce(&Scene, Template) -> Template) -> Self {
        Self::try_start_with(host, change).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same where the host may refuse.
    ///
    /// # Errors
    /// What the host says.
    ///
    /// # Panics
    /// When the scene cannot be started.
    pub fn try_start_with(
        host: Host,
        change: impl FnOnce(&Scene, Template) -> Template,
    ) -> Result<Self, Box<dyn Error>> {
        let scene = Scene::start().expect("the providers and the service start");
        let template = change(&scene, scene.template(&module())?);
        let gate = Gate::start(host, &scene, &template, &module())?;
        Ok(Self { scene, gate })
    }

    /// Everything as in the file on an Envoy whose listeners can be reloaded.
    ///
    /// # Panics
    /// As [`Stage::start`].
    pub fn start_reloadable() -> Self {
        let scene = Scene::start().expect("the providers and the service start");
        let envoy = scene.template(&module()).and_then(|template| Envoy::start_reloadable(&template));
        let envoy = envoy.unwrap_or_else(|error| panic!("{error}"));
        Self { scene, gate: Gate::Envoy(Box::new(envoy)) }
    }

    /// Gives a running Envoy the file again after a change.
    ///
    /// # Errors
    /// When Envoy refuses and keeps what it had.
    ///
    /// # Panics
    /// On the embedded host.
    pub fn reload_with(&self, change: impl FnOnce(Template) -> Template) -> Result<(), EnvoyError> {
        let Gate::Envoy(envoy) = &self.gate else { panic!("only Envoy reloads") };
        envoy.reload(&change(self.scene.template(&module())?))
    }

    /// Sends a request through the host.
    ///
    /// # Panics
    /// When there is no answer, with the host's log.
    pub fn send(&self, request: &Request) -> Response {
        request.send(self.gate.address()).unwrap_or_else(|error| panic!("no answer: {error}\n{}", self.log()))
    }

    /// Envoy's log; nothing on the embedded host.
    pub fn log(&self) -> String {
        match &self.gate {
            Gate::Envoy(envoy) => envoy.log(),
            Gate::Sim(_) => String::new(),
        }
    }

    /// A counter or gauge of the filter, by the name it gave it.
    ///
    /// # Panics
    /// When the host does not say.
    pub fn metric(&self, name: &str) -> u64 {
        self.gate.metrics().expect("the host tells its metrics").get(name).copied().unwrap_or(0)
    }
}

/// The module for Envoy that was built last, or the file that `CLAIMGATE_MODULE` names.
///
/// # Panics
/// When there is none.
pub fn module() -> PathBuf {
    std::env::var_os("CLAIMGATE_MODULE").map_or_else(|| built("claimgate.wasm"), PathBuf::from)
}

/// The module for other hosts that was built last: what `"host": "generic"` takes.
///
/// # Panics
/// When there is none.
pub fn generic_module() -> PathBuf {
    built("claimgate-generic.wasm")
}

fn built(name: &str) -> PathBuf {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let module = target.join("wasm32-wasip1/release").join(name);
    assert!(module.is_file(), "there is no module at {}: run `make wasm`", module.display());
    module
}
