//! `lock`: encrypted files in the work tree, and no key.

use clap::Args;

use crate::commands::Interrupt;
use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{lock, plain_files};

/// Remove the key from this repository and encrypt its files in the work tree
#[derive(Args)]
pub(crate) struct LockArgs {
    /// Lock all keys, instead of just the default one
    #[arg(short, long, conflicts_with = "key_name")]
    all: bool,
    #[command(flatten)]
    key: KeyOption,
    /// Lock even where encrypted files are modified: their changes are lost
    #[arg(short, long)]
    force: bool,
    /// Lock even where the key exists nowhere else, as far as this clone knows: it is lost, with all that it has encrypted
    #[arg(long)]
    discard_key: bool,
}

impl LockArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let _interrupt = Interrupt::of_repository_work()?;
        let names = match self.all {
            true => {
                let mut names = repository.keys().names()?;
                names.extend(repository.configuration().keys_with_filter()?);
                names.sort();
                names.dedup();
                names
            }
            false => vec![self.key.name()?],
        };
        if self.all && names.is_empty() {
            return Ok(Outcome::Done);
        }
        let keeps_old_ones = names.iter().any(|name| {
            let key = repository.keys().load(name);
            key.is_ok_and(|key| key.has_retired())
        });
        let linked = lock(&repository, &names, self.force, self.discard_key)?;
        if keeps_old_ones {
            context.terminal.hint(
                "the keys from before a rotation are gone from here, too: `unlock --retired` takes them in again, to read the history",
            );
        }
        for path in linked {
            context.terminal.warning(format_args!(
                "{path} is reached through a symbolic link, which Git does not follow: it stays plaintext"
            ));
        }
        if repository.work_tree().top().is_some() {
            for file in plain_files(&repository, &names)? {
                let path = file.path;
                context.terminal.warning(match file.untracked {
                    true => {
                        format!("{path} is untracked and stays plaintext: unlock before you add it")
                    }
                    false => format!(
                        "{path} has not been encrypted yet and stays plaintext: `unlock`, then `status -f` stages it encrypted"
                    ),
                });
            }
        }
        Ok(Outcome::Done)
    }
}
