//! `env`: prints the variables of a stack, for the user's own `docker stack deploy`.

use clap::Args;

use crate::commands::stacks::reporting::several::several;
use crate::commands::stacks::selection::one_stack::OneStack;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::stack::{EntryPlace, OwnDeployment};

/// Print the variables of a stack's files, as NAME=value lines
///
/// The variable of a file is its base name in upper case, with `_` for everything but letters and digits. Its value is the
/// version in the names of the file's secrets and configs. With these variables, `docker stack deploy` finds what `sync` has
/// created. No key is needed.
///
/// `docker stack deploy` of the stack file still differs from `deploy`: it publishes files that are encrypted in the work tree
/// as they are, it creates entries without a `name:` unversioned, and it writes over the labels of what `sync` has created. This
/// command warns of the first two. `render` avoids all three.
#[derive(Args)]
pub(crate) struct EnvArgs {
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
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let stack = self.stack.load(&repository)?;
        warn(context, &stack.own_deployment());
        let variables = stack.variables();
        if self.json {
            context.terminal.json(&variables)?;
            return Ok(Outcome::Done);
        }
        for variable in variables {
            // The names have only letters, digits and `_`, the values only hexadecimal digits, so a shell needs no quotes.
            let export = if self.export { "export " } else { "" };
            context
                .terminal
                .line(format_args!("{export}{}={}", variable.name, variable.value))?;
        }
        Ok(Outcome::Done)
    }
}

/// Warns of what `docker stack deploy` would do wrong even with these variables.
fn warn(context: &Context, found: &OwnDeployment) {
    let terminal = &context.terminal;
    if !found.ciphertext.is_empty() {
        let files = several(&found.ciphertext);
        terminal.warning(format_args!(
            "`docker stack deploy` would publish what is encrypted in the work tree as it is: {files}"
        ));
        terminal.hint("`unlock KEYFILE` first, or deploy what `render` prints after a `sync`");
    }
    if !found.unversioned.is_empty() {
        let entry =
            |EntryPlace { place, kind, key }: &EntryPlace| format!("{kind} `{key}` ({place})");
        let entries: Vec<String> = found.unversioned.iter().map(entry).collect();
        terminal.warning(format_args!(
            "`docker stack deploy` would create entries without a `name:` unversioned: {}",
            several(&entries)
        ));
        terminal.hint(
            "give each a `name:` with the variable of its file, or deploy what `render` prints",
        );
    }
}
