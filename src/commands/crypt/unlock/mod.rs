//! `unlock`: gives the repository a key, and decrypts its files.

mod identities;
mod reports;
mod wrapped;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::Args;

use identities::identities_in;
use reports::{ask_about, report_succession, report_trust};
use wrapped::Wrapped;

use crate::commands::{Context, Interrupt, Outcome};
use crate::failure::Failure;
use crate::format::{KeyFile, KeyId};
use crate::keyring::{
    Consent, KeySource, Offered, Opener, RotationQuestion, UnlockOptions, keep_retired, read_key,
    read_key_value, unlock,
};
use crate::secret::SecretBytes;
use crate::terminal::Terminal;

/// Decrypt this repository with a key file, or with your GPG, SSH or age key
///
/// Without a key file, it opens the keys that a collaborator has wrapped for you, with your GPG keys or with an age or SSH key. It
/// looks for an age or SSH key in the file that `git config hs-secrets.identity` names (from the top of the work tree), and in
/// ~/.ssh: there, the file may have any name if its public half lies beside it. A key that is here already need not be given again:
/// then `unlock` repairs Git's filter if it is gone.
///
/// The key is tried on an encrypted file first, so a wrong key changes nothing. Encrypted files that you have changed are
/// never overwritten. In the end the post-checkout hook runs in each work tree, as after `git checkout -- FILES`. While it
/// runs, HS_SECRETS_IN_HOOK is set, so that a command in the hook does not run it again.
///
/// After somebody has rotated the key: `git fetch`, then `unlock`, then `git pull`. If Git has already stopped at files that
/// it could not decrypt, `unlock` first puts back what Git had begun to change; then run the same Git command again.
///
/// The old key is kept, so that the history stays readable. A clone that never had the old key gets it by `--retired`. A
/// former collaborator finds it in the history: `git show COMMIT:.git-crypt/keys/default/0/FINGERPRINT.gpg | gpg -d |
/// hs-secrets unlock --retired -`.
#[derive(Args)]
pub(crate) struct UnlockArgs {
    /// Open wrapped keys only with the age or SSH secret key in this file
    #[arg(short, long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// Take the key from this environment variable, as `export-key --base64` writes it
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<OsString>,
    /// Use no key but the one with this id (may be repeated)
    #[arg(long, value_name = "ID", value_parser = key_id)]
    key_id: Vec<KeyId>,
    /// Take a key that is wrapped for you instead of the one that this clone knows, without proof that it is its successor.
    /// Use it only if a collaborator has told you that the key was changed
    #[arg(long)]
    new_key: bool,
    /// Follow a rotation that both keys have signed, without being asked. Use it only if a collaborator has told you of it
    #[arg(long)]
    accept_rotation: bool,
    /// Keep the given keys to read the history only: they are from before a rotation, and encrypt nothing any more
    #[arg(long, conflicts_with = "identity")]
    retired: bool,
    /// Key files as `export-key` writes them, in any of its forms; `-` is standard input
    #[arg(value_name = "KEYFILE")]
    key_files: Vec<PathBuf>,
}

impl UnlockArgs {
    /// The arguments of `unlock` with only this key file.
    pub(crate) fn of_key_file(key_file: PathBuf) -> Self {
        Self {
            identity: Vec::new(),
            key_env: None,
            key_id: Vec::new(),
            new_key: false,
            accept_rotation: false,
            retired: false,
            key_files: vec![key_file],
        }
    }

    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let hidden = self.key_env.iter().cloned().collect();
        let repository = context.repository_without(hidden)?;
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
        }
        leave_out_repeated(&mut keys);
        if self.retired {
            if keys.is_empty() {
                return Err(Failure::usage("`--retired` needs a key file"));
            }
            let _interrupt = Interrupt::of_repository_work()?;
            keep_retired(&repository, &keys)?;
            context.terminal.hint(
                "where git was stopped for want of it, `git reset --hard` takes back what it had begun, with changes of yours",
            );
            return Ok(Outcome::Done);
        }
        let offered = if keys.is_empty() {
            let wrapped = Wrapped::of(&repository)?;
            match self.identity.as_slice() {
                [] => wrapped.open_as_me(context, &repository)?,
                _ => wrapped.open(context, &repository, None, &given, false)?,
            }
        } else {
            Offered {
                by_hand: keys,
                ..Offered::default()
            }
        };
        let options = UnlockOptions {
            pinned: self.key_id,
            new_key: self.new_key,
            rotation: if self.accept_rotation {
                Consent::Given
            } else {
                Consent::Unasked
            },
        };
        let _interrupt = Interrupt::of_repository_work()?;
        let program = context.filter_program_beside_another();
        let mut ask = |question: &RotationQuestion| ask_about(context, question);
        let unlocked = unlock(&repository, offered, &options, &program, &mut ask)?;
        report_trust(context, &unlocked);
        context.hint_at_other_filters(&unlocked.kept);
        report_succession(context, &repository, &unlocked);
        for path in &unlocked.closed {
            context.terminal.error(format_args!(
                "{path} stays encrypted: it is damaged, or was encrypted with another key"
            ));
        }
        for path in &unlocked.unread_attributes {
            context.terminal.error(format_args!(
                "{path} is encrypted itself, so that Git can't read which files are to be decrypted"
            ));
            context.terminal.hint("where it is plaintext, add the line `.gitattributes !filter !diff` to it and `git add --renormalize` it");
        }
        if !unlocked.closed.is_empty() {
            context.terminal.hint(
                "all other files are decrypted; `git log -- FILE` leads to a version that opens",
            );
        }
        repository.run_post_checkout_everywhere()?;
        for path in &unlocked.missing {
            context
                .terminal
                .error(format_args!("{path} is not in the work tree"));
        }
        if !unlocked.missing.is_empty() {
            context
                .terminal
                .hint("git removes a file that it can't change to what another key has encrypted: `git checkout -- FILE` brings back what the index has of it");
        }
        let is_whole = unlocked.closed.is_empty()
            && unlocked.missing.is_empty()
            && unlocked.unread_attributes.is_empty();
        Ok(if is_whole {
            Outcome::Done
        } else {
            Outcome::Warned
        })
    }
}

/// Parses the id of a key.
fn key_id(text: &str) -> Result<KeyId, String> {
    let id = KeyId::parse(&text.to_ascii_lowercase());
    id.ok_or_else(|| "an id has 32 hexadecimal digits".to_owned())
}

/// Removes keys that were given twice.
fn leave_out_repeated(keys: &mut Vec<KeyFile>) {
    let mut different: Vec<KeyFile> = Vec::new();
    for key in keys.drain(..) {
        if different.iter().all(|other| !other.is_same(&key)) {
            different.push(key);
        }
    }
    *keys = different;
}

fn key_in_variable(variable: &OsStr, opener: &Opener<'_>) -> Result<KeyFile, Failure> {
    let name = variable.to_string_lossy();
    // A variable can't have such a name, and asking for it would panic.
    let impossible = name.is_empty() || name.contains(['=', '\0']);
    let value = (!impossible)
        .then(|| std::env::var_os(variable))
        .flatten()
        .map(|value| SecretBytes::from_vec(value.into_encoded_bytes()));
    Ok(read_key_value(&name, value, opener)?)
}
