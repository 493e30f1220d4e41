//! `add-gpg-user`: the key, wrapped for somebody's GPG key.

use clap::Args;

use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{Gpg, add_gpg_users};

/// Add GPG users to the repository as collaborators
///
/// Wraps the repository's key for each user's GPG key and commits the result, so that they can `unlock` without a key
/// file. Only these files are committed, whatever else is staged.
#[derive(Args)]
pub(crate) struct AddGpgUserArgs {
    #[command(flatten)]
    key: KeyOption,
    /// Stage the files only, without a commit
    #[arg(short, long)]
    no_commit: bool,
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
        let key = repository.load_key(&self.key.name()?)?;
        let gpg = Gpg::of(&repository)?;
        let found = self.users.iter().map(|user| gpg.public_key_of(user));
        let users = found.collect::<Result<Vec<_>, _>>()?;
        let change = add_gpg_users(&repository, &key, &users, &gpg, self.trusted)?;
        if !self.no_commit && !change.commit(&repository)? {
            context
                .terminal
                .say("nothing to do: they have the key already");
            return Ok(Outcome::Done);
        }
        let done = if self.no_commit {
            "staged"
        } else {
            "committed"
        };
        for user in &users {
            context.terminal.say(format_args!(
                "{done}: the key `{}` for {} {}",
                key.name(),
                user.fingerprint,
                user.user_id
            ));
        }
        Ok(Outcome::Done)
    }
}
