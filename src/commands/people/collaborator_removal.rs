//! What removing a collaborator is like whatever their key: chosen, removed, committed, and told what it does not do.

use std::collections::BTreeSet;
use std::fmt::Display;

use clap::Args;

use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::format::KeyName;
use crate::keyring::StagedChange;
use crate::repository::Repository;

/// From which keys somebody is removed, and whether that is committed.
#[derive(Args)]
pub(super) struct RemovalArgs {
    /// Remove the user from all keys, instead of just the default one
    #[arg(short, long, conflicts_with = "key_name")]
    all: bool,
    #[command(flatten)]
    key: KeyOption,
    /// Stage the removal only, without a commit
    #[arg(short, long)]
    no_commit: bool,
}

/// Who was removed, the keys they had, and the change that takes some of them away.
pub(super) type Removed<User> = (User, BTreeSet<KeyName>, StagedChange);

impl RemovalArgs {
    pub(super) fn run<User: Display>(
        &self,
        context: &Context,
        remove: impl FnOnce(&Repository, Option<&KeyName>) -> Result<Removed<User>, Failure>,
    ) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let key = match self.all {
            true => None,
            false => Some(self.key.name()?),
        };
        let (user, keys, change) = remove(&repository, key.as_ref())?;
        if !self.no_commit {
            change.commit(&repository)?;
        }
        let terminal = &context.terminal;
        terminal.say(format_args!("removed {user}"));
        let kept: Vec<String> = keys
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
        terminal.hint("`rotate-key` makes a new one for those who remain");
        Ok(Outcome::Done)
    }
}
