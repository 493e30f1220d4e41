//! `unlock`: a key for this repository, and its files decrypted.

use std::path::PathBuf;

use clap::Args;

use super::interrupt::Interrupt;
use super::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{KeySource, read_key, unlock};

/// Decrypt this repository with a key file
///
/// The key is first proven on an encrypted file, so that a wrong one changes nothing. Encrypted files with changes of
/// your own are never overwritten.
#[derive(Args)]
pub(super) struct UnlockArgs {
    /// Key files as `export-key` writes them; `-` is standard input
    #[arg(required = true, value_name = "KEYFILE")]
    key_files: Vec<PathBuf>,
}

impl UnlockArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        // An interrupt ends the git that is running; what it leaves undone is undone or said.
        let _interrupt = Interrupt::watch()?;
        let sources = self
            .key_files
            .iter()
            .map(|argument| KeySource::of_argument(argument));
        let keys = sources
            .map(|source| read_key(&source))
            .collect::<Result<Vec<_>, _>>()?;
        unlock(&repository, &keys, &context.filter_program())?;
        Ok(Outcome::Done)
    }
}
