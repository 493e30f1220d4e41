//! `version`: as git-crypt has it, a verb.

use clap::Args;

use super::{Context, Outcome};
use crate::failure::Failure;

/// Show the program's version
#[derive(Args)]
pub(super) struct VersionArgs {}

impl VersionArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let program = context.terminal.program();
        context
            .terminal
            .line(format_args!("{program} {}", env!("CARGO_PKG_VERSION")))?;
        Ok(Outcome::Done)
    }
}
