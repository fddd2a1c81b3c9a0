//! Finding the modules: one for Envoy and its family, one for any other host.

use std::cell::OnceCell;
use std::path::PathBuf;

use serde_json::Value;

use crate::Failure;
use host_sim::{Module, Profile};

/// Where a module is below a target folder.
const BELOW_TARGET: &str = "wasm32-wasip1/release";
const ENVOY: &str = "claimgate.wasm";
const GENERIC: &str = "claimgate-generic.wasm";

/// The modules that a command may need, each loaded when it is first asked for.
pub(crate) struct Modules {
    named: Option<PathBuf>,
    envoy: OnceCell<Module>,
    generic: OnceCell<Module>,
}

impl Modules {
    /// The file named on the command line for every host, otherwise the built modules.
    pub(crate) fn new(named: Option<PathBuf>) -> Self {
        Self { named, envoy: OnceCell::new(), generic: OnceCell::new() }
    }

    /// The file of the module for Envoy.
    pub(crate) fn file(&self) -> Result<PathBuf, Failure> {
        self.named.clone().map_or_else(|| locate(ENVOY), Ok)
    }

    /// The module for Envoy.
    pub(crate) fn envoy(&self) -> Result<&Module, Failure> {
        loaded(&self.envoy, || self.file())
    }

    /// The module that takes this configuration.
    pub(crate) fn for_configuration(&self, configuration: &[u8]) -> Result<&Module, Failure> {
        self.for_profile(configuration, Profile::Envoy)
    }

    /// The module that takes this configuration or that this host loads.
    pub(crate) fn for_profile(&self, configuration: &[u8], profile: Profile) -> Result<&Module, Failure> {
        let generic = profile == Profile::Nginx || is_generic(configuration);
        if generic && self.named.is_none() { loaded(&self.generic, || locate(GENERIC)) } else { self.envoy() }
    }
}

/// Whether a configuration says `"host": "generic"`. One that cannot be read is for either module to refuse.
fn is_generic(configuration: &[u8]) -> bool {
    serde_json::from_slice::<Value>(configuration).is_ok_and(|value| value["host"] == "generic")
}

fn loaded(cell: &OnceCell<Module>, file: impl FnOnce() -> Result<PathBuf, Failure>) -> Result<&Module, Failure> {
    if let Some(module) = cell.get() {
        return Ok(module);
    }
    let file = file()?;
    let module = Module::from_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(cell.get_or_init(|| module))
}

/// The module of this name beside this program in its target folder, else in that of `CARGO_TARGET_DIR` or `./target`.
fn locate(name: &str) -> Result<PathBuf, Failure> {
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.to_owned()));
    let from_cargo = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folders = [beside, from_cargo, Some(PathBuf::from("target"))];
    let below = |folder: PathBuf| folder.join(BELOW_TARGET).join(name);
    let candidates: Vec<PathBuf> = folders.into_iter().flatten().map(below).collect();
    candidates.iter().find(|file| file.is_file()).cloned().ok_or_else(|| {
        let tried: Vec<String> = candidates.iter().map(|file| file.display().to_string()).collect();
        format!("there is no module at {}; `make wasm` builds it, --wasm FILE names another", tried.join(" or ")).into()
    })
}
