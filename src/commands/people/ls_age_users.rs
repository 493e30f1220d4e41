//! `ls-age-users`: who has which keys by age or SSH.

use clap::Args;
use serde::Serialize;

use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{Collaborator, Gpg, Holder, Recipient, collaborators};

/// List the collaborators with age or SSH keys
#[derive(Args)]
pub(crate) struct LsAgeUsersArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One of them in the JSON document.
#[derive(Serialize)]
struct AgeUserLine<'user> {
    id: &'user str,
    recipient: Option<String>,
    name: Option<&'user str>,
    keys: Vec<String>,
}

impl LsAgeUsersArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let gpg = Gpg::of(&repository)?;
        let (users, _) = collaborators(&repository, &gpg, Holder::is_by_age)?;
        if self.json {
            let listed: Vec<AgeUserLine<'_>> = users.iter().map(AgeUserLine::of).collect();
            context.terminal.json(&listed)?;
        } else if users.is_empty() {
            context.terminal.say("no users with age or SSH keys");
        } else {
            let rows = users.iter().map(row);
            context
                .terminal
                .table(&["NAME", "RECIPIENT", "KEYS"], rows.collect())?;
        }
        Ok(Outcome::Done)
    }
}

impl<'user> AgeUserLine<'user> {
    fn of(user: &'user Collaborator) -> Self {
        Self {
            id: user.holder.id(),
            recipient: user.recipient.as_ref().map(Recipient::public_key),
            name: user.recipient.as_ref().and_then(Recipient::name),
            keys: user.keys.iter().map(ToString::to_string).collect(),
        }
    }
}

fn row(user: &Collaborator) -> Vec<String> {
    let keys: Vec<String> = user.keys.iter().map(ToString::to_string).collect();
    let (name, recipient) = match &user.recipient {
        Some(recipient) => (
            recipient.name().unwrap_or("-").to_owned(),
            recipient.short(),
        ),
        None => ("?".to_owned(), format!("unknown, id {}", user.holder.id())),
    };
    vec![name, recipient, keys.join(", ")]
}
