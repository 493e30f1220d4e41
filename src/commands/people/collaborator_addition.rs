//! Adds collaborators, whatever kind of key they have: wraps the key, attests, stages, commits and reports.

use clap::Args;
use jiff::Timestamp;

use super::marks::warn_of_names;
use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{Gpg, Recipient, Wrapper, add_collaborators, require_none_underway};
use crate::repository::Repository;

/// Which key the new collaborators get, and whether that is committed.
#[derive(Args)]
pub(super) struct AdditionArgs {
    #[command(flatten)]
    key: KeyOption,
    /// Stage the files only, without a commit
    #[arg(short, long)]
    no_commit: bool,
}

impl AdditionArgs {
    pub(super) fn run(
        &self,
        context: &Context,
        repository: &Repository,
        gpg: &Gpg,
        recipients: &[Recipient],
        trusted: bool,
    ) -> Result<Outcome, Failure> {
        let key = repository.keys().load(&self.key.name()?)?;
        require_none_underway(repository, [key.name().clone()])?;
        let wrapper = Wrapper { gpg, trusted };
        let change = add_collaborators(repository, &key, recipients, wrapper, Timestamp::now())?;
        if !self.no_commit {
            change.commit(repository)?;
        }
        let done = if self.no_commit {
            "staged"
        } else {
            "committed"
        };
        for recipient in recipients {
            let name = key.name();
            let anew = if change.wrapped_anew.contains(&recipient.holder()) {
                ", wrapped anew"
            } else {
                ""
            };
            context.terminal.info(format_args!(
                "{done}: the key `{name}` for {recipient}{anew}"
            ));
        }
        warn_of_names(context, &change.names_left_out);
        Ok(Outcome::Done)
    }
}
