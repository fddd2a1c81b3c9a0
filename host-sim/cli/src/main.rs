//! The `claimgate` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    claimgate_cli::main()
}
