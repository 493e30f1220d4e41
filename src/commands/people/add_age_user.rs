//! `add-age-user`: seals the key for somebody's age or SSH key.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::collaborator_addition::AdditionArgs;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{AgeRecipient, Gpg, Recipient, looks_like_key};

/// Add people with age or SSH keys to the repository as collaborators
///
/// Seals the repository's key for each of them and commits the result, so that they can `unlock` without a key file.
/// Only these files are committed, whatever else is staged; git-crypt does not look at them. A key that was sealed for
/// them before is replaced. `add-ssh-user` is another name of this command.
#[derive(Args)]
pub(crate) struct AddAgeUserArgs {
    #[command(flatten)]
    addition: AdditionArgs,
    /// The recipient's name, if there is only one recipient; else an SSH key's comment is the name
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
        let recipients: Vec<Recipient> =
            self.recipients()?.into_iter().map(Recipient::Age).collect();
        let gpg = Gpg::of(&repository)?;
        self.addition
            .run(context, &repository, &gpg, &recipients, false)
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
        recipients.iter().try_for_each(refuse_key_as_name)?;
        Ok(recipients)
    }
}

/// A name is committed. If the user gave a secret key as the name by mistake, it would be published.
fn refuse_key_as_name(recipient: &AgeRecipient) -> Result<(), Failure> {
    match recipient.name() {
        Some(name) if looks_like_key(name.as_ref()) => Err(Failure::new(format_args!(
            "what stands for the name of {} looks like a secret key, and would be committed",
            recipient.short()
        ))
        .hint("nothing was changed; give a name: `add-age-user --name NAME`")),
        _ => Ok(()),
    }
}
