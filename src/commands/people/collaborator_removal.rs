//! Removes a collaborator, whatever kind of key they have: finds, removes, commits, and says what the removal does not do.

use clap::Args;
use jiff::Timestamp;

use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{
    CollaboratorError, Gpg, Holder, add_not_wrapped, attest_names, named, removable_collaborators,
    remove_collaborator, require_none_underway,
};

/// From which keys the collaborator is removed, and whether that is committed.
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

impl RemovalArgs {
    /// Removes the one of `holders` that `user` names.
    pub(super) fn run(
        &self,
        context: &Context,
        user: &str,
        holders: fn(&Holder) -> bool,
    ) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let key = if self.all {
            None
        } else {
            Some(self.key.name()?)
        };
        let names = match &key {
            Some(name) => vec![name.clone()],
            None => repository.keys().names()?,
        };
        require_none_underway(&repository, names)?;
        let gpg = Gpg::of(&repository)?;
        let mut candidates = removable_collaborators(&repository, &gpg, holders)?;
        add_not_wrapped(&repository, &mut candidates, holders)?;
        attest_names(&repository, &mut candidates)?;
        let found = named(candidates, key.as_ref(), user)?;
        let collaborator = found.collaborator;
        let terminal = &context.terminal;
        if found.by_part {
            let only_part = || CollaboratorError::OnlyPart {
                user: user.to_owned(),
                name: collaborator.to_string(),
            };
            match terminal.confirm(&format!("remove {collaborator}?")) {
                Some(true) => {}
                Some(false) => return Err(Failure::new("nothing was changed")),
                None => return Err(only_part().into()),
            }
        }
        let now = Timestamp::now();
        let change = remove_collaborator(&repository, key.as_ref(), &collaborator, now)?;
        if !self.no_commit {
            change.commit(&repository)?;
        }
        terminal.info(format_args!("removed {collaborator}"));
        let kept: Vec<String> = collaborator
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
        terminal.hint("take away their right to push first, then `rotate-key` makes a new key for those who remain");
        Ok(Outcome::Done)
    }
}
