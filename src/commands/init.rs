//! `init`: a new key for this repository.

use clap::Args;

use super::interrupt::Interrupt;
use super::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::initialise;

/// Generate a key and prepare the repository to use it
///
/// Makes a new key, keeps it in the Git directory, and configures Git to encrypt and decrypt with it. Then say in
/// .gitattributes which files to encrypt, for example: secret/** filter=git-crypt diff=git-crypt merge=git-crypt
/// (git-crypt, whose users can share the repository, takes no notice of `merge`).
#[derive(Args)]
pub(super) struct InitArgs {
    #[command(flatten)]
    key: KeyOption,
}

impl InitArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        // An interrupt ends the git that is running; what it leaves undone is undone or said.
        let _interrupt = Interrupt::watch()?;
        let name = self.key.name()?;
        initialise(&repository, &name, &context.filter_program())?;
        context.terminal.say("generated a new key");
        if context.terminal.is_interactive() {
            let driver = name.driver();
            context.terminal.hint(format_args!(
                "say in .gitattributes what to encrypt: secret/** filter={driver} diff={driver} merge={driver}"
            ));
        }
        Ok(Outcome::Done)
    }
}
