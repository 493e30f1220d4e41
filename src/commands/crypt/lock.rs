//! `lock`: removes the key, and encrypts the files in the work tree again.

use clap::Args;

use crate::commands::Interrupt;
use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{LockRequest, lock, plain_files};

/// Remove the key from this repository and encrypt its files in the work tree
///
/// In the end the post-checkout hook runs in each work tree, as after `git checkout -- FILES`. While it runs,
/// HS_SECRETS_IN_HOOK is set, so that a command in the hook does not run it again.
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
    /// Lock even where the key, or one from before a rotation, exists nowhere else, as far as this clone knows: it is lost,
    /// with all that it has encrypted
    #[arg(long)]
    discard_key: bool,
}

impl LockArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let _interrupt = Interrupt::of_repository_work()?;
        let names = if self.all {
            let mut names = repository.keys().names()?;
            names.extend(repository.configuration().keys_with_filter()?);
            names.sort();
            names.dedup();
            names
        } else {
            vec![self.key.name()?]
        };
        if self.all && names.is_empty() {
            return Ok(Outcome::Done);
        }
        let request = LockRequest {
            force: self.force,
            discard_key: self.discard_key,
        };
        let locked = lock(&repository, &names, request)?;
        if locked.had_former_keys {
            context.terminal.hint(
                "the former keys are gone from here, too: `unlock --retired` takes them in again, to read what they have encrypted",
            );
        }
        for unknown in locked.unknown {
            context.terminal.warning(format_args!(
                "the key `{}` that was here is {}, and this clone knows {}: another program had changed it, and `unlock` goes by the one that is known",
                unknown.name, unknown.stored, unknown.known
            ));
        }
        for (name, unusable) in &locked.rebuilt {
            context.warn_of_rebuilt_memory(name, unusable);
        }
        for place in locked.others {
            context.terminal.warning(format_args!(
                "{} is another key, of another work tree, and stays: `lock` there takes it away",
                place.display()
            ));
        }
        for path in locked.behind_links {
            context.terminal.warning(format_args!(
                "{path} is reached through a symbolic link, which Git does not follow: it stays plaintext"
            ));
        }
        if repository.work_tree().top().is_some() {
            for file in plain_files(&repository, &names)? {
                let path = file.path;
                context.terminal.warning(if file.untracked {
                    format!("{path} is untracked and stays plaintext: unlock before you add it")
                } else {
                    format!(
                        "{path} has not been encrypted yet and stays plaintext: `unlock`, then `status -f` stages it encrypted"
                    )
                });
            }
        }
        repository.run_post_checkout_everywhere()?;
        Ok(Outcome::Done)
    }
}
