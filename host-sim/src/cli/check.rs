//! `claimgate check`: every mistake in a configuration.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, oracle};
use crate::host::Host;
use crate::module::Module;

/// What `check` is asked.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration, a JSON file.
    #[arg(value_name = "C")]
    configuration: PathBuf,
}

/// Prints what the module finds; true when it would serve the configuration.
pub(super) fn run(arguments: &Arguments, module: &Module) -> Result<bool, Failure> {
    let path = &arguments.configuration;
    let configuration = std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let mut host = Host::builder(module).build();
    let verdict = host.configure(&configuration);
    if let Err(rejected) = &verdict {
        oracle::mistakes(rejected).iter().for_each(|mistake| println!("{mistake}"));
    }
    oracle::warnings(&host.take_log()).iter().for_each(|warning| println!("warning: {warning}"));
    if verdict.is_ok() {
        println!("{}: accepted", path.display());
    }
    Ok(verdict.is_ok())
}
