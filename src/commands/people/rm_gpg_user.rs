//! `rm-gpg-user`: somebody's wrapped keys, removed.

use clap::Args;

use super::collaborator_removal::RemovalArgs;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{Gpg, remove_gpg_user};

/// Remove a GPG user from the repository's collaborators
///
/// Whoever has unlocked the repository once may have kept the key, and the history holds the wrapped one: to shut
/// somebody out from what comes, make a new key.
#[derive(Args)]
pub(crate) struct RmGpgUserArgs {
    #[command(flatten)]
    removal: RemovalArgs,
    /// The user: fingerprint, its end, or a part of name or address
    user: String,
}

impl RmGpgUserArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        self.removal.run(context, |repository, key| {
            let gpg = Gpg::of(repository)?;
            let (mut user, change) = remove_gpg_user(repository, key, &self.user, &gpg)?;
            let keys = std::mem::take(&mut user.keys);
            Ok((user, keys, change))
        })
    }
}
