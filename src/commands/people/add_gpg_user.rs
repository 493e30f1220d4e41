//! `add-gpg-user`: wraps the key for somebody's GPG key.

use clap::Args;

use super::collaborator_addition::AdditionArgs;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{Gpg, Recipient};

/// Add GPG users to the repository as collaborators
///
/// Wraps the repository's key for each user's GPG key and commits the result, so that they can `unlock` without a key
/// file. Only these files are committed, whatever else is staged. A key that was wrapped for them before is replaced.
#[derive(Args)]
pub(crate) struct AddGpgUserArgs {
    #[command(flatten)]
    addition: AdditionArgs,
    /// Assume that the users' keys are their own, whatever GPG knows of them
    #[arg(long)]
    trusted: bool,
    /// Users as GPG finds them: fingerprint, key id, address or name
    #[arg(required = true, value_name = "USER")]
    users: Vec<String>,
}

impl AddGpgUserArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let gpg = Gpg::of(&repository)?;
        let mut recipients = Vec::new();
        for user in &self.users {
            recipients.push(Recipient::Gpg(gpg.public_key_of(user)?));
        }
        self.addition
            .run(context, &repository, &gpg, &recipients, self.trusted)
    }
}
