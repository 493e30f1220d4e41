//! `completions`: what a shell needs to complete commands, options, and names in the repository at hand.

use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

use super::{Context, Outcome};
use crate::commands::completing::VARIABLE;
use crate::failure::Failure;

/// Print the completions for a shell
///
/// The shell then asks this program for the words that fit: commands and options, stacks, keys, collaborators and revisions.
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

impl CompletionsArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let shells = Shells::builtins();
        let shell = shells
            .completer(&self.shell.to_string())
            .expect("because both lists of shells are clap's");
        let program = context.terminal.program();
        let mut script = Vec::new();
        shell
            .write_registration(VARIABLE, program, program, program, &mut script)
            .map_err(Failure::output)?;
        context.terminal.bytes(&script)?;
        Ok(Outcome::Done)
    }
}
