//! `unlock`: a key for this repository, and its files decrypted.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::Args;

use crate::commands::Interrupt;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::{
    AgeIdentity, Collaborators, Consent, Gpg, KeySource, Means, NotOpened, Offered, Opener,
    Rewrapped, RotationQuestion, Unlocked, UnwrapError, Wishes, WrappedKey, keep_retired,
    read_identities, read_key, read_key_value, rewrapped, unlock, unwrap_keys,
};
use crate::repository::{Repository, UnderWay};
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
///
/// After a rotation elsewhere, unlock with the new key, after `git fetch` and before `git pull`, or when Git has stopped at
/// files that it could not decrypt: what it had begun to change is as it was, and doing that again goes through. The old
/// key is kept to read what it has encrypted. To a clone that never had it, `--retired` gives it; who was a
/// collaborator finds it in the history: `git show COMMIT:.git-crypt/keys/default/0/FINGERPRINT.gpg | gpg -d | hs-secrets
/// unlock --retired -`.
#[derive(Args)]
pub(crate) struct UnlockArgs {
    /// Open wrapped keys with the age or SSH secret key in this file, and with nothing else
    #[arg(short, long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// Take the key from this environment variable, as `export-key --base64` writes it
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<OsString>,
    /// Open nothing but the key with this id (may be repeated)
    #[arg(long, value_name = "ID", value_parser = key_id)]
    key_id: Vec<KeyId>,
    /// Take a key that is wrapped for you in place of the one that this clone knows, though nothing proves that it follows
    /// it: you know from its holders that the key was changed
    #[arg(long)]
    new_key: bool,
    /// Follow a rotation that the key before and the key after have signed, without being asked: you know that the key was
    /// rotated
    #[arg(long)]
    accept_rotation: bool,
    /// Keep the keys given to read the history with: keys from before a rotation, which encrypt nothing any more
    #[arg(long, conflicts_with = "identity")]
    retired: bool,
    /// Key files as `export-key` writes them, in any of its forms; `-` is standard input
    #[arg(value_name = "KEYFILE")]
    key_files: Vec<PathBuf>,
}

impl UnlockArgs {
    /// As if nothing but this key file had been given.
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
        let wishes = Wishes {
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
        let unlocked = unlock(&repository, offered, &wishes, &program, &mut ask)?;
        tell_trust(context, &unlocked);
        context.tell_kept(&unlocked.kept);
        tell_succession(context, &repository, &unlocked);
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
        if unlocked.closed.is_empty() {
            return Ok(if unlocked.unread_attributes.is_empty() {
                Outcome::Done
            } else {
                Outcome::Warned
            });
        }
        context
            .terminal
            .hint("all other files are decrypted; `git log -- FILE` leads to a version that opens");
        Ok(Outcome::Warned)
    }
}

/// Reads the id of a key.
fn key_id(text: &str) -> Result<KeyId, String> {
    let id = KeyId::parse(&text.to_ascii_lowercase());
    id.ok_or_else(|| "an id has 32 hexadecimal digits".to_owned())
}

fn identities_in(files: &[PathBuf]) -> Result<Vec<AgeIdentity>, Failure> {
    let mut identities = Vec::new();
    for file in files {
        identities.extend(read_identities(file, Terminal::ask_passphrase)?);
    }
    Ok(identities)
}

/// The same key may have been given twice.
fn leave_out_repeated(keys: &mut Vec<KeyFile>) {
    let mut different: Vec<KeyFile> = Vec::new();
    for key in keys.drain(..) {
        if different.iter().all(|other| !other.is_same(&key)) {
            different.push(key);
        }
    }
    *keys = different;
}

