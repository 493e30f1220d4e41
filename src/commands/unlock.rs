//! `unlock`: a key for this repository, and its files decrypted.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::Args;

use super::interrupt::Interrupt;
use super::{Context, Outcome};
use crate::failure::Failure;
use crate::format::{KeyFile, KeyName};
use crate::keyring::{
    AgeIdentity, Collaborators, Gpg, KeySource, Means, Opener, UnwrapError, WrappedKey,
    read_identities, read_key, read_key_value, unlock, unwrap_keys,
};
use crate::repository::Repository;
use crate::secret::SecretBytes;
use crate::terminal::Terminal;

/// Where SSH keeps the keys of a user that can decrypt, in the home directory.
const SSH_KEYS: [&str; 2] = [".ssh/id_ed25519", ".ssh/id_rsa"];

/// Decrypt this repository with a key file, or with your GPG, SSH or age key
///
/// Without a key file, the keys that a collaborator has wrapped for you are used: for one of your GPG keys, or for an age
/// or SSH key, which is looked for where `git config hs-secrets.identity` says (from the top of the work tree), and in ~/.ssh. Keys that are here already
/// need not be given again: `unlock` repairs the configuration of a repository whose filter is gone. A key is first proven on an
/// encrypted file, so that a wrong one changes nothing. Encrypted files with changes of your own are never overwritten.
#[derive(Args)]
pub(super) struct UnlockArgs {
    /// Open wrapped keys with the age or SSH secret key in this file, and with nothing else
    #[arg(short, long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// Take the key from this environment variable, as `export-key --base64` writes it
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<OsString>,
    /// Let this program filter also where git-crypt or another is configured to
    #[arg(long)]
    take_over: bool,
    /// Key files as `export-key` writes them, in any of its forms; `-` is standard input
    #[arg(value_name = "KEYFILE")]
    key_files: Vec<PathBuf>,
}

impl UnlockArgs {
    /// As if nothing but this key file had been given.
    pub(super) fn of_key_file(key_file: PathBuf, take_over: bool) -> Self {
        Self {
            identity: Vec::new(),
            key_env: None,
            take_over,
            key_files: vec![key_file],
        }
    }

    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let mut repository = context.repository()?;
        let given = identities_in(&self.identity)?;
        let opener = Opener {
            ask: Terminal::ask_passphrase,
            identities: &given,
        };
        let mut keys = Vec::new();
        for file in &self.key_files {
            keys.push(read_key(&KeySource::of_argument(file), &opener)?);
        }
        if let Some(variable) = self.key_env {
            keys.push(key_in_variable(&variable, &opener)?);
            repository.hide_from_programs(variable);
        }
        leave_out_repeated(&mut keys);
        if keys.is_empty() {
            keys = match self.identity.as_slice() {
                [] => keys_wrapped_for_me(context, &repository)?,
                _ => wrapped_keys(context, &repository, None, &given, Vec::new())?,
            };
        }
        let _interrupt = Interrupt::of_repository_work()?;
        let program = context.filter_program_beside_another(self.take_over);
        let unlocked = unlock(&repository, &keys, &program)?;
        context.tell_kept(&unlocked.kept);
        for path in &unlocked.closed {
            context.terminal.error(format_args!(
                "{path} stays encrypted: it is damaged, or was encrypted with another key"
            ));
        }
        if unlocked.closed.is_empty() {
            return Ok(Outcome::Done);
        }
        context
            .terminal
            .hint("all other files are decrypted; `git log -- FILE` leads to a version that opens");
        Ok(Outcome::Warned)
    }
}

fn identities_in(files: &[PathBuf]) -> Result<Vec<AgeIdentity>, Failure> {
    let mut identities = Vec::new();
    for file in files {
        identities.extend(read_identities(file, Terminal::ask_passphrase)?);
    }
    Ok(identities)
}

