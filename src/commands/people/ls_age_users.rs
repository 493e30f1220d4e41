//! `ls-age-users`: who has which keys by age or SSH.

use clap::Args;
use serde::Serialize;

use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{AgeRecipient, AgeUser, age_users};

/// List the collaborators with age or SSH keys
#[derive(Args)]
pub(crate) struct LsAgeUsersArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One of them in the JSON document.
#[derive(Serialize)]
struct Listed<'user> {
    id: &'user str,
    recipient: Option<&'user str>,
    name: Option<&'user str>,
    keys: Vec<String>,
}

impl LsAgeUsersArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let users = age_users(&context.repository()?)?;
        if self.json {
            let listed: Vec<Listed<'_>> = users.iter().map(Listed::of).collect();
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

impl<'user> Listed<'user> {
    fn of(user: &'user AgeUser) -> Self {
        Self {
            id: user.id.as_str(),
            recipient: user.recipient.as_ref().map(AgeRecipient::text),
            name: user.recipient.as_ref().and_then(AgeRecipient::name),
            keys: user.keys.iter().map(ToString::to_string).collect(),
        }
    }
}

fn row(user: &AgeUser) -> Vec<String> {
    let keys: Vec<String> = user.keys.iter().map(ToString::to_string).collect();
    let (name, recipient) = match &user.recipient {
        Some(recipient) => (
            recipient.name().unwrap_or("-").to_owned(),
            recipient.short(),
        ),
        None => ("?".to_owned(), format!("unknown, id {}", user.id)),
    };
    vec![name, recipient, keys.join(", ")]
}
