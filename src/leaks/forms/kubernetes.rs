//! The values of a Kubernetes `Secret` in YAML or JSON: encoded in base64 below `data`, in plain text below `stringData`.
//!
//! A `SealedSecret` is another kind, and its `encryptedData` is no secret.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use serde_json::Value;

use super::encoded::encoded_text;
use super::logins::urls::password_in_url;
use super::registry_logins::has_login;
use super::settings::dialect::Dialect;
use super::settings::placeholders::is_placeholder;
use super::settings::secret_names::{is_named_about_secret, is_named_secret};
use super::settings::value::{is_mixed, is_public, is_random, is_wordy};
use super::yaml_lines::YamlLine;
use crate::format::is_base64;

/// The texts that mark a Kubernetes secret: a line of YAML, or a member of a JSON object.
pub(crate) const KINDS: [&str; 3] = [
    "kind: Secret",
    "\"kind\": \"Secret\"",
    "\"kind\":\"Secret\"",
];

/// Maximum distance in bytes of an object's beginning and end from its kind.
pub(crate) const FARTHEST: usize = 256 << 10;
/// Maximum number of open braces that are remembered. Objects nested deeper are not read.
const DEEPEST: usize = 256;
/// Maximum number of values in one object whose positions are looked up. Further values are reported at the position of the kind.
const MOST_PLACES: usize = 100;
/// Minimum length of a value under the name of a secret.
const SHORTEST_VALUE: usize = 4;
/// Minimum length of a binary value that may be a key.
const SHORTEST_BYTES: usize = 16;

/// Finds the Kubernetes secrets in one text. The kinds must be asked for from front to back.
///
/// Each object is read only once, even if many of its lines say that it is a secret. A hostile file takes no longer than another.
#[derive(Default)]
pub(crate) struct KubernetesSecrets {
    /// The offset up to which braces were read.
    read_to: usize,
    /// The open braces at that offset, and for each whether its object was already read.
    open: VecDeque<(usize, bool)>,
    /// For each indentation, the end of the last YAML mapping that was read.
    mappings: HashMap<usize, usize>,
}

impl KubernetesSecrets {
    /// The values that are secrets, in the object whose kind stands at `start`.
    pub(crate) fn of_kind(&mut self, content: &[u8], start: usize) -> Vec<Range<usize>> {
        if content[start..].starts_with(b"\"") {
            let object = self.object_around(content, start);
            object.map_or_else(Vec::new, |object| in_json(content, object, start))
        } else {
            self.in_yaml(content, start)
        }
    }

    /// The beginning of the object that the member at `place` belongs to; `None` if that object was already read.
    fn object_around(&mut self, content: &[u8], place: usize) -> Option<usize> {
        for (index, byte) in content[self.read_to..place].iter().enumerate() {
            match byte {
                b'{' => self.open.push_back((self.read_to + index, false)),
                b'}' => drop(self.open.pop_back()),
                _ => {}
            }
            if self.open.len() > DEEPEST {
                self.open.pop_front();
            }
        }
        self.read_to = place;
        let (start, looked_at) = self.open.back_mut()?;
        let is_new = !std::mem::replace(looked_at, true);
        (is_new && place - *start <= FARTHEST).then_some(*start)
    }

    fn in_yaml(&mut self, content: &[u8], kind: usize) -> Vec<Range<usize>> {
        let Some(line) = YamlLine::beginning_at(content, kind) else {
            return Vec::new();
        };
        let looked_at = self.mappings.get(&line.indent);
        let is_kind = line.key(content) == b"kind" && line.value(content) == b"Secret";
        if !is_kind || looked_at.is_some_and(|&end| kind < end) {
            return Vec::new();
        }
        let lines = line.mapping(content, FARTHEST);
        let end = lines.last().map_or(kind, |last| last.text.end);
        self.mappings.insert(line.indent, end);
        in_mapping(content, &line, &lines)
    }
}

