//! Finding the module.

use std::path::{Path, PathBuf};

use crate::Failure;
use host_sim::Module;

/// Where the module is below a target folder.
const BELOW_TARGET: &str = "wasm32-wasip1/release/claimgate.wasm";

/// The file named on the command line, else the one beside this program in its target folder, else that of
/// `CARGO_TARGET_DIR` or `./target`.
pub(crate) fn locate(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.to_owned()));
    let from_cargo = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folders = [beside, from_cargo, Some(PathBuf::from("target"))];
    let candidates: Vec<PathBuf> = folders.into_iter().flatten().map(|folder| folder.join(BELOW_TARGET)).collect();
    candidates.iter().find(|file| file.is_file()).cloned().ok_or_else(|| {
        let tried: Vec<String> = candidates.iter().map(|file| file.display().to_string()).collect();
        format!("there is no module at {}; `make wasm` builds it, --wasm FILE names another", tried.join(" or ")).into()
    })
}

pub(crate) fn load(file: &Path) -> Result<Module, Failure> {
    Module::from_file(file).map_err(|error| format!("{}: {error}", file.display()).into())
}
