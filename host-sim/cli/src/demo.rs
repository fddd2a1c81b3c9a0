//! `claimgate demo`: two identity providers, a service that shows what it got, the filter in front of it, and a dozen requests.
//!
//! The configuration is `envoy/multi-issuer.yaml`, on both hosts.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};

mod cases;
mod gate;
mod scene;
mod table;
#[cfg(test)]
mod tests;

pub use gate::Gate;
pub use scene::{PARTNERS, Scene, WORKFORCE};

/// A host for the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Host {
    /// The embedded host.
    Sim,
    /// A real Envoy.
    Envoy,
}

/// The arguments of `claimgate demo`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Which host runs the module.
    #[arg(long, value_enum, default_value = "sim")]
    pub host: Host,
    /// Leave everything running afterwards and print curl commands.
    #[arg(long)]
    pub keep: bool,
}

/// Runs the demo with the module at `wasm` and prints its table. True when every request went as it should.
///
/// # Errors
/// One line that says what could not be started.
pub fn run(arguments: &Arguments, wasm: &Path) -> Result<bool, Box<dyn std::error::Error>> {
    let scene = Scene::start()?;
    let gate = Gate::start(arguments.host, &scene, &scene.template(wasm)?, wasm)?;
    println!("host: {}", gate.name());
    let rows = cases::play(&scene, &gate)?;
    print!("{}", table::text(&rows));
    if arguments.keep {
        print!("{}", cases::commands(&scene, gate.address(), now()));
        wait_for_interrupt()?;
    }
    Ok(rows.iter().all(|row| row.as_expected))
}

/// The table alone, as `claimgate demo` prints it under the host's name.
///
/// # Errors
/// As [`run`].
pub fn table(host: Host, wasm: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let scene = Scene::start()?;
    let gate = Gate::start(host, &scene, &scene.template(wasm)?, wasm)?;
    Ok(table::text(&cases::play(&scene, &gate)?))
}

/// Seconds since 1970. The demo's providers issue tokens in real time.
#[allow(clippy::disallowed_methods, reason = "the demo's own clock: its tokens are for the present")]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

fn wait_for_interrupt() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tokio::signal::ctrl_c())
}
