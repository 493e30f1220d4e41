//! `rm-age-user`: removes somebody's wrapped keys.

use clap::Args;

use super::collaborator_removal::RemovalArgs;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::Holder;

/// Remove somebody with an age or SSH key from the repository's collaborators
///
/// A person who has unlocked the repository once may have kept the key, and the history has the wrapped one: make a new
/// key to keep them from reading future versions. `rm-ssh-user` is another name of this command.
#[derive(Args)]
pub(crate) struct RmAgeUserArgs {
    #[command(flatten)]
    removal: RemovalArgs,
    /// The user: public key or its end, name, or a part of them that is asked about
    user: String,
}

impl RmAgeUserArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        self.removal.run(context, &self.user, Holder::is_by_age)
    }
}
