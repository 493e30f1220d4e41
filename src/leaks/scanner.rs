//! Looks through the bytes of one file, message or path for everything that its content can give away.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::forms::anchors::{Action, anchors};
use super::forms::encoded::encoded_key_at;
use super::forms::kubernetes::KubernetesSecrets;
use super::forms::logins::cloud_init::passwords_of_users;
use super::forms::logins::commands::COMMANDS;
use super::forms::logins::entries::passwords_in_entries;
use super::forms::logins::headers::{basic_at, bearer_at};
use super::forms::logins::piped::{READERS, password_piped_into};
use super::forms::logins::statements::{passphrases_of_user, password_in_statement};
use super::forms::logins::urls::{
    login_in_url, password_in_data_source, password_in_url, sentry_key_in_url,
};
use super::forms::password_hashes::hash_at;
use super::forms::private_keys::{
    KEY_FILE_BEGINNINGS, age_key_at, is_legacy_key, pem_key_at, putty_key_at,
};
use super::forms::registry_logins::docker_config_at;
use super::forms::settings::assignments::{secret_assigned_at, value_assigned_at};
use super::forms::settings::dialect::Dialect;
use super::forms::tokens::shapes::telegram_token_around;
use super::forms::tokens::table::SHAPES;
use super::known::known_secrets::{KnownSecrets, ValueSource};
use super::rule::Rule;
use crate::repository::is_binary;

/// The search for everything that is not a known value.
pub(super) struct Scanner {
    anchors: AhoCorasick,
    actions: Vec<Action>,
    known: Option<KnownSecrets>,
}

/// Something that was found in a content.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) rule: Rule,
    pub(super) start: usize,
    pub(super) end: usize,
    /// A description that does not give it away.
    pub(super) hint: String,
    /// The encrypted file that it comes from.
    pub(super) source: Option<ValueSource>,
}

/// `hs-secrets: allow RULE` in a line.
pub(super) struct Marker {
    pub(super) rule: Rule,
    pub(super) at: usize,
}

/// The kind of text that is looked through.
#[derive(Clone, Copy)]
pub(super) struct TextKind<'path> {
    /// True if Git takes it for binary.
    pub(super) is_binary: bool,
    /// The path of its file; empty if it has none.
    pub(super) path: &'path [u8],
}

/// All that a content gives away, in its order.
#[derive(Default)]
pub(super) struct Hits {
    pub(super) hits: Vec<Hit>,
    pub(super) markers: Vec<Marker>,
}

