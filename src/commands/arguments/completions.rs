//! `completions`: what a shell needs to complete commands and options.

use clap::Args;
use clap_complete::Shell;

use super::Context;
use crate::commands::{Outcome, command};
use crate::failure::Failure;

/// Print the completions for a shell
///
/// For example: hs-secrets completions bash > /etc/bash_completion.d/hs-secrets
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

impl CompletionsArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut command(),
            context.terminal.program(),
            &mut script,
        );
        context.terminal.bytes(&script)?;
        Ok(Outcome::Done)
    }
}