/// What the settings name must be good; of SSH's own keys, those that are.
fn usual_identities(repository: &Repository) -> Result<Vec<AgeIdentity>, Failure> {
    let top = repository.work_tree().top().unwrap_or(repository.git_dir());
    let named = repository.configuration().path("hs-secrets.identity")?;
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

/// What is wrapped here, and what is about to be pulled if the keys were rotated.
struct Wrapped {
    here: Vec<WrappedKey>,
    rewrapped: Option<Rewrapped>,
}

impl Wrapped {
    fn of(repository: &Repository) -> Result<Self, Failure> {
        Ok(Self {
            here: Collaborators::of(repository)?.wrapped_keys(repository)?,
            rewrapped: rewrapped(repository)?,
        })
    }

    fn open_as_me(self, context: &Context, repository: &Repository) -> Result<Offered, Failure> {
        let rewrapped = self.rewrapped.iter().flat_map(|new| &new.wrapped);
        // A secret key that can't be needed is not read.
        let identities = match self
            .here
            .iter()
            .chain(rewrapped)
            .all(WrappedKey::is_for_gpg)
        {
            true => Vec::new(),
            false => usual_identities(repository)?,
        };
        let gpg = Gpg::of(repository)?;
        self.open(context, repository, Some(&gpg), &identities, true)
    }

    /// The keys that these means open. If those in the key store count too, that there are no others is no error.
    fn open(
        self,
        context: &Context,
        repository: &Repository,
        gpg: Option<&Gpg>,
        identities: &[AgeIdentity],
        with_stored: bool,
    ) -> Result<Offered, Failure> {
        let stored = if with_stored {
            repository.keys().names()?
        } else {
            Vec::new()
        };
        let means = Means { gpg, identities };
        let mut offered = Offered {
            with_stored,
            ..Offered::default()
        };
        match unwrap_keys(repository, self.here, &means) {
            Err(UnwrapError::NoCollaborators | UnwrapError::NotForYou { .. })
                if !stored.is_empty() => {}
            here => {
                let mut here = here?;
                here.closed.retain(|name| !stored.contains(name));
                tell_closed(context, here.closed, here.trouble);
                offered.wrapped = here.keys;
            }
        }
        if let Some(rewrapped) = self.rewrapped {
            match unwrap_keys(repository, rewrapped.wrapped, &means) {
                Ok(there) => offered.incoming = there.keys,
                Err(trouble) => context.terminal.warning(format_args!(
                    "the new key of {} is not open to you: {trouble}",
                    rewrapped.incoming.name
                )),
            }
        }
        Ok(offered)
    }
}

/// Asks whether to follow a rotation, where there is somebody to ask.
fn ask_about(context: &Context, question: &RotationQuestion) -> Consent {
    let terminal = &context.terminal;
    if !terminal.is_interactive() {
        return Consent::Withheld;
    }
    let ids: Vec<String> = question.follows.iter().map(ToString::to_string).collect();
    terminal.say(format_args!(
        "the key `{}` was rotated: {}",
        question.name,
        ids.join(", then ")
    ));
    for origin in &question.origins {
        terminal.say(format_args!("it was said so in {origin}"));
    }
    terminal.say("who was removed and still has the old key can have said it, too");
    match terminal.confirm("follow it?") {
        Some(true) => Consent::Given,
        _ => Consent::Withheld,
    }
}

/// Says which keys this clone knows from now on, and which stay out.
fn tell_trust(context: &Context, unlocked: &Unlocked) {
    let terminal = &context.terminal;
    if terminal.program() != "git-crypt" {
        for key in unlocked.keys.iter().filter(|key| key.is_first_use) {
            terminal.say(format_args!(
                "the id of key `{}` is {}: from now on this clone opens no other without your word",
                key.name, key.id
            ));
        }
    }
    for left_out in &unlocked.left_out {
        terminal.warning(format_args!(
            "the key `{}` stays as it is: {}",
            left_out.name, left_out.why
        ));
        for origin in &left_out.origins {
            terminal.hint(format_args!("it was said so in {origin}"));
        }
        if matches!(left_out.why, NotOpened::NotAccepted { .. }) {
            terminal.hint("if you know of that rotation: `unlock --accept-rotation`");
        }
    }
}

fn tell_closed(context: &Context, closed: Vec<KeyName>, trouble: Option<UnwrapError>) {
    for name in &closed {
        context.terminal.warning(format_args!(
            "the key `{name}` is not open to you: its files stay encrypted"
        ));
    }
    // What failed on the way to a key that another way has opened is no news.
    if let Some(trouble) = trouble.filter(|_| !closed.is_empty()) {
        context.terminal.warning(trouble);
    }
}

/// Says which keys are new, and how to go on with what Git was stopped at.
fn tell_succession(context: &Context, repository: &Repository, unlocked: &Unlocked) {
    let terminal = &context.terminal;
    for new in &unlocked.succeeded {
        if let Some(proof) = &new.proof {
            terminal.say(format_args!(
                "the key `{}` was rotated in {}: the new one is in use, and the old one kept to read what it has encrypted",
                new.key, proof.name
            ));
        }
    }
    let number = unlocked.restored.len();
    if number > 0 {
        let files = if number == 1 { "file" } else { "files" };
        terminal.say(format_args!(
            "restored {number} {files} that git had begun to change"
        ));
    }
    if !unlocked.succeeded.is_empty() {
        terminal.hint(match repository.commits().under_way() {
            Some(UnderWay::Rebase) => "`git rebase --abort`, then `git pull` again",
            Some(UnderWay::Merge) => "`git merge --abort`, then `git pull` again",
            None => "now `git pull`, or again what git was stopped at",
        });
    }
    let mut proofs = unlocked
        .succeeded
        .iter()
        .filter_map(|new| new.proof.as_ref());
    if proofs.any(|proof| proof.diverged) {
        terminal.hint("`status --short` then names what your own commits have under the old key");
    }
}