impl Scanner {
    /// A search for all rules' patterns, and for these values.
    pub(super) fn new(known: Option<KnownSecrets>) -> Self {
        let (words, actions) = anchors();
        let anchors = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words)
            .expect("the anchors are few and short");
        Self {
            anchors,
            actions,
            known,
        }
    }

    /// The search for known values, if there are any.
    pub(super) fn known(&self) -> Option<&KnownSecrets> {
        self.known.as_ref()
    }

    /// The known values in `content` only, for what is no text of its own: paths.
    pub(super) fn known_in(&self, content: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.add_known(content, &mut hits);
        hits
    }

    /// Everything in `content`, which belongs to a file of this name.
    pub(super) fn look_at(&self, content: &[u8], path: &[u8]) -> Hits {
        let kind = TextKind {
            is_binary: is_binary(content),
            path,
        };
        let mut found = self.look_at_part(content, kind);
        if is_legacy_key(content) {
            let hint = "a git-crypt key in the format before 0.4";
            let whole = hit(Rule::KeyFile, 0, content.len(), hint);
            found.hits.insert(0, whole);
            found.hits = without_repetition(found.hits);
        }
        found
    }

    /// Everything in `content`, which is a part of a text of this kind.
    pub(super) fn look_at_part(&self, content: &[u8], kind: TextKind<'_>) -> Hits {
        let mut found = Hits::default();
        let mut pass = Pass {
            dialect: Dialect::of_path(kind.path),
            secrets: KubernetesSecrets::default(),
            encoded_to: 0,
        };
        for anchor in self.anchors.find_iter(content) {
            let action = self.actions[anchor.pattern().as_usize()];
            let is_for_text = matches!(
                action,
                Action::Name
                    | Action::Url
                    | Action::Hash
                    | Action::Header
                    | Action::Basic
                    | Action::Command(_)
                    | Action::Reader(_)
                    | Action::Statement
                    | Action::SnmpUser
                    | Action::DataSource
                    | Action::DockerConfig
                    | Action::KubernetesSecret
            );
            if !(kind.is_binary && is_for_text) {
                found.act(action, content, anchor.start(), anchor.end(), &mut pass);
                let weak = self.weak_value_at(action, content, anchor.start(), pass.dialect);
                found.hits.extend(weak);
            }
        }
        if !kind.is_binary {
            for place in passwords_in_entries(content, kind.path) {
                found.add_password(Some((place.start, place.end)));
            }
        }
        self.add_known(content, &mut found.hits);
        found.hits.sort_by_key(|hit| (hit.start, hit.rule));
        found.hits = without_repetition(found.hits);
        found
    }

    /// The known value that is too common to be looked for elsewhere than under a name or in a URL, if one stands at `start`.
    fn weak_value_at(
        &self,
        action: Action,
        content: &[u8],
        start: usize,
        dialect: Dialect,
    ) -> Option<Hit> {
        let known = self.known.as_ref()?;
        let place = match action {
            Action::Name => value_assigned_at(content, start, dialect)?,
            Action::Url => login_in_url(content, start)?.1,
            _ => return None,
        };
        let source = known.weak_source(&content[place.clone()])?;
        let hint = format!(
            "a value of {} characters from line {} of {}",
            place.len(),
            source.line,
            source.path
        );
        Some(Hit {
            source: Some(source.clone()),
            ..hit(Rule::KnownSecret, place.start, place.end, &hint)
        })
    }

    fn add_known(&self, content: &[u8], hits: &mut Vec<Hit>) {
        let mut keys_seen: Vec<&ValueSource> = Vec::new();
        for sighting in self.known.iter().flat_map(|known| known.find_in(content)) {
            if sighting.of_key && keys_seen.contains(&sighting.source) {
                continue;
            }
            keys_seen.extend(sighting.of_key.then_some(sighting.source));
            let what = if sighting.of_key {
                "part of a key"
            } else {
                "a value"
            };
            let hint = format!(
                "{what} of {} characters from line {} of {}{}",
                sighting.value_len,
                sighting.source.line,
                sighting.source.path,
                sighting.encoding.words()
            );
            hits.push(Hit {
                source: Some(sighting.source.clone()),
                ..hit(Rule::KnownSecret, sighting.start, sighting.end, &hint)
            });
        }
    }
}

/// The state of one pass over a text, whose anchors are looked at from front to back.
struct Pass {
    dialect: Dialect,
    secrets: KubernetesSecrets,
    /// The end of the last encoded text, whose letters are nothing else.
    encoded_to: usize,
}

impl Hits {
    /// Leaves out all that does not begin in `range`.
    pub(super) fn keep_from(&mut self, range: Range<usize>) {
        self.hits.retain(|hit| range.contains(&hit.start));
        self.markers.retain(|marker| range.contains(&marker.at));
    }

    fn act(&mut self, action: Action, content: &[u8], start: usize, end: usize, pass: &mut Pass) {
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
            Action::Name => {
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
            Action::Header => match bearer_at(content, end) {
                Some(end) => {
                    let start = start + "bearer ".len();
                    self.hits.push(masked(Rule::PasswordAssignment, start, end));
                }
                // `bearer = …` is a name.
                None => self.act(Action::Name, content, start, end, pass),
            },
            Action::Basic => {
                if let Some(to) = basic_at(content, end) {
                    self.add_password(Some((end, to)));
                }
            }
            Action::Command(index) => {
                let command = &COMMANDS[index];
                self.add_password(command.password_in(content, start..end, pass.dialect));
            }
            Action::Reader(index) => {
                let (_, sign) = READERS[index];
                self.add_password(password_piped_into(content, start, sign, pass.dialect));
                for place in passwords_of_users(content, start, pass.dialect) {
                    self.add_password(Some((place.start, place.end)));
                }
                // `--password-stdin` is a name, too.
                self.act(Action::Name, content, start, end, pass);
            }
            Action::Statement => {
                self.add_password(password_in_statement(content, end, pass.dialect));
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

    fn add_password(&mut self, place: Option<(usize, usize)>) {
        let found = place.map(|(start, end)| masked(Rule::PasswordAssignment, start, end));
        self.hits.extend(found);
    }

    /// Adds a marker for each rule that is named behind `hs-secrets: allow `, which ends at `end`.
    ///
    /// Reads on only as far as rules are named, so that many markers in one long line take no longer than one.
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

fn hit(rule: Rule, start: usize, end: usize, hint: &str) -> Hit {
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

/// Of several hits on the same bytes, the first rule's: it says most about them.
fn without_repetition(hits: Vec<Hit>) -> Vec<Hit> {
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
