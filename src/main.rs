//! The `hs-secrets` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    hs_secrets::run_program(std::env::args_os())
}
