//! Recipients: the public halves of age and SSH keys, for which a key can be sealed.

use std::fmt;

use super::error::AgeError;
use super::recipient_error::RecipientError;
use super::sealing::PublicHalf;
use super::ssh_public_key;
use crate::keyring::people::key_text::looks_like_key;
use crate::repository::{BlobId, misleads};
use crate::secret::SecretBytes;

/// Maximum number of characters of a name; the rest is cut off.
const LONGEST_NAME: usize = 200;

/// The id of a recipient, used for file names: the id of a blob with the recipient's text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AgeId(String);

/// A public key, with the name of its owner.
#[derive(Debug, Clone)]
pub(crate) struct AgeRecipient {
    /// As age and OpenSSH write it, without a comment.
    text: String,
    name: Option<String>,
    key: PublicHalf,
}

impl AgeId {
    pub(crate) fn of(text: &str) -> Self {
        Self(BlobId::of_content(text.as_bytes()).to_string())
    }

    /// Reads an id from a file name.
    pub(crate) fn parse(digits: &str) -> Option<Self> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digits.len() == 40 && digits.bytes().all(lower_hex)).then(|| Self(digits.to_owned()))
    }

    /// The hexadecimal digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AgeRecipient {
    /// Reads one recipient. The comment of an SSH key becomes its name.
    pub(crate) fn parse(text: &str) -> Result<Self, RecipientError> {
        let text = text.trim();
        if let Some(key) = PublicHalf::of_age(text) {
            return Ok(Self {
                text: key.to_string(),
                name: None,
                key,
            });
        }
        let mut words = text.splitn(3, char::is_whitespace);
        let [kind, digits] = [words.next(), words.next()].map(Option::unwrap_or_default);
        ssh_public_key::check(kind, digits)?;
        let key = PublicHalf::of_ssh(text).map_err(|reason| refusal(text, reason))?;
        // age stops reading at the first character that can't belong to the key.
        if key.to_string() != format!("{kind} {digits}") {
            return Err(refusal(text, None));
        }
        Ok(Self {
            text: key.to_string(),
            name: words.next().and_then(name_of),
            key,
        })
    }

    /// Reads a list with one recipient in each line. A comment line directly before a recipient without a name becomes
    /// its name.
    pub(crate) fn parse_list(list: &str) -> Result<Vec<Self>, RecipientError> {
        let mut recipients = Vec::new();
        let mut comment = None;
        for line in list.lines().map(str::trim) {
            if let Some(text) = line.strip_prefix('#') {
                comment = name_of(text);
            } else if line.is_empty() {
                comment = None;
            } else {
                let mut recipient = Self::parse(line)?;
                recipient.name = recipient.name.or(comment.take());
                recipients.push(recipient);
            }
        }
        Ok(recipients)
    }

    /// A list that contains this recipient with its name, for `parse_list`. It is committed beside the sealed key.
    pub(crate) fn to_list(&self) -> String {
        match &self.name {
            Some(name) => format!("# {name}\n{}\n", self.text),
            None => format!("{}\n", self.text),
        }
    }

    /// This recipient under another name.
    #[must_use]
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = name_of(name);
        self
    }

    /// The id, used for file names.
    pub(crate) fn id(&self) -> AgeId {
        AgeId::of(&self.text)
    }

    /// As age and OpenSSH write it, without a comment.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A short form that distinguishes the key from others. For an SSH key: its type and the end of its digits.
    pub(crate) fn short(&self) -> String {
        match self.text.split_once(' ') {
            Some((kind, digits)) => {
                let end = digits.len().saturating_sub(16);
                format!("{kind} …{}", &digits[end..])
            }
            None => self.text.clone(),
        }
    }

    /// The owner's name.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Seals `content` so that only this recipient can open it.
    pub(crate) fn seal(&self, content: &SecretBytes) -> Result<Vec<u8>, AgeError> {
        self.key.seal(content)
    }
}

impl fmt::Display for AgeRecipient {
    /// Writes the name, and a short form of the key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(formatter, "{name} ")?;
        }
        formatter.write_str(&self.short())
    }
}

/// The error for a `text` that is not a recipient. It does not repeat a secret key. `reason` is the cause, if known.
fn refusal(text: &str, reason: Option<RecipientError>) -> RecipientError {
    let text = text.to_owned();
    match reason {
        _ if looks_like_key(text.as_ref()) => RecipientError::Secret,
        Some(reason) => reason,
        None if is_of_plugin(&text) => RecipientError::Plugin { text },
        None => RecipientError::Unknown { text },
    }
}

/// Recipients of plugins have their own prefixes, like `age1yubikey1…`.
fn is_of_plugin(text: &str) -> bool {
    let inner = text.strip_prefix("age1").unwrap_or_default();
    !text.contains(char::is_whitespace) && inner.contains('1')
}

/// Makes a name out of text: short, in one line, without characters that could mislead in a terminal.
fn name_of(text: &str) -> Option<String> {
    let letters = text.chars().filter(|letter| !misleads(*letter));
    let name: String = letters.take(LONGEST_NAME).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    const SSH: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN";

    #[test]
    fn a_recipient_is_the_same_whatever_it_is_called() {
        let plain = AgeRecipient::parse(SSH).expect("good");
        let named = AgeRecipient::parse(&format!(" {SSH} alice@laptop at home\n")).expect("good");
        assert_eq!(plain.id(), named.id());
        assert_eq!(named.name(), Some("alice@laptop at home"));
        assert_eq!(named.text(), SSH);
    }

    #[test]
    fn a_list_reads_as_it_was_written() {
        let list = format!("# Ops\n{AGE}\n\n# not a name\n\n{SSH} bob\n");
        let read = AgeRecipient::parse_list(&list).expect("good");
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].text(), read[0].name()), (AGE, Some("Ops")));
        assert_eq!((read[1].text(), read[1].name()), (SSH, Some("bob")));
        for recipient in read {
            let again = AgeRecipient::parse_list(&recipient.to_list()).expect("just written");
            assert_eq!(again[0].name(), recipient.name());
            assert_eq!(again[0].id(), recipient.id());
        }
    }

    #[test]
    fn what_is_no_recipient_is_refused_and_a_secret_not_repeated() {
        let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
        let key_file = "AEdJVENSWVBUS0VZAAAAAgAAAAAAAAABAAAABAAAAAAAAAADAAAAIOx3Z0qQ";
        let of_ssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n";
        for text in [secret, key_file, of_ssh] {
            let error = AgeRecipient::parse(text).expect_err("secret");
            assert_eq!(error, RecipientError::Secret);
        }
        for (text, part) in [
            ("", "no recipient"),
            ("alice", "no recipient"),
            (
                "ssh-rsa AAAAB3NzaC1yc2EAAAABAAAAAAMBAAE=",
                "no recipient: the key after ssh-rsa is cut off",
            ),
            (&AGE[..40], "no recipient"),
            (&SSH[..40], "no recipient"),
            (
                "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
                "plugin",
            ),
            (
                "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTY= x",
                "ecdsa",
            ),
        ] {
            let error = AgeRecipient::parse(text).expect_err(text);
            assert!(error.to_string().contains(part), "{text}: {error}");
        }
    }
}
