//! `rm-age-user`: somebody's wrapped keys, removed.

use clap::Args;

use super::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::remove_age_user;

/// Remove somebody with an age or SSH key from the repository's collaborators
///
/// Whoever has unlocked the repository once may have kept the key, and the history holds the wrapped one: to shut
/// somebody out from what comes, make a new key.
#[derive(Args)]
pub(super) struct RmAgeUserArgs {
    /// Remove the user from all keys, instead of just the default one
    #[arg(short, long, conflicts_with = "key_name")]
    all: bool,
    #[command(flatten)]
    key: KeyOption,
    /// Stage the removal only, without a commit
    #[arg(short, long)]
    no_commit: bool,
    /// The user: the public key, its end, or a part of the name
    user: String,
}

impl RmAgeUserArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let key = match self.all {
            true => None,
            false => Some(self.key.name()?),
        };
        let (user, change) = remove_age_user(&repository, key.as_ref(), &self.user)?;
        if !self.no_commit {
            change.commit(&repository)?;
        }
        let terminal = &context.terminal;
        terminal.say(format_args!("removed {user}"));
        let kept: Vec<String> = user
            .keys
            .iter()
            .filter(|name| key.as_ref().is_some_and(|removed| removed != *name))
            .map(ToString::to_string)
            .collect();
        if !kept.is_empty() {
            terminal.warning(format_args!(
                "they still have other keys: {}; `--all` removes them from those too",
                kept.join(", ")
            ));
        }
        terminal.warning("whoever has unlocked this repository before may have kept the key");
        Ok(Outcome::Done)
    }
}
