//! The `claimgate` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    host_sim::cli::main()
}
