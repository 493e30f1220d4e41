//! `env`: the variables of a stack, for one's own `docker stack deploy`.

use clap::Args;

use super::one_stack::OneStack;
use super::{Context, Outcome};
use crate::failure::Failure;

/// Print the variables of a stack's files, as NAME=value lines
///
/// The variable of a file is its base name in upper case, with `_` for everything but letters and digits; its value is
/// the version in the names of the file's secrets and configs. With them set, `docker stack deploy` finds what `sync`
/// has created. No key is needed.
#[derive(Args)]
pub(super) struct EnvArgs {
    #[command(flatten)]
    stack: OneStack,
    /// Print `export` lines, for `eval "$(hs-secrets env --export STACK)"`
    #[arg(long, conflicts_with = "json")]
    export: bool,
    /// Print a JSON list
    #[arg(long)]
    json: bool,
}

impl EnvArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let variables = self.stack.load(&repository)?.variables();
        if self.json {
            context.terminal.json(&variables)?;
            return Ok(Outcome::Done);
        }
        for variable in variables {
            // Names are letters, digits and `_`, values hexadecimal digits: a shell needs no quotes for either.
            let export = if self.export { "export " } else { "" };
            context
                .terminal
                .line(format_args!("{export}{}={}", variable.name, variable.value))?;
        }
        Ok(Outcome::Done)
    }
}
