//! The `claimgate` command: one file for each subcommand.
//!
//! The command makes no decision itself: every verdict comes from the module, run on the embedded host (`host-sim`). The
//! demo ([`demo`]) and the reverse proxy ([`server`]) are public because the tests start them too.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bytes;
mod check;
pub mod demo;
mod explain;
mod jws;
mod lines;
mod oracle;
mod replay;
mod schema;
mod serve;
pub mod server;
mod wasm_file;

use wasm_file::Modules;

/// Tries, explains and serves the claimgate filter without a proxy.
#[derive(Debug, Parser)]
#[command(name = "claimgate", version)]
struct Cli {
    /// The module to run; otherwise the one in the workspace's target folder, by the configuration's `host`.
    #[arg(long, value_name = "FILE", global = true)]
    wasm: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts two identity providers, a service and the filter between them, and sends a dozen requests.
    Demo(demo::Arguments),
    /// Tells each step of one request's way through the filter, and why it ended there.
    Explain(explain::Arguments),
    /// Sends requests from JSON Lines through the filter and writes what came of each.
    Replay(replay::Arguments),
    /// Verifies signatures of tokens from JSON Lines, and nothing but signatures.
    Jws(jws::Arguments),
    /// Lists every mistake in a configuration.
    Check(check::Arguments),
    /// Serves a configuration as a reverse proxy.
    Serve(serve::Arguments),
    /// Prints the JSON Schema of the configuration.
    Schema,
}

/// Why a command did not do what it was asked.
type Failure = Box<dyn std::error::Error>;

/// Exit status 1: the thing asked about is not so, or could not be done.
const NOT_SO: u8 = 1;

/// Runs the command line this process was started with. Wrong usage ends the process with status 2.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NOT_SO),
        Err(failure) => {
            eprintln!("claimgate: {failure}");
            ExitCode::from(NOT_SO)
        }
    }
}

/// Whether a command line, the program's name first, is one that it would take; nothing is run.
///
/// # Errors
/// What is wrong with it.
pub fn understands(line: &[&str]) -> Result<(), String> {
    Cli::try_parse_from(line).map(drop).map_err(|error| error.to_string())
}

fn run(cli: Cli) -> Result<bool, Failure> {
    if let Command::Schema = cli.command {
        schema::run();
        return Ok(true);
    }
    let modules = Modules::new(cli.wasm);
    match cli.command {
        Command::Demo(arguments) => demo::run(&arguments, &modules.file()?),
        Command::Replay(arguments) => replay::run(&arguments, &modules).map(|()| true),
        Command::Jws(arguments) => jws::run(&arguments, modules.envoy()?).map(|()| true),
        Command::Explain(arguments) => explain::run(&arguments, &modules),
        Command::Check(arguments) => check::run(&arguments, &modules),
        Command::Serve(arguments) => serve::run(arguments, &modules).map(|()| true),
        Command::Schema => Ok(true),
    }
}
