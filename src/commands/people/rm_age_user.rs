//! `rm-age-user`: somebody's wrapped keys, removed.

use clap::Args;

use super::collaborator_removal::RemovalArgs;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::remove_age_user;

/// Remove somebody with an age or SSH key from the repository's collaborators
///
/// Whoever has unlocked the repository once may have kept the key, and the history holds the wrapped one: to shut
/// somebody out from what comes, make a new key.
#[derive(Args)]
pub(crate) struct RmAgeUserArgs {
    #[command(flatten)]
    removal: RemovalArgs,
    /// The user: the public key, its end, or a part of the name
    user: String,
}

impl RmAgeUserArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        self.removal.run(context, |repository, key| {
            let (mut user, change) = remove_age_user(repository, key, &self.user)?;
            let keys = std::mem::take(&mut user.keys);
            Ok((user, keys, change))
        })
    }
}
