//! `init`: a new key for this repository.

use clap::Args;

use super::interrupt::Interrupt;
use super::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::initialise;

/// Generate a key and prepare the repository to use it
///
/// Makes a new key, keeps it in the Git directory, and configures Git to encrypt and decrypt with it. Then say in
/// .gitattributes which files to encrypt, for example: secret/** filter=git-crypt diff=git-crypt
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
        initialise(&repository, &self.key.name()?, &context.filter_program())?;
        context.terminal.say("generated a new key");
        Ok(Outcome::Done)
    }
}
