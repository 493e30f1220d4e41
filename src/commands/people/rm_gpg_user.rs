//! `rm-gpg-user`: somebody's wrapped keys, removed.

use clap::Args;

use super::collaborator_removal::RemovalArgs;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::Holder;

/// Remove a GPG user from the repository's collaborators
///
/// Whoever has unlocked the repository once may have kept the key, and the history holds the wrapped one: to shut
/// somebody out from what comes, make a new key.
#[derive(Args)]
pub(crate) struct RmGpgUserArgs {
    #[command(flatten)]
    removal: RemovalArgs,
    /// The user: fingerprint or its end, name, address, or a part of them that is asked about
    user: String,
}

impl RmGpgUserArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        self.removal.run(context, &self.user, Holder::is_by_gpg)
    }
}
