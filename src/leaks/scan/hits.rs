//! Looks for a secret at each anchor, and collects what is found in one list.

use std::ops::Range;

use crate::leaks::forms::anchors::Action;
use crate::leaks::forms::encoded::encoded_key_at;
use crate::leaks::forms::kubernetes::KubernetesSecrets;
use crate::leaks::forms::logins::calls::CALLS;
use crate::leaks::forms::logins::cloud_init::passwords_of_users;
use crate::leaks::forms::logins::commands::COMMANDS;
use crate::leaks::forms::logins::headers::{basic_at, bearer_at};
use crate::leaks::forms::logins::piped::{READERS, password_read_by};
use crate::leaks::forms::logins::schemes::password_behind_scheme;
use crate::leaks::forms::logins::statements::{passphrases_of_user, password_in_statement};
use crate::leaks::forms::logins::urls::{
    password_in_data_source, password_in_url, sentry_key_in_url,
};
use crate::leaks::forms::password_hashes::hash_at;
use crate::leaks::forms::private_keys::{
    KEY_FILE_BEGINNINGS, age_key_at, pem_key_at, putty_key_at,
};
use crate::leaks::forms::registry_logins::docker_config_at;
use crate::leaks::forms::settings::assignments::secret_assigned_at;
use crate::leaks::forms::settings::dialect::Dialect;
use crate::leaks::forms::tokens::shapes::telegram_token_around;
use crate::leaks::forms::tokens::table::SHAPES;
use crate::leaks::known::known_secrets::ValueSource;
use crate::leaks::rule::Rule;

/// Something that a rule found in a content.
#[derive(Debug)]
pub(in crate::leaks) struct Hit {
    pub(in crate::leaks) rule: Rule,
    pub(in crate::leaks) start: usize,
    pub(in crate::leaks) end: usize,
    /// A description that does not reveal the value.
    pub(in crate::leaks) hint: String,
    /// The encrypted file that the value comes from, if it is known.
    pub(in crate::leaks) source: Option<ValueSource>,
}

/// A marker `hs-secrets: allow RULE` in a line.
pub(in crate::leaks) struct Marker {
    pub(in crate::leaks) rule: Rule,
    pub(in crate::leaks) at: usize,
}

/// Everything found in a content, in order.
#[derive(Default)]
pub(in crate::leaks) struct Hits {
    pub(in crate::leaks) hits: Vec<Hit>,
    pub(in crate::leaks) markers: Vec<Marker>,
}

/// The state of one pass over a text. Anchors are visited from front to back.
pub(super) struct Pass {
    pub(super) dialect: Dialect,
    secrets: KubernetesSecrets,
    /// The end of the last base64 text. Anchors before it are part of that text and are skipped.
    encoded_to: usize,
}

impl Pass {
    /// The beginning of a pass over a text of this path.
    pub(super) fn over(path: &[u8]) -> Self {
        Self {
            dialect: Dialect::of_path(path),
            secrets: KubernetesSecrets::default(),
            encoded_to: 0,
        }
    }
}

impl Hits {
    /// Removes everything that does not begin in `range`.
    pub(in crate::leaks) fn keep_from(&mut self, range: Range<usize>) {
        self.hits.retain(|hit| range.contains(&hit.start));
        self.markers.retain(|marker| range.contains(&marker.at));
    }

