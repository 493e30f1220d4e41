//! `rm-gpg-user`: removes somebody's wrapped keys.

use clap::Args;

use super::collaborator_removal::RemovalArgs;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::Holder;

/// Remove a GPG user from the repository's collaborators
///
/// A person who has unlocked the repository once may have kept the key, and the history has the wrapped one: make a new
/// key to keep them from reading future versions.
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