fn in_json(content: &[u8], start: usize, kind: usize) -> Vec<Range<usize>> {
    let end = (kind + FARTHEST).min(content.len());
    let mut documents = serde_json::Deserializer::from_slice(&content[start..end]).into_iter();
    let Some(Ok(Value::Object(object))) = documents.next() else {
        return Vec::new();
    };
    let Ok(text) = std::str::from_utf8(&content[start..start + documents.byte_offset()]) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, encoded) in [("data", true), ("stringData", false)] {
        let members = object.get(key).and_then(Value::as_object);
        for (name, value) in members.into_iter().flatten() {
            let Some(value) = value.as_str() else {
                continue;
            };
            if !is_secret(name.as_bytes(), value.as_bytes(), encoded) {
                continue;
            }
            // An escaped value is not found in the text, since it is written differently there.
            let place = (found.len() < MOST_PLACES).then(|| {
                let member = text.find(&format!("\"{name}\"")).unwrap_or(0);
                Some(member + text[member..].find(value)?)
            });
            found.push(match place.flatten() {
                Some(place) => start + place..start + place + value.len(),
                None => kind..kind + KINDS[2].len(),
            });
        }
    }
    found
}

fn in_mapping(content: &[u8], line: &YamlLine, lines: &[YamlLine]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    // True below `data`, false below `stringData`.
    let mut section = None;
    for child in lines {
        if child.indent <= line.indent {
            section = match child.key(content) {
                b"data" => Some(true),
                b"stringData" => Some(false),
                _ => None,
            };
            continue;
        }
        let Some(encoded) = section else {
            continue;
        };
        let place = if matches!(child.value(content).first(), Some(b'|' | b'>')) {
            child.block_below(content, FARTHEST)
        } else {
            Some(child.value_place(content))
        };
        if let Some(place) = place.filter(|place| !place.is_empty())
            && is_secret(child.key(content), &content[place.clone()], encoded)
        {
            found.push(place);
        }
    }
    found
}

/// True if the value under `name`, which may be `encoded` in base64, is a secret.
fn is_secret(name: &[u8], value: &[u8], encoded: bool) -> bool {
    if !encoded {
        return is_secret_text(name, value);
    }
    let letters: Vec<u8> = value
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    match encoded_text(&letters) {
        Some(text) => is_secret_text(name, text.trim_ascii()),
        None => {
            let is_encoded = |byte: &u8| is_base64(*byte) || *byte == b'=';
            let bytes = letters.len() / 4 * 3;
            bytes >= SHORTEST_BYTES && letters.iter().all(is_encoded) && !is_named_about(name)
        }
    }
}

/// True if `text` under `name` is a secret. Keys and certificates are left to other rules.
fn is_secret_text(name: &[u8], text: &[u8]) -> bool {
    if text.starts_with(b"-----BEGIN ") {
        false
    } else if text.starts_with(b"{") {
        // A JSON document is no placeholder, even if words in it look like one.
        has_login(text)
    } else if has_password_in_url(text) || sets_secret(text) {
        true
    } else if is_placeholder(text) {
        false
    } else if is_named_secret(name) {
        text.len() >= SHORTEST_VALUE
    } else {
        let random = is_random(text) || is_mixed(text);
        random && !is_named_about(name) && !is_public(text) && !is_wordy(text)
    }
}

/// True if `text` is a URL with a password.
fn has_password_in_url(text: &[u8]) -> bool {
    let scheme = text.windows(3).position(|window| window == b"://");
    scheme.is_some_and(|scheme| password_in_url(text, scheme, Dialect::Settings).is_some())
}

/// True if the text has an assignment to the name of a secret, as an environment file does: `NAME=value`, in several
/// lines also `NAME: value`.
fn sets_secret(text: &[u8]) -> bool {
    let signs: &[u8] = if text.contains(&b'\n') { b"=:" } else { b"=" };
    let sets = |line: &[u8]| {
        let split = line.iter().position(|byte| signs.contains(byte));
        split.is_some_and(|split| {
            let value = line[split + 1..].trim_ascii();
            let is_value = value.len() >= SHORTEST_VALUE && !is_placeholder(value);
            is_value && !is_public(value) && is_named_secret(line[..split].trim_ascii())
        })
    };
    text.split(|&byte| byte == b'\n').any(sets)
}

