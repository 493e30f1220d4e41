//! `unlock`: a key for this repository, and its files decrypted.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::{Context, Outcome};
use crate::failure::Failure;
use crate::format::KeyFile;
use crate::keyring::{Gpg, KeySource, read_key, read_key_value, unlock, unwrap_keys};
use crate::repository::Repository;
use crate::secret::SecretBytes;
use crate::terminal::Terminal;

/// Decrypt this repository with a key file, or with your GPG key
///
/// Without a key file, the keys that a collaborator has wrapped for one of your GPG keys are used. A key is first proven
/// on an encrypted file, so that a wrong one changes nothing. Encrypted files with changes of your own are never
/// overwritten.
#[derive(Args)]
pub(super) struct UnlockArgs {
    /// Take the key from this environment variable, as `export-key --base64` writes it
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<OsString>,
    /// Key files as `export-key` writes them, in any of its forms; `-` is standard input
    #[arg(value_name = "KEYFILE")]
    key_files: Vec<PathBuf>,
}

impl UnlockArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let mut repository = context.repository()?;
        let from_files = self
            .key_files
            .iter()
            .map(|file| read_key(&KeySource::of_argument(file), Terminal::ask_passphrase));
        let mut keys = from_files.collect::<Result<Vec<_>, _>>()?;
        if let Some(variable) = self.key_env {
            keys.push(key_from_variable(&variable)?);
            repository.hide_from_programs(variable);
        }
        if keys.is_empty() {
            keys = shared_keys(context, &repository)?;
        }
        unlock(&repository, &keys, &context.filter_program())?;
        Ok(Outcome::Done)
    }
}

fn key_from_variable(variable: &OsString) -> Result<KeyFile, Failure> {
    let name = variable.to_string_lossy();
    // Setting such a name is impossible, and asking for it would panic.
    let impossible = name.is_empty() || name.contains(['=', '\0']);
    let value = (!impossible)
        .then(|| std::env::var_os(variable))
        .flatten()
        .map(|value| SecretBytes::from_vec(value.into_encoded_bytes()));
    Ok(read_key_value(&name, value, Terminal::ask_passphrase)?)
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
