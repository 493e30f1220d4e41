//! Searches the bytes of one file, message or path for all kinds of secrets.

use std::ops::Range;

use super::anchor_search::AnchorSearch;
use super::hits::{Hit, Hits, Pass, hit, without_repetition};
use crate::leaks::forms::anchors::{Action, anchors};
use crate::leaks::forms::logins::clients::passwords_of_clients;
use crate::leaks::forms::logins::entries::passwords_in_entries;
use crate::leaks::forms::logins::urls::login_in_url;
use crate::leaks::forms::private_keys::is_legacy_key;
use crate::leaks::forms::settings::assignments::value_assigned_at;
use crate::leaks::forms::settings::dialect::Dialect;
use crate::leaks::known::known_secrets::{KnownSecrets, ValueSource};
use crate::leaks::rule::Rule;
use crate::repository::is_binary;

/// The searches for anchors and for known values.
pub(in crate::leaks) struct Scanner {
    anchors: AnchorSearch,
    /// For each anchor, what to look for when it is met, and the range of that inner anchor within it.
    looks: Vec<Vec<(Action, Range<usize>)>>,
    known: Option<KnownSecrets>,
}

/// The kind of text that is searched.
#[derive(Clone, Copy)]
pub(in crate::leaks) struct TextKind<'path> {
    /// True if Git takes the file for binary.
    pub(in crate::leaks) is_binary: bool,
    /// The path of its file; empty if it has none.
    pub(in crate::leaks) path: &'path [u8],
}

/// For each anchor, its own action and those of the anchors within it: `secret_` may begin a token, and is a part of names.
fn looks(
    words: &[&str],
    actions: &[Action],
    search: &AnchorSearch,
) -> Vec<Vec<(Action, Range<usize>)>> {
    let within = |outer: &&str| {
        let starts = 0..outer.len();
        let inner = starts.flat_map(|start| search.every_at(outer.as_bytes(), start));
        let mut inner: Vec<_> = inner.collect();
        inner.sort_by_key(|inner| (inner.number, inner.place.start));
        let looks = inner.into_iter();
        looks
            .map(|inner| (actions[inner.number], inner.place))
            .collect()
    };
    words.iter().map(within).collect()
}

impl Scanner {
    /// A search for the anchors of all rules, and for these known values.
    pub(in crate::leaks) fn new(known: Option<KnownSecrets>) -> Self {
        let (words, actions) = anchors();
        let anchors = AnchorSearch::new(&words);
        Self {
            looks: looks(&words, &actions, &anchors),
            anchors,
            known,
        }
    }

    /// The search for known values, if there are any.
    pub(in crate::leaks) fn known(&self) -> Option<&KnownSecrets> {
        self.known.as_ref()
    }

    /// The known values in `content`, for text such as a path to which the other rules do not apply.
    pub(in crate::leaks) fn known_in(&self, content: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.add_known(content, &mut hits);
        hits
    }

    /// Everything in `content`, the whole content of the file at `path`.
    pub(in crate::leaks) fn look_at(&self, content: &[u8], path: &[u8]) -> Hits {
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

    /// Everything in `content`, which is a part of a longer text of this kind.
    pub(in crate::leaks) fn look_at_part(&self, content: &[u8], kind: TextKind<'_>) -> Hits {
        let mut found = Hits::default();
        let mut pass = Pass::over(kind.path);
        let anchors = self.anchors.all_in(content);
        let looks = anchors.flat_map(|anchor| {
            let looks = &self.looks[anchor.number];
            looks.iter().map(move |(action, place)| {
                let start = anchor.place.start;
                (*action, start + place.start..start + place.end)
            })
        });
        for (action, place) in looks {
            // Most longer words that begin with a short anchor are something else: `path`, `ping`.
            let goes_on = content.get(place.end).is_some_and(u8::is_ascii_alphabetic);
            let action = match action {
                Action::LastWord if goes_on => continue,
                Action::LastWord => Action::Name,
                other => other,
            };
            let is_for_text = matches!(
                action,
                Action::Name
                    | Action::Url
                    | Action::Hash
                    | Action::Header
                    | Action::Basic
                    | Action::Call(_)
                    | Action::Command(_)
                    | Action::Reader(_)
                    | Action::Statement
                    | Action::Scheme
                    | Action::SnmpUser
                    | Action::DataSource
                    | Action::DockerConfig
                    | Action::KubernetesSecret
            );
            if !(kind.is_binary && is_for_text) {
                found.act(action, content, place.start, place.end, &mut pass);
                let weak = self.weak_value_at(action, content, place.start, pass.dialect);
                found.hits.extend(weak);
            }
        }
        if !kind.is_binary {
            let entries = passwords_in_entries(content, kind.path).into_iter();
            for place in entries.chain(passwords_of_clients(content, kind.path)) {
                found.add_password(Some((place.start, place.end)));
            }
        }
        self.add_known(content, &mut found.hits);
        found.hits.sort_by_key(|hit| (hit.start, hit.rule));
        found.hits = without_repetition(found.hits);
        found
    }

    /// The known value at `start` that is too common to be searched for anywhere else than under a name or in a URL, if there is one.
    fn weak_value_at(
        &self,
        action: Action,
        content: &[u8],
        start: usize,
        dialect: Dialect,
    ) -> Option<Hit> {
        let known = self.known.as_ref().filter(|known| known.has_weak())?;
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