/// True if `name` says that its value is a certificate, or only describes or leads to a secret.
fn is_named_about(name: &[u8]) -> bool {
    let ends = |ending: &[u8]| name.to_ascii_lowercase().ends_with(ending);
    is_named_about_secret(name) || ends(b".crt") || ends(b".pem") || ends(b".pub")
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn found(text: &str) -> Vec<String> {
        let kind = KINDS.iter().find_map(|kind| text.find(kind));
        let kind = kind.expect("it has a kind");
        let places = KubernetesSecrets::default().of_kind(text.as_bytes(), kind);
        let value = |place: Range<usize>| text[place].replace("\n    ", "");
        places.into_iter().map(value).collect()
    }

    #[test]
    fn values_are_found_wherever_the_kind_stands() {
        // "summerhouse", and 18 random bytes.
        let data = "data:\n  password: c3VtbWVyaG91c2U=\n  blob: \"4yNkz9rQf0vW2mXx7uJd5oLs\"\n";
        let expected = ["c3VtbWVyaG91c2U=", "4yNkz9rQf0vW2mXx7uJd5oLs"];
        let kind = "kind: Secret\n";
        assert_eq!(found(&format!("{kind}{data}")), expected);
        assert_eq!(
            found(&format!("a: 1\n---\n{data}{kind}---\nx: 1\n")),
            expected
        );
        let entry = format!("apiVersion: v1\n{data}{kind}");
        let entry = entry.trim_end().replace('\n', "\n  ");
        assert_eq!(
            found(&format!("items:\n- {entry}\n- kind: Pod\n")),
            expected
        );
        let plain = "kind: Secret\nstringData:\n  password: summerhouse\n  host: db\n";
        assert_eq!(found(plain), ["summerhouse"]);
        let json = "{\"kind\": \"Pod\"} {\"data\": {\"password\": \"c3VtbWVyaG91c2U=\"}, \"kind\": \"Secret\"}";
        assert_eq!(found(json), ["c3VtbWVyaG91c2U="]);
    }

    #[test]
    fn a_document_is_judged_by_the_login_in_it_and_an_escape_has_the_place_of_its_kind() {
        let login =
            "{\"auths\":{\"r.lan\":{\"username\":\"u\",\"password\":\"9fKx82hQpL0zAb31\"}}}";
        let encoded = STANDARD.encode(login);
        let yaml = format!("kind: Secret\ndata:\n  login.json: {encoded}\n");
        assert_eq!(found(&yaml), [encoded]);
        let json = r#"{"kind":"Secret","stringData":{"token":"a\u00269fKx82hQpL0zAb31"}}"#;
        assert_eq!(found(json), [KINDS[2]]);
    }

    #[test]
    fn an_object_is_looked_at_once_however_often_it_says_what_it_is() {
        for (kind, before, after) in [
            (KINDS[0], "data:\n  password: c3VtbWVyaG91c2U=\n", "\n"),
            (
                KINDS[2],
                "{\"data\":{\"password\":\"c3VtbWVyaG91c2U=\"},",
                ",\"x\":1}",
            ),
        ] {
            let separator = &after[..1];
            let text = [before, &[kind; 3].join(separator), after].concat();
            let mut secrets = KubernetesSecrets::default();
            let places = text.match_indices(kind).map(|(place, _)| place);
            let counts: Vec<usize> = places
                .map(|place| secrets.of_kind(text.as_bytes(), place).len())
                .collect();
            assert_eq!(counts, [1, 0, 0], "{text}");
        }
    }

    #[test]
    fn samples_and_other_kinds_are_passed_over() {
        for other in [
            // "changeme", and "admin" as a user's name.
            "kind: Secret\ndata:\n  password: Y2hhbmdlbWU=\n  username: YWRtaW4=\n",
            "kind: SecretStore\ndata:\n  password: c3VtbWVyaG91c2U=\n",
            "data:\n  password: c3VtbWVyaG91c2U=\n---\nkind: Secret\n",
            "kind: Secret\nstringData:\n  password: ${PASSWORD}\n",
        ] {
            assert!(found(other).is_empty(), "{other}");
        }
    }
}