    /// Looks for the kind of secret that belongs to the anchor between `start` and `end`.
    pub(super) fn act(
        &mut self,
        action: Action,
        content: &[u8],
        start: usize,
        end: usize,
        pass: &mut Pass,
    ) {
        match action {
            Action::Shape(index) => {
                let shape = &SHAPES[index];
                if content[start..].starts_with(shape.anchor.as_bytes())
                    && let Some(Range { start, end }) = shape.place_in(content, start)
                {
                    let hint = format!(
                        "{}: {}…, {} characters",
                        shape.owner,
                        shape.anchor,
                        end - start
                    );
                    self.hits.push(hit(Rule::Token, start, end, &hint));
                }
            }
            Action::Name | Action::LastWord => {
                if let Some((start, end)) = secret_assigned_at(content, start, pass.dialect) {
                    self.hits.push(masked(Rule::PasswordAssignment, start, end));
                }
            }
            Action::Url => {
                if let Some((start, end)) = password_in_url(content, start, pass.dialect) {
                    self.hits.push(masked(Rule::UrlPassword, start, end));
                } else if let Some(Range { start, end }) = sentry_key_in_url(content, start) {
                    let hint = format!("Sentry (DSN), {} characters", end - start);
                    self.hits.push(hit(Rule::Token, start, end, &hint));
                }
            }
            Action::Hash => {
                if let Some(end) = hash_at(content, start) {
                    self.hits.push(masked(Rule::PasswordHash, start, end));
                }
            }
            Action::Header => {
                self.add_password(bearer_at(content, end).map(|to| (end, to)));
            }
            Action::Basic => {
                if let Some(to) = basic_at(content, end) {
                    self.add_password(Some((end, to)));
                }
            }
            Action::Call(index) => {
                self.add_password(CALLS[index].password_in(content, start..end, pass.dialect));
            }
            Action::Command(index) => {
                self.add_password(COMMANDS[index].password_in(content, start..end, pass.dialect));
            }
            Action::Reader(index) => {
                let (_, sign) = READERS[index];
                self.add_password(password_read_by(content, start..end, sign, pass.dialect));
                for place in passwords_of_users(content, start, pass.dialect) {
                    self.add_password(Some((place.start, place.end)));
                }
            }
            Action::Statement => {
                self.add_password(password_in_statement(content, end, pass.dialect));
            }
            Action::Scheme => {
                self.add_password(password_behind_scheme(content, end, pass.dialect));
            }
            Action::SnmpUser => {
                for place in passphrases_of_user(content, end, pass.dialect) {
                    self.add_password(Some((place.start, place.end)));
                }
            }
            Action::DataSource => {
                self.add_password(password_in_data_source(content, start, pass.dialect));
            }
            Action::Telegram => {
                if let Some((start, end)) = telegram_token_around(content, start) {
                    let hint = format!("Telegram, {} characters", end - start);
                    self.hits.push(hit(Rule::Token, start, end, &hint));
                }
            }
            Action::Putty => {
                if let Some(end) = putty_key_at(content, start) {
                    self.hits
                        .push(hit(Rule::PrivateKey, start, end, "a PuTTY key"));
                }
            }
            Action::Pem => {
                if let Some(end) = pem_key_at(content, start) {
                    let hint = String::from_utf8_lossy(&content[start + 11..end - 5]).into_owned();
                    self.hits
                        .push(hit(Rule::PrivateKey, start, end, &hint.to_lowercase()));
                }
            }
            Action::AgeKey => {
                if let Some(end) = age_key_at(content, start) {
                    self.hits
                        .push(hit(Rule::PrivateKey, start, end, "an age identity"));
                }
            }
            Action::KeyFile => {
                let known = KEY_FILE_BEGINNINGS
                    .iter()
                    .any(|beginning| content[start..end] == *beginning.as_bytes());
                if known {
                    self.hits
                        .push(hit(Rule::KeyFile, start, end, "a git-crypt key"));
                }
            }
            Action::EncodedKey => {
                if start >= pass.encoded_to
                    && let Some(end) = encoded_key_at(content, start)
                {
                    pass.encoded_to = end;
                    self.hits
                        .push(hit(Rule::PrivateKey, start, end, "in base64"));
                }
            }
            Action::DockerConfig => {
                if end >= pass.encoded_to
                    && let Some((value, is_login)) = docker_config_at(content, end)
                {
                    pass.encoded_to = value.end;
                    self.add_password(is_login.then_some((value.start, value.end)));
                }
            }
            Action::KubernetesSecret => {
                for place in pass.secrets.of_kind(content, start) {
                    let found = masked(Rule::PasswordAssignment, place.start, place.end);
                    self.hits.push(found);
                }
            }
            Action::Marker => self.add_markers(content, start, end),
        }
    }

    pub(super) fn add_password(&mut self, place: Option<(usize, usize)>) {
        let found = place.map(|(start, end)| masked(Rule::PasswordAssignment, start, end));
        self.hits.extend(found);
    }

    /// Adds a marker for each rule that is named after `hs-secrets: allow `, which ends at `end`.
    ///
    /// Stops at the first word that is no rule, so that a line with very many markers is still read in linear time.
    fn add_markers(&mut self, content: &[u8], start: usize, end: usize) {
        let words = content[end..].split(|byte| b", \n".contains(byte));
        let mut at = end;
        for word in words {
            if let Some(rule) = std::str::from_utf8(word).ok().and_then(Rule::named) {
                self.markers.push(Marker { rule, at: start });
            } else if !word.is_empty() {
                return;
            }
            at += word.len();
            if content.get(at) == Some(&b'\n') {
                return;
            }
            at += 1;
        }
    }
}

pub(super) fn hit(rule: Rule, start: usize, end: usize, hint: &str) -> Hit {
    Hit {
        rule,
        start,
        end,
        hint: hint.to_owned(),
        source: None,
    }
}

fn masked(rule: Rule, start: usize, end: usize) -> Hit {
    hit(rule, start, end, &format!("{} characters", end - start))
}

/// If several hits overlap, keeps only the one of the first rule, which says most about the value.
pub(super) fn without_repetition(hits: Vec<Hit>) -> Vec<Hit> {
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        let overlaps = |other: &Hit| hit.start < other.end && other.start < hit.end;
        match kept.last_mut().filter(|last| overlaps(last)) {
            Some(last) if hit.rule < last.rule => *last = hit,
            Some(_) => {}
            None => kept.push(hit),
        }
    }
    kept
}
