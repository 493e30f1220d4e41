//! `ls-gpg-users`: who has which keys by GPG.

use clap::Args;
use serde::Serialize;

use super::marks::{marked_keys, not_attested, warn_of_unread};
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{
    Attestations, Collaborator, Gpg, Holder, Recipient, Usability, collaborators,
};

/// List the GPG users who are collaborators
///
/// With the key at hand, those are marked whom no holder of the key has attested, like people whom git-crypt has added.
#[derive(Args)]
pub(crate) struct LsGpgUsersArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One user in the JSON document.
#[derive(Serialize)]
struct GpgUserLine {
    fingerprint: String,
    name: Option<String>,
    expires: Option<String>,
    state: &'static str,
    keys: Vec<String>,
    not_attested: Vec<String>,
    #[serde(skip)]
    marked_keys: String,
}

impl LsGpgUsersArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let gpg = Gpg::of(&repository)?;
        let (users, trouble) = collaborators(&repository, &gpg, Holder::is_by_gpg)?;
        if let Some(trouble) = trouble {
            context
                .terminal
                .warning(format_args!("no names, since {trouble}"));
        }
        let attestations = Attestations::of(&repository)?;
        warn_of_unread(context, &attestations);
        let users: Vec<GpgUserLine> = users
            .iter()
            .map(|user| GpgUserLine::of(user, &attestations))
            .collect();
        if self.json {
            context.terminal.json(&users)?;
        } else if users.is_empty() {
            context.terminal.say("no GPG users");
        } else {
            let head = ["NAME", "FINGERPRINT", "EXPIRES", "KEYS"];
            let rows = users.into_iter().map(GpgUserLine::into_row);
            context.terminal.table(&head, rows.collect())?;
        }
        Ok(Outcome::Done)
    }
}

impl GpgUserLine {
    fn of(user: &Collaborator, attestations: &Attestations) -> Self {
        let key = match &user.recipient {
            Some(Recipient::Gpg(key)) => Some(key),
            _ => None,
        };
        let expires = key.and_then(|key| jiff::Timestamp::from_second(key.expires?).ok());
        Self {
            fingerprint: user.holder.id().to_owned(),
            name: key.map(|key| key.user_id.clone()),
            expires: expires.map(|time| time.to_string()),
            state: match key.map(|key| key.usability) {
                None => "unknown",
                Some(Usability::Usable) => "usable",
                Some(Usability::Expired) => "expired",
                Some(Usability::Revoked) => "revoked",
                Some(Usability::Disabled) => "disabled",
                Some(Usability::NoEncryption) => "unusable",
            },
            keys: user.keys.iter().map(ToString::to_string).collect(),
            not_attested: not_attested(user, attestations),
            marked_keys: marked_keys(user, attestations),
        }
    }

    fn into_row(self) -> Vec<String> {
        let day = |time: String| time.split('T').next().unwrap_or_default().to_owned();
        let expires = match (self.expires.map(day), self.state) {
            (Some(day), "usable") => day,
            (None, "usable") => "never".to_owned(),
            (None, "unknown") => "?".to_owned(),
            (Some(day), "expired") => format!("{day} (expired)"),
            (_, state) => state.to_owned(),
        };
        vec![
            self.name
                .unwrap_or_else(|| "(not in your keyring)".to_owned()),
            self.fingerprint,
            expires,
            self.marked_keys,
        ]
    }
}
