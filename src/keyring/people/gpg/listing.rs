//! Parses the listings of `gpg --with-colons`.
//!
//! Source: doc/DETAILS of GnuPG, "Format of the colon listings".

use std::fmt;

use crate::repository::without_misleading;

/// The fingerprint of a primary key, in upper-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Fingerprint(String);

/// A public key in the user's keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    pub fingerprint: Fingerprint,
    /// The first user id that is not revoked, as `Name <address>`.
    pub user_id: String,
    /// When it expires, in seconds since 1970; `None` if never.
    pub expires: Option<i64>,
    /// Whether it can be encrypted to now.
    pub usability: Usability,
}

/// Whether a key can be encrypted to, or why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usability {
    /// It can be encrypted to, if it is trusted.
    Usable,
    /// Its time is over.
    Expired,
    /// Its owner has revoked it.
    Revoked,
    /// It was disabled in this keyring.
    Disabled,
    /// It can only sign, or is damaged.
    NoEncryption,
}

impl Fingerprint {
    /// Reads a fingerprint: 40 hexadecimal digits, or 64 for OpenPGP version 5.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits =
            matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then(|| Self(text.to_ascii_uppercase()))
    }

    /// The hexadecimal digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Usability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Usable => "usable",
            Self::Expired => "has expired",
            Self::Revoked => "has been revoked",
            Self::Disabled => "is disabled in your keyring",
            Self::NoEncryption => "can't be encrypted to: it is for signatures only",
        })
    }
}

/// The keys in a listing of public keys.
pub(crate) fn public_keys(listing: &str) -> Vec<PublicKey> {
    let mut keys = Vec::new();
    let mut entry: Option<Entry<'_>> = None;
    for record in listing.lines().map(Record) {
        if record.kind() == "pub" {
            keys.extend(entry.take().and_then(Entry::finish));
            entry = Some(Entry::new(record));
        } else if let Some(entry) = &mut entry {
            entry.add(record);
        }
    }
    keys.extend(entry.and_then(Entry::finish));
    keys
}

/// The fingerprints of the primary keys in a listing of secret keys.
pub(crate) fn secret_fingerprints(listing: &str) -> Vec<Fingerprint> {
    let mut fingerprints = Vec::new();
    let mut primary = false;
    for record in listing.lines().map(Record) {
        match record.kind() {
            "sec" => primary = true,
            "fpr" if primary => {
                fingerprints.extend(Fingerprint::parse(record.field(10)));
                primary = false;
            }
            "ssb" => primary = false,
            _ => {}
        }
    }
    fingerprints
}

/// One line. Its fields are separated by colons and counted from 1.
#[derive(Clone, Copy)]
struct Record<'listing>(&'listing str);

impl<'listing> Record<'listing> {
    fn kind(self) -> &'listing str {
        self.field(1)
    }

    fn field(self, number: usize) -> &'listing str {
        self.0.split(':').nth(number - 1).unwrap_or_default()
    }

    fn expires(self) -> Option<i64> {
        self.field(7).parse().ok()
    }

    fn is_revoked_or_expired(self) -> bool {
        self.field(2).contains(['r', 'e', 'i'])
    }
}

/// A public key whose lines are being read.
struct Entry<'listing> {
    primary: Record<'listing>,
    fingerprint: Option<Fingerprint>,
    user_ids: Vec<Record<'listing>>,
    /// The valid keys that can encrypt: the primary key, if it can, and subkeys.
    encrypting: Vec<Record<'listing>>,
}

impl<'listing> Entry<'listing> {
    fn new(primary: Record<'listing>) -> Self {
        let mut entry = Self {
            primary,
            fingerprint: None,
            user_ids: Vec::new(),
            encrypting: Vec::new(),
        };
        entry.add_encrypting(primary);
        entry
    }

    fn add(&mut self, record: Record<'listing>) {
        match record.kind() {
            // The first `fpr` line belongs to the primary key, later ones to subkeys.
            "fpr" if self.fingerprint.is_none() => {
                self.fingerprint = Fingerprint::parse(record.field(10));
            }
            "uid" => self.user_ids.push(record),
            "sub" => self.add_encrypting(record),
            _ => {}
        }
    }

    fn add_encrypting(&mut self, record: Record<'listing>) {
        if record.field(12).contains('e') && !record.is_revoked_or_expired() {
            self.encrypting.push(record);
        }
    }

