//! `add-age-user`: the key, sealed for somebody's age or SSH key.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::commands::{Context, KeyOption, Outcome};
use crate::failure::Failure;
use crate::keyring::{AgeRecipient, add_age_users};

/// Add people with age or SSH keys to the repository as collaborators
///
/// Seals the repository's key for each of them and commits the result, so that they can `unlock` without a key file.
/// Only these files are committed, whatever else is staged; git-crypt does not look at them.
#[derive(Args)]
pub(crate) struct AddAgeUserArgs {
    #[command(flatten)]
    key: KeyOption,
    /// Stage the files only, without a commit
    #[arg(short, long)]
    no_commit: bool,
    /// What to call the recipient, where it is but one; an SSH key's comment otherwise
    #[arg(long)]
    name: Option<String>,
    /// Take recipients from a file: one a line, as in ~/.ssh/id_ed25519.pub, `#` begins a comment
    #[arg(short = 'R', long, value_name = "FILE")]
    recipients_file: Vec<PathBuf>,
    /// Public keys: `age1…`, or an SSH key's whole line `ssh-ed25519 AAAA… name` as one argument
    #[arg(required_unless_present = "recipients_file", value_name = "RECIPIENT")]
    recipients: Vec<String>,
}

impl AddAgeUserArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let recipients = self.recipients()?;
        let key = repository.load_key(&self.key.name()?)?;
        let change = add_age_users(&repository, &key, &recipients)?;
        let terminal = &context.terminal;
        if !self.no_commit && !change.commit(&repository)? {
            terminal.say("nothing to do: they have the key already");
            return Ok(Outcome::Done);
        }
        let done = if self.no_commit {
            "staged"
        } else {
            "committed"
        };
        for recipient in &recipients {
            terminal.say(format_args!(
                "{done}: the key `{}` for {recipient}",
                key.name()
            ));
        }
        Ok(Outcome::Done)
    }

    fn recipients(&self) -> Result<Vec<AgeRecipient>, Failure> {
        let mut recipients = Vec::new();
        for text in &self.recipients {
            recipients.push(AgeRecipient::parse(text)?);
        }
        for file in &self.recipients_file {
            let failed = |reason: &dyn std::fmt::Display| {
                Failure::new(format_args!(
                    "reading the recipients in {} failed: {reason}",
                    file.display()
                ))
            };
            let list = fs::read_to_string(file).map_err(|error| failed(&error))?;
            let listed = AgeRecipient::parse_list(&list).map_err(|error| failed(&error))?;
            if listed.is_empty() {
                return Err(failed(&"there are none"));
            }
            recipients.extend(listed);
        }
        match (&self.name, recipients.pop()) {
            (None, last) => recipients.extend(last),
            (Some(name), Some(only)) if recipients.is_empty() => recipients.push(only.named(name)),
            _ => return Err(Failure::usage("`--name` is for one recipient alone")),
        }
        Ok(recipients)
    }
}
