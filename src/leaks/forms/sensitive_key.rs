//! Tells from the name of a setting whether its value is a secret.

/// Parts of names that say so, in lower case and without separators.
const SECRET_PARTS: [&str; 22] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "authkey",
    "privatekey",
    "encryptionkey",
    "signingkey",
    "sharedkey",
    "masterkey",
    "secretkey",
    "credential",
    "webhookkey",
    "hmackey",
    "bearer",
    "psk",
    "salt",
    "seed",
];

/// Names that say so only as a whole, or as the last word.
const SECRET_WORDS: [&str; 9] = [
    "pass",
    "requirepass",
    "pwd",
    "pw",
    "key",
    "auth",
    "pin",
    "community",
    "hash",
];

/// Endings of names whose values only lead to a secret, or describe it.
const PUBLIC_ENDINGS: [&str; 31] = [
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

/// True where `key` says that its value is a secret.
pub(crate) fn is_named_secret(key: &[u8]) -> bool {
    let words = words(key);
    let Some(last) = words.last() else {
        return false;
    };
    if PUBLIC_ENDINGS.contains(&last.as_str()) || is_named_public(key) {
        return false;
    }
    let joined = words.concat();
    SECRET_PARTS.iter().any(|part| joined.contains(part)) || SECRET_WORDS.contains(&last.as_str())
}

/// True where `key` says that its value may be read by everybody.
pub(crate) fn is_named_public(key: &[u8]) -> bool {
    let words = words(key);
    let joined = words.concat();
    words
        .last()
        .is_some_and(|last| PUBLIC_NAMES.contains(&last.as_str()))
        || joined.ends_with("publickey")
        || joined.ends_with("fingerprint")
}

/// The words of a name in lower case: `apiKey`, `API_KEY` and `api-key` have the same two.
fn words(key: &[u8]) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small_before = false;
    for &byte in key
        .iter()
        .rev()
        .take(80)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
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
