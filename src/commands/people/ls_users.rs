//! `ls-users`: lists who has which keys.

use clap::Args;
use serde::Serialize;

use super::marks::{marked_keys, not_attested, warn_of_shallow_clone, warn_of_unread};
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::keyring::{
    Attestations, Collaborator, Gpg, Recipient, Usability, attest_names, collaborators, gone_lists,
    holders_gone, not_wrapped,
};
use crate::repository::quoted;

/// List the collaborators
///
/// If the key is here, collaborators are marked whom no holder of the key has attested, such as those that git-crypt has
/// added. Their names are "unproven": anybody who can push can write such a name.
#[derive(Args)]
pub(crate) struct LsUsersArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One collaborator in the JSON document.
#[derive(Serialize)]
struct UserLine {
    /// `gpg`, `age` or `ssh`.
    kind: &'static str,
    /// The fingerprint of a GPG key, or the name of the files of an age or SSH key.
    id: String,
    name: Option<String>,
    /// False if nobody with the key has vouched for the name, so that anybody who can push may have written it.
    name_given: bool,
    /// The age or SSH key itself.
    public_key: Option<String>,
    /// The time from which nothing can be encrypted to a GPG key any more.
    expires: Option<String>,
    /// Whether a key can be wrapped for them now; `unknown` if their public key is not here.
    state: &'static str,
    keys: Vec<String>,
    not_attested: Vec<String>,
    #[serde(skip)]
    cells: Vec<String>,
}

impl LsUsersArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let gpg = Gpg::of(&repository)?;
        let (mut users, trouble) = collaborators(&repository, &gpg, |_| true)?;
        attest_names(&repository, &mut users)?;
        if let Some(trouble) = trouble {
            context
                .terminal
                .warning(format_args!("no names of GPG users, since {trouble}"));
        }
        let attestations = Attestations::of(&repository)?;
        warn_of_unread(context, &attestations);
        if !users.is_empty() && repository.commits().is_shallow() {
            warn_of_shallow_clone(&context.terminal);
        }
        for (key, holders) in attestations.differences(&repository)?.not_wrapped {
            context.terminal.warning(not_wrapped(&key, &holders));
        }
        for key in gone_lists(&repository)? {
            context.terminal.warning(holders_gone(&key));
        }
        let users = users.iter().map(|user| UserLine::of(user, &attestations));
        let users: Vec<UserLine> = users.collect();
        if self.json {
            context.terminal.json(&users)?;
        } else if users.is_empty() {
            context.terminal.info("no collaborators");
        } else {
            let head = ["NAME", "KIND", "PUBLIC KEY", "EXPIRES", "KEYS"];
            let rows = users.into_iter().map(|user| user.cells);
            context.terminal.table(&head, rows.collect())?;
        }
        Ok(Outcome::Done)
    }
}

impl UserLine {
    fn of(user: &Collaborator, attestations: &Attestations) -> Self {
        let id = user.holder.id().to_owned();
        let is_by_gpg = user.holder.is_by_gpg();
        let recipient = user.recipient.as_ref();
        let gpg_key = match recipient {
            Some(Recipient::Gpg(key)) => Some(key),
            _ => None,
        };
        let public_key = recipient.filter(|_| !is_by_gpg).map(Recipient::public_key);
        let is_by_ssh = public_key
            .as_ref()
            .is_some_and(|key| key.starts_with("ssh-"));
        let kind = match (is_by_gpg, is_by_ssh) {
            (true, _) => "gpg",
            (false, true) => "ssh",
            (false, false) => "age",
        };
        let state = match (recipient, gpg_key) {
            (None, _) => "unknown",
            (Some(_), None) => "usable",
            (Some(_), Some(key)) => word_for(key.usability),
        };
        let expires = gpg_key.and_then(|key| jiff::Timestamp::from_second(key.expires?).ok());
        let expires = expires.map(|time| time.to_string());
        let name = recipient.and_then(Recipient::name).map(ToOwned::to_owned);
        let short = match (recipient, is_by_gpg) {
            (Some(recipient), false) => recipient.short(),
            (None, false) => format!("unknown, id {id}"),
            (_, true) => id.clone(),
        };
        let lacks_attestation = !not_attested(user, attestations).is_empty();
        let shown_name = match (&name, recipient, is_by_gpg) {
            (Some(name), ..) if lacks_attestation && !user.is_name_given => {
                format!("{} (unproven)", quoted(name))
            }
            (Some(name), ..) => name.clone(),
            (None, None, true) => "(not in your keyring)".to_owned(),
            (None, None, false) => "?".to_owned(),
            (None, Some(_), _) => "-".to_owned(),
        };
        Self {
            cells: vec![
                shown_name,
                kind.to_owned(),
                short,
                ends(is_by_gpg, expires.as_deref(), state),
                marked_keys(user, attestations),
            ],
            kind,
            id,
            name_given: user.is_name_given,
            name,
            public_key,
            expires,
            state,
            keys: user.keys.iter().map(ToString::to_string).collect(),
            not_attested: not_attested(user, attestations),
        }
    }
}

fn word_for(usability: Usability) -> &'static str {
    match usability {
        Usability::Usable => "usable",
        Usability::Expired => "expired",
        Usability::Revoked => "revoked",
        Usability::Disabled => "disabled",
        Usability::NoEncryption => "unusable",
    }
}

/// For people: when the key expires, or why it can't be used. Age and SSH keys do not expire.
fn ends(is_by_gpg: bool, expires: Option<&str>, state: &str) -> String {
    let day = expires.map(|time| time.split('T').next().unwrap_or_default());
    match (day, state) {
        _ if !is_by_gpg => "-".to_owned(),
        (Some(day), "usable") => day.to_owned(),
        (None, "usable") => "never".to_owned(),
        (None, "unknown") => "?".to_owned(),
        (Some(day), "expired") => format!("{day} (expired)"),
        (_, state) => state.to_owned(),
    }
}