fn keys_wrapped_for_me(
    context: &Context,
    repository: &Repository,
) -> Result<Vec<KeyFile>, Failure> {
    let wrapped = Collaborators::of(repository)?.wrapped_keys(repository)?;
    // A secret key that can't be needed is not read.
    let identities = match wrapped.iter().all(WrappedKey::is_for_gpg) {
        true => Vec::new(),
        false => usual_identities(repository)?,
    };
    let gpg = Gpg::of(repository)?;
    let stored = stored_keys(repository)?;
    wrapped_keys(context, repository, Some(&gpg), &identities, stored)
}

/// The same key may have been given twice.
fn leave_out_repeated(keys: &mut Vec<KeyFile>) {
    let mut seen: Vec<SecretBytes> = Vec::new();
    keys.retain(|key| {
        let mut bytes = key.to_bytes();
        let is_new = seen.iter_mut().all(|seen| seen.expose() != bytes.expose());
        seen.push(bytes);
        is_new
    });
}

/// The keys that are here already: with them an unlocking repairs what is wrong with the configuration. One that can't be
/// read is no use.
fn stored_keys(repository: &Repository) -> Result<Vec<KeyFile>, Failure> {
    let names = repository.key_names()?;
    let keys = names.iter().map(|name| repository.load_key(name));
    Ok(keys.filter_map(Result::ok).collect())
}

/// What the settings name must be good; of SSH's own keys, those that are.
fn usual_identities(repository: &Repository) -> Result<Vec<AgeIdentity>, Failure> {
    let top = repository.work_tree().unwrap_or(repository.git_dir());
    let named = repository.path_setting("hs-secrets.identity")?;
    let named = named.map(|path| top.join(path));
    let mut identities = identities_in(named.as_slice())?;
    for key in SSH_KEYS {
        let path = std::env::home_dir().map(|home| home.join(key));
        let read = path.map(|path| read_identities(&path, Terminal::ask_passphrase));
        identities.extend(read.and_then(Result::ok).unwrap_or_default());
    }
    Ok(identities)
}

fn key_in_variable(variable: &OsStr, opener: &Opener<'_>) -> Result<KeyFile, Failure> {
    let name = variable.to_string_lossy();
    // No variable can be called so, and asking for it would panic.
    let impossible = name.is_empty() || name.contains(['=', '\0']);
    let value = (!impossible)
        .then(|| std::env::var_os(variable))
        .flatten()
        .map(|value| SecretBytes::from_vec(value.into_encoded_bytes()));
    Ok(read_key_value(&name, value, opener)?)
}

/// The keys that these means open, and of the others those that are `stored`.
fn wrapped_keys(
    context: &Context,
    repository: &Repository,
    gpg: Option<&Gpg>,
    identities: &[AgeIdentity],
    mut stored: Vec<KeyFile>,
) -> Result<Vec<KeyFile>, Failure> {
    let unwrapped = unwrap_keys(repository, &Means { gpg, identities });
    let mut unwrapped = match unwrapped {
        Err(UnwrapError::NoCollaborators | UnwrapError::NotForYou { .. }) if !stored.is_empty() => {
            return Ok(stored);
        }
        unwrapped => unwrapped?,
    };
    let has = |keys: &[KeyFile], name: &KeyName| keys.iter().any(|key| key.name() == name);
    stored.retain(|key| !has(&unwrapped.keys, key.name()));
    unwrapped.closed.retain(|name| !has(&stored, name));
    unwrapped.keys.append(&mut stored);
    for name in &unwrapped.closed {
        context.terminal.warning(format_args!(
            "the key `{name}` is not open to you: its files stay encrypted"
        ));
    }
    // What failed on the way to a key that another way has opened is no news.
    if let Some(trouble) = unwrapped.trouble.filter(|_| !unwrapped.closed.is_empty()) {
        context.terminal.warning(trouble);
    }
    Ok(unwrapped.keys)
}
