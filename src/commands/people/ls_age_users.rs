//! `ls-age-users`: who has which keys by age or SSH.

use clap::Args;
use serde::Serialize;

use super::marks::{marked_keys, not_attested, warn_of_unread};
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{Attestations, Collaborator, Gpg, Holder, Recipient, collaborators};

/// List the collaborators with age or SSH keys
///
/// With the key at hand, those are marked whom no holder of the key has attested.
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
    not_attested: Vec<String>,
}

impl LsAgeUsersArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let gpg = Gpg::of(&repository)?;
        let (users, _) = collaborators(&repository, &gpg, Holder::is_by_age)?;
        let attestations = Attestations::of(&repository)?;
        warn_of_unread(context, &attestations);
        if self.json {
            let listed: Vec<AgeUserLine<'_>> = users
                .iter()
                .map(|user| AgeUserLine::of(user, &attestations))
                .collect();
            context.terminal.json(&listed)?;
        } else if users.is_empty() {
            context.terminal.say("no users with age or SSH keys");
        } else {
            let rows = users.iter().map(|user| row(user, &attestations));
            context
                .terminal
                .table(&["NAME", "RECIPIENT", "KEYS"], rows.collect())?;
        }
        Ok(Outcome::Done)
    }
}

impl<'user> AgeUserLine<'user> {
    fn of(user: &'user Collaborator, attestations: &Attestations) -> Self {
        Self {
            id: user.holder.id(),
            recipient: user.recipient.as_ref().map(Recipient::public_key),
            name: user.recipient.as_ref().and_then(Recipient::name),
            keys: user.keys.iter().map(ToString::to_string).collect(),
            not_attested: not_attested(user, attestations),
        }
    }
}

fn row(user: &Collaborator, attestations: &Attestations) -> Vec<String> {
    let (name, recipient) = match &user.recipient {
        Some(recipient) => (
            recipient.name().unwrap_or("-").to_owned(),
            recipient.short(),
        ),
        None => ("?".to_owned(), format!("unknown, id {}", user.holder.id())),
    };
    vec![name, recipient, marked_keys(user, attestations)]
}
