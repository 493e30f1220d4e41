//! Tells from the name of a setting whether its value is a secret.
//!
//! One table holds the words that mark a secret. The search for names is derived from this table, so that every word in
//! it is searched for.

/// A word, or several words in sequence, that the names of secrets are built from.
struct SecretWord {
    /// In lower case; a blank stands for a separator or for a change to upper case.
    words: &'static str,
    position: Position,
    origin: ValueOrigin,
}

/// Where in a name the word must stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Anywhere, also as a part of a longer word.
    Anywhere,
    /// As the whole last word: `smtp_pass`, and not `compass` or `passage`.
    Last,
    /// As the end of the last word: `rootpw`.
    End,
}

/// Who usually makes the values under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueOrigin {
    /// People choose them.
    People,
    /// Programs generate them.
    Machines,
    /// Programs generate them, and the word has many other meanings.
    MachinesAmongOthers,
}

use Position::{Anywhere, End, Last};
use ValueOrigin::{Machines, MachinesAmongOthers, People};

const fn word(words: &'static str, position: Position, origin: ValueOrigin) -> SecretWord {
    SecretWord {
        words,
        position,
        origin,
    }
}

/// All words that the names of secrets are built from.
const SECRET_WORDS: [SecretWord; 40] = [
    word("password", Anywhere, People),
    word("passwd", Anywhere, People),
    word("passphrase", Anywhere, People),
    word("passcode", Anywhere, People),
    word("requirepass", Last, People),
    word("masterauth", Last, People),
    word("pass", Last, People),
    word("pwd", Last, People),
    word("pw", End, People),
    word("pin", Last, MachinesAmongOthers),
    word("rocommunity", Last, People),
    word("rwcommunity", Last, People),
    // These must stand before the word that they end with, since the first match counts.
    word("shared secret", Anywhere, People),
    word("jwt secret", Anywhere, People),
    word("session secret", Anywhere, People),
    word("cookie secret", Anywhere, People),
    word("hmac secret", Anywhere, People),
    word("webhook secret", Anywhere, People),
    word("secret", Anywhere, Machines),
    word("token", Anywhere, Machines),
    word("bearer", Anywhere, Machines),
    word("credential", Anywhere, Machines),
    word("psk", Anywhere, People),
    word("salt", Anywhere, MachinesAmongOthers),
    word("seed", Anywhere, MachinesAmongOthers),
    word("community", Last, MachinesAmongOthers),
    word("auth", Last, MachinesAmongOthers),
    word("authorization", Last, MachinesAmongOthers),
    // A personal access token.
    word("pat", Last, MachinesAmongOthers),
    word("api key", Anywhere, Machines),
    word("access key", Anywhere, Machines),
    word("auth key", Anywhere, Machines),
    word("private key", Anywhere, Machines),
    word("encryption key", Anywhere, Machines),
    word("signing key", Anywhere, MachinesAmongOthers),
    // This must stand before the words that it ends with, since the first match counts.
    word("pre shared key", Anywhere, People),
    word("shared key", Anywhere, Machines),
    word("master key", Anywhere, Machines),
    word("secret key", Anywhere, Machines),
    word("key", Last, MachinesAmongOthers),
];

impl SecretWord {
    /// The last of its words, which stands in a text however the words are joined.
    fn searched_part(&self) -> &'static str {
        self.words.rsplit(' ').next().unwrap_or(self.words)
    }

    fn is_in(&self, words: &[String], joined: &str) -> bool {
        let last = words.last().map_or("", String::as_str);
        match self.position {
            Anywhere => {
                // The last part rules most names out, and needs no memory.
                joined.contains(self.searched_part())
                    && joined.contains(&self.words.replace(' ', ""))
            }
            Last => last == self.words,
            End => last.ends_with(self.words),
        }
    }

    /// True if a name with these words ends with this one.
    fn ends(&self, words: &[String], joined: &str) -> bool {
        match self.position {
            Anywhere => {
                joined.ends_with(self.searched_part())
                    && joined.ends_with(&self.words.replace(' ', ""))
            }
            Last | End => self.is_in(words, joined),
        }
    }
}

/// Who makes the values under `name`, if its end says that they are secrets: `DB_PASSWORD`, not `PASSWORD_POLICY`.
pub(crate) fn origin_of_secret(name: &[u8]) -> Option<ValueOrigin> {
    if is_named_public(name) {
        return None;
    }
    let mut words = words(name);
    words.retain(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(last) = words.last_mut() {
        last.truncate(
            last.trim_end_matches(|letter: char| letter.is_ascii_digit())
                .len(),
        );
    }
    let joined = words.concat();
    let ending = |word: &&SecretWord| word.ends(&words, &joined);
    SECRET_WORDS.iter().find(ending).map(|word| word.origin)
}

/// The smallest set of texts to search for that is part of every name for which [`is_named_secret`] can be true.
pub(crate) fn searched_parts() -> Vec<&'static str> {
    let all = SECRET_WORDS.iter().map(SecretWord::searched_part);
    let mut parts: Vec<&str> = all.collect();
    parts.sort_by_key(|part| (part.len(), *part));
    let mut fewest: Vec<&str> = Vec::new();
    for part in parts {
        if !fewest.iter().any(|shorter| part.contains(shorter)) {
            fewest.push(part);
        }
    }
    fewest
}

