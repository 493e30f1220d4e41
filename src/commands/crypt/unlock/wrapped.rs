//! The keys that collaborators have wrapped for the user, opened with the user's own secret keys.

use std::collections::BTreeSet;

use super::identities::usual_identities;
use crate::commands::Context;
use crate::failure::Failure;
use crate::format::KeyName;
use crate::keyring::{
    AgeIdentity, Collaborators, Decryptors, Gpg, Holder, Offered, Rewrapped, UnwrapError,
    WrappedKey, rewrapped, unwrap_keys,
};
use crate::repository::Repository;

/// The wrapped keys that are here and, if the keys were rotated elsewhere, those that are about to be pulled.
pub(super) struct Wrapped {
    here: Vec<WrappedKey>,
    rewrapped: Option<Rewrapped>,
}

impl Wrapped {
    /// Finds the wrapped keys.
    pub(super) fn of(repository: &Repository) -> Result<Self, Failure> {
        Ok(Self {
            here: Collaborators::of(repository)?.wrapped_keys(repository)?,
            rewrapped: rewrapped(repository)?,
        })
    }

    /// Opens what the user's GPG keys, the SSH keys and the age key of the settings can open.
    pub(super) fn open_as_me(
        self,
        context: &Context,
        repository: &Repository,
    ) -> Result<Offered, Failure> {
        let rewrapped = self.rewrapped.iter().flat_map(|new| &new.wrapped);
        // A secret key is read only if it may be needed.
        let wrapped = self.here.iter().chain(rewrapped);
        let by_age = wrapped.filter(|wrapped| !wrapped.is_for_gpg());
        let holders: BTreeSet<&Holder> = by_age.map(|wrapped| &wrapped.holder).collect();
        let identities = if holders.is_empty() {
            Vec::new()
        } else {
            usual_identities(repository, &holders)?
        };
        let gpg = Gpg::of(repository)?;
        self.open(context, repository, Some(&gpg), &identities, true)
    }

    /// Opens the keys that these means can open. With `with_stored`, it is no error if only the key store has keys.
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
        let decryptors = Decryptors { gpg, identities };
        let mut offered = Offered {
            with_stored,
            ..Offered::default()
        };
        match unwrap_keys(repository, self.here, &decryptors) {
            Err(UnwrapError::NoCollaborators | UnwrapError::NotForYou { .. })
                if !stored.is_empty() => {}
            here => {
                let mut here = here?;
                here.closed.retain(|name| !stored.contains(name));
                report_unopened(context, here.closed, here.trouble);
                offered.wrapped = here.keys;
            }
        }
        if let Some(rewrapped) = self.rewrapped {
            match unwrap_keys(repository, rewrapped.wrapped, &decryptors) {
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

fn report_unopened(context: &Context, closed: Vec<KeyName>, trouble: Option<UnwrapError>) {
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
