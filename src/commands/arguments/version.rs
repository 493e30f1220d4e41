//! `version`: as git-crypt has it, a verb.

use clap::Args;

use super::{Context, Outcome};
use crate::failure::Failure;

/// Show the program's version
#[derive(Args)]
pub(crate) struct VersionArgs {}

impl VersionArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let program = context.terminal.program();
        context
            .terminal
            .line(format_args!("{program} {}", version_of(program)))?;
        Ok(Outcome::Done)
    }
}

/// The version by the name the program was called by: in the place of git-crypt, scripts ask which git-crypt it is.
pub(crate) fn version_of(program: &str) -> &'static str {
    match program {
        "git-crypt" => concat!("0.7.0 (hs-secrets ", env!("CARGO_PKG_VERSION"), ")"),
        _ => env!("CARGO_PKG_VERSION"),
    }
}