/// True if a name counts only if `part` is its whole last word.
pub(crate) fn ends_names(part: &str) -> bool {
    let mut words = SECRET_WORDS.iter();
    words.all(|word| {
        let searched = word.searched_part();
        !searched.contains(part) || (word.position == Last && searched.ends_with(part))
    })
}

/// The words of the table, for the test which shows that a check finds each of them.
pub fn secret_words() -> Vec<&'static str> {
    SECRET_WORDS.iter().map(|word| word.words).collect()
}

/// Endings of names whose values only lead to a secret, or describe it.
const PUBLIC_ENDINGS: [&str; 60] = [
    "file",
    "path",
    "dir",
    "url",
    "uri",
    "endpoint",
    "name",
    "user",
    "username",
    "id",
    "ids",
    "type",
    "header",
    "env",
    "ttl",
    "expiry",
    "expires",
    "lifetime",
    "length",
    "algorithm",
    "enabled",
    "required",
    "policy",
    "ref",
    "host",
    "field",
    "prefix",
    "count",
    "limit",
    "hint",
    "label",
    "model",
    "bucket",
    "zone",
    "region",
    "rule",
    "device",
    "domain",
    "hosts",
    "email",
    "mail",
    "port",
    "tag",
    "project",
    "account",
    "tenant",
    "realm",
    "issuer",
    "audience",
    "scope",
    "locale",
    "timezone",
    "schedule",
    "server",
    "address",
    "ssid",
    "serial",
    "management",
    "attrs",
    "attributes",
];

/// Names whose values are public even where they look random.
const PUBLIC_NAMES: [&str; 12] = [
    "sha",
    "sha1",
    "sha256",
    "digest",
    "checksum",
    "commit",
    "fingerprint",
    "publickey",
    "pubkey",
    "image",
    "version",
    "integrity",
];

/// True if `name` says that its value is a secret.
pub(crate) fn is_named_secret(name: &[u8]) -> bool {
    let words = words(name);
    let Some(last) = words.last() else {
        return false;
    };
    if PUBLIC_ENDINGS.contains(&last.as_str()) || is_named_public(name) {
        return false;
    }
    let joined = words.concat();
    SECRET_WORDS.iter().any(|word| word.is_in(&words, &joined))
}

/// True if `name` says that its value only leads to a secret, or may be read by everybody.
pub(crate) fn is_named_about_secret(name: &[u8]) -> bool {
    let words = words(name);
    let ends_publicly = |last: &String| PUBLIC_ENDINGS.contains(&last.as_str());
    words.last().is_some_and(ends_publicly) || is_named_public(name)
}

/// True if `name` says that its value may be read by everybody.
pub(crate) fn is_named_public(name: &[u8]) -> bool {
    let words = words(name);
    let joined = words.concat();
    words
        .last()
        .is_some_and(|last| PUBLIC_NAMES.contains(&last.as_str()))
        || joined.ends_with("publickey")
        || joined.ends_with("fingerprint")
        || joined.ends_with("websocketkey")
        || joined.ends_with("publickeytoken")
        // An option of Ansible that says when a password is updated.
        || joined == "updatepassword"
}

/// Maximum length of a name; of a longer one, the end is looked at.
const LONGEST_NAME: usize = 80;

/// The words of a name in lower case: `apiKey`, `API_KEY` and `api-key` have the same two.
fn words(name: &[u8]) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small_before = false;
    for &byte in &name[name.len().saturating_sub(LONGEST_NAME)..] {
        if !byte.is_ascii_alphanumeric() || (byte.is_ascii_uppercase() && small_before) {
            words.push(String::new());
        }
        if byte.is_ascii_alphanumeric() {
            let word = words.last_mut().expect("there is one from the start");
            word.push(byte.to_ascii_lowercase().into());
        }
        small_before = byte.is_ascii_lowercase() || byte.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_names_about_them() {
        for secret in [
            "password",
            "DB_PASSWORD",
            "apiKey",
            "api-key",
            "smtp_pass",
            "clientSecret",
            "wpa_psk",
            "database.root.password",
            "X-Auth-Token",
            "secret_key_base",
            "MEILI_MASTER_KEY",
            "signingKey",
        ] {
            assert!(is_named_secret(secret.as_bytes()), "{secret}");
        }
        for other in [
            "user",
            "password_file",
            "tokenUrl",
            "secretName",
            "passport",
            "keyboard",
            "host",
            "secret_id",
            "token_ttl",
            "monkey",
            "ssh_public_key",
            "compass",
        ] {
            assert!(!is_named_secret(other.as_bytes()), "{other}");
        }
    }
}
