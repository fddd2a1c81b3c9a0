//! The scene of the demo with the module in a real Envoy in front of it.

use std::path::PathBuf;

use host_sim::demo::Scene;
use host_sim::envoy::{Envoy, EnvoyError, Template};
use host_sim::exchange::{Request, Response};

pub use host_sim::demo::{PARTNERS, WORKFORCE, now};

/// Two providers, a service, and Envoy with two workers running `envoy/multi-issuer.yaml` between them.
pub struct Stage {
    /// What is around Envoy.
    pub scene: Scene,
    /// Envoy.
    pub envoy: Envoy,
}

impl Stage {
    /// Everything as in the file; headers with underscores reach the filter.
    ///
    /// # Panics
    /// When something cannot be started, with the reason.
    pub fn start() -> Self {
        Self::start_with(|_, template| template)
    }

    /// The same after changes to the scene and the file, made before Envoy starts.
    ///
    /// # Panics
    /// As [`Stage::start`].
    pub fn start_with(change: impl FnOnce(&Scene, Template) -> Template) -> Self {
        Self::try_start_with(change).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same where Envoy may refuse.
    ///
    /// # Errors
    /// What Envoy says.
    ///
    /// # Panics
    /// When the scene cannot be started.
    pub fn try_start_with(change: impl FnOnce(&Scene, Template) -> Template) -> Result<Self, EnvoyError> {
        let scene = Scene::start().expect("the providers and the service start");
        let template = change(&scene, scene.template(&module())?);
        let envoy = Envoy::start(&template)?;
        Ok(Self { scene, envoy })
    }

    /// Everything as in the file, with listeners that can be reloaded.
    ///
    /// # Panics
    /// As [`Stage::start`].
    pub fn start_reloadable() -> Self {
        let scene = Scene::start().expect("the providers and the service start");
        let envoy = scene.template(&module()).and_then(|template| Envoy::start_reloadable(&template));
        Self { scene, envoy: envoy.unwrap_or_else(|error| panic!("{error}")) }
    }

    /// Gives the running Envoy the file again after a change.
    ///
    /// # Errors
    /// When Envoy refuses and keeps what it had.
    pub fn reload_with(&self, change: impl FnOnce(Template) -> Template) -> Result<(), EnvoyError> {
        self.envoy.reload(&change(self.scene.template(&module())?))
    }

    /// Sends a request through Envoy.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn send(&self, request: &Request) -> Response {
        request.send(self.envoy.listener()).unwrap_or_else(|error| panic!("{error}\n{}", self.envoy.log()))
    }

    /// A counter or gauge of the filter, by the name it gave it.
    ///
    /// # Panics
    /// When Envoy does not answer.
    pub fn metric(&self, name: &str) -> u64 {
        self.envoy.stat(&format!("wasmcustom.{name}")).expect("Envoy's administration interface answers")
    }
}

/// The module that was built last.
///
/// # Panics
/// When there is none.
pub fn module() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    let module = target.join("wasm32-wasip1/release/claimgate.wasm");
    assert!(module.is_file(), "there is no module at {}: run `make wasm`", module.display());
    module
}

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