    fn finish(self) -> Option<PublicKey> {
        let validity = self.primary.field(2);
        // Capital letters are the capabilities of the key as a whole.
        let usability = match () {
            () if validity.contains('r') => Usability::Revoked,
            () if validity.contains('e') => Usability::Expired,
            () if self.primary.field(12).contains('D') => Usability::Disabled,
            () if !self.primary.field(12).contains('E') => Usability::NoEncryption,
            () => Usability::Usable,
        };
        let last_subkey = if self.encrypting.iter().any(|key| key.expires().is_none()) {
            None
        } else {
            self.encrypting.iter().filter_map(|key| key.expires()).max()
        };
        let expires = [self.primary.expires(), last_subkey]
            .into_iter()
            .flatten()
            .min();
        let user_id = self
            .user_ids
            .iter()
            .find(|user_id| !user_id.is_revoked_or_expired())
            .or(self.user_ids.first());
        Some(PublicKey {
            fingerprint: self.fingerprint?,
            user_id: user_id.map_or_else(String::new, |record| unescape(record.field(10))),
            expires,
            usability,
        })
    }
}

/// Replaces escapes such as `\x3a` (a colon), and removes characters that could mislead in a terminal.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(backslash) = rest.find("\\x") {
        bytes.extend_from_slice(&rest.as_bytes()[..backslash]);
        let digits = rest.get(backslash + 2..backslash + 4);
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[backslash + 4..];
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                rest = &rest[backslash + 2..];
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    let text = String::from_utf8_lossy(&bytes);
    without_misleading(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "\
tru:o:1:1795366955:1:3:1:5
pub:u:255:22:F1FE2DF6C578C21C:1795366955:1826902955::u:::scESC:::::ed25519:::0:
fpr:::::::::F6DF181C79D3630000852F30F1FE2DF6C578C21C:
uid:r::::1795366955::4A80C31B2E76EE98556467C4F514786A02EBD79E::Old <old@example.org>::::::::::0:
uid:u::::1795366955::4A80C31B2E76EE98556467C4F514786A02EBD79E::Alice\\x3a Ops <alice@example.org>::::::::::0:
sub:e:255:18:0F421D7CBAB9976E:1795367071:1795367072:::::e::::::cv25519::
fpr:::::::::965593FA68B238FDD2C33D121F421D7CBAB9976E:
sub:u:255:18:1F421D7CBAB9976E:1795367071:1800000000:::::e::::::cv25519::
fpr:::::::::865593FA68B238FDD2C33D121F421D7CBAB9976E:
";

    #[test]
    fn a_key_has_its_own_fingerprint_and_ends_with_its_last_subkey() {
        let keys = public_keys(ALICE);
        assert_eq!(keys.len(), 1);
        assert_eq!(
            keys[0].fingerprint.as_str(),
            "F6DF181C79D3630000852F30F1FE2DF6C578C21C"
        );
        assert_eq!(keys[0].user_id, "Alice: Ops <alice@example.org>");
        assert_eq!(keys[0].expires, Some(1_800_000_000));
        assert_eq!(keys[0].usability, Usability::Usable);
    }

    #[test]
    fn keys_that_cannot_be_encrypted_to_are_told_apart() {
        for (primary, usability) in [
            ("pub:e:1:1:A:1:2::u:::sc::::::::0:", Usability::Expired),
            ("pub:r:1:1:A:1:::u:::sc::::::::0:", Usability::Revoked),
            ("pub:u:1:1:A:1:::u:::scESCD::::::::0:", Usability::Disabled),
            (
                "pub:u:1:1:A:1:::u:::scSC::::::::0:",
                Usability::NoEncryption,
            ),
        ] {
            let listing = format!("{primary}\nfpr:::::::::{}:\n", "A".repeat(40));
            assert_eq!(public_keys(&listing)[0].usability, usability, "{primary}");
        }
    }

    #[test]
    fn of_secret_keys_the_primary_ones_count() {
        let listing = ALICE.replace("pub:", "sec:").replace("sub:", "ssb:");
        let fingerprints = secret_fingerprints(&listing);
        assert_eq!(fingerprints.len(), 1);
        assert!(fingerprints[0].as_str().starts_with("F6DF"));
    }

    #[test]
    fn half_an_escape_is_no_reason_to_panic() {
        for text in ["\\x", "\\x3", "\\xé", "a\\xzz\\x1bb"] {
            unescape(text);
        }
        assert_eq!(unescape("a\\x1b[31mb"), "a[31mb");
    }
}
