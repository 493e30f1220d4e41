//! `unlock`: a key for this repository, and its files decrypted.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Outcome};
use crate::failure::Failure;
use crate::format::KeyFile;
use crate::keyring::{Gpg, KeySource, read_key, unlock, unwrap_keys};
use crate::repository::Repository;

/// Decrypt this repository with a key file, or with your GPG key
///
/// Without a key file, the keys that a collaborator has wrapped for one of your GPG keys are used. A key is first proven
/// on an encrypted file, so that a wrong one changes nothing. Encrypted files with changes of your own are never
/// overwritten.
#[derive(Args)]
pub(super) struct UnlockArgs {
    /// Key files as `export-key` writes them; `-` is standard input
    #[arg(value_name = "KEYFILE")]
    key_files: Vec<PathBuf>,
}

impl UnlockArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let keys = match self.key_files.as_slice() {
            [] => shared_keys(context, &repository)?,
            files => files
                .iter()
                .map(|argument| read_key(&KeySource::of_argument(argument)))
                .collect::<Result<_, _>>()?,
        };
        unlock(&repository, &keys, &context.filter_program())?;
        Ok(Outcome::Done)
    }
}

fn shared_keys(context: &Context, repository: &Repository) -> Result<Vec<KeyFile>, Failure> {
    let unwrapped = unwrap_keys(repository, &Gpg::of(repository)?)?;
    for name in &unwrapped.closed {
        context.terminal.warning(format_args!(
            "the key `{name}` is not open to you: its files stay encrypted"
        ));
    }
    if let Some(trouble) = &unwrapped.trouble {
        context.terminal.warning(trouble);
    }
    Ok(unwrapped.keys)
}
