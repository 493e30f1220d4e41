//! The keys that collaborators have wrapped for the user, opened with the user's own secret keys.

use std::path::PathBuf;

use crate::commands::Context;
use crate::failure::Failure;
use crate::format::KeyName;
use crate::keyring::{
    AgeIdentity, Collaborators, Gpg, Means, Offered, Rewrapped, UnwrapError, WrappedKey,
    read_identities, rewrapped, unwrap_keys,
};
use crate::repository::Repository;
use crate::terminal::Terminal;

/// Where SSH keeps the keys of a user that can decrypt, in the home directory.
const SSH_KEYS: [&str; 2] = [".ssh/id_ed25519", ".ssh/id_rsa"];

/// The wrapped keys that are here, and those about to be pulled if the keys were rotated.
pub(super) struct Wrapped {
    here: Vec<WrappedKey>,
    rewrapped: Option<Rewrapped>,
}

impl Wrapped {
    /// Finds them.
    pub(super) fn of(repository: &Repository) -> Result<Self, Failure> {
        Ok(Self {
            here: Collaborators::of(repository)?.wrapped_keys(repository)?,
            rewrapped: rewrapped(repository)?,
        })
    }

    /// The keys that the user's GPG keys, SSH keys and the age key of the settings open.
    pub(super) fn open_as_me(
        self,
        context: &Context,
        repository: &Repository,
    ) -> Result<Offered, Failure> {
        let rewrapped = self.rewrapped.iter().flat_map(|new| &new.wrapped);
        // A secret key that can't be needed is not read.
        let mut wrapped = self.here.iter().chain(rewrapped);
        let identities = if wrapped.all(WrappedKey::is_for_gpg) {
            Vec::new()
        } else {
            usual_identities(repository)?
        };
        let gpg = Gpg::of(repository)?;
        self.open(context, repository, Some(&gpg), &identities, true)
    }

    /// The keys that these means open. With `with_stored`, having nothing but the keys in the key store is no error.
    pub(super) fn open(
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

/// The secret keys in these files.
pub(super) fn identities_in(files: &[PathBuf]) -> Result<Vec<AgeIdentity>, Failure> {
    let mut identities = Vec::new();
    for file in files {
        identities.extend(read_identities(file, Terminal::ask_passphrase)?);
    }
    Ok(identities)
}

/// The secret keys in the file of the settings, which must be good, and those of SSH that can be read.
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

fn tell_closed(context: &Context, closed: Vec<KeyName>, trouble: Option<UnwrapError>) {
    for name in &closed {
        context.terminal.warning(format_args!(
            "the key `{name}` is not open to you: its files stay encrypted"
        ));
    }
    // A failure is not reported if another way has opened the key.
    if let Some(trouble) = trouble.filter(|_| !closed.is_empty()) {
        context.terminal.warning(trouble);
    }
}
