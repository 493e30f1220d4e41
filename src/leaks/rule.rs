//! The rules: what each is called, why its findings matter, and how to fix them.

use std::fmt;

/// A rule of the check: one kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A path under a git-crypt filter whose blob is plaintext.
    UnencryptedBlob,
    /// A file that was encrypted in an earlier commit and is plaintext now.
    LostEncryption,
    /// Ciphertext at a path to which no attribute assigns a key.
    UncoveredCiphertext,
    /// A path or pattern that an earlier commit encrypted, and that now has no key, or another one.
    LostAttribute,
    /// Ciphertext that the clone's key does not open.
    WrongKey,
    /// A wrapped key, or a signed statement next to it, to which attributes apply a git-crypt filter.
    FilteredKey,
    /// A file that a stack uses as a secret, in plaintext.
    PlaintextStackSecret,
    /// An encrypted file published as a Swarm config.
    SecretAsConfig,
    /// A value from an encrypted file, found in plaintext.
    KnownSecret,
    /// A git-crypt key.
    KeyFile,
    /// A private key in one of its usual forms.
    PrivateKey,
    /// A token whose form shows who issued it.
    Token,
    /// A password in a URL.
    UrlPassword,
    /// A hashed password, as basic-auth and shadow files have them.
    PasswordHash,
    /// A value that looks like a secret, under a name that says it is one.
    PasswordAssignment,
    /// A file whose name says that it should not be public.
    SensitiveName,
}

/// The severity of a finding, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Something leaks.
    Error,
    /// Something to consider; does not fail the check.
    Warning,
}

impl Rule {
    /// All rules, in the order in which the documentation lists them.
    pub const ALL: [Self; 16] = [
        Self::UnencryptedBlob,
        Self::LostEncryption,
        Self::UncoveredCiphertext,
        Self::LostAttribute,
        Self::WrongKey,
        Self::FilteredKey,
        Self::PlaintextStackSecret,
        Self::SecretAsConfig,
        Self::KnownSecret,
        Self::KeyFile,
        Self::PrivateKey,
        Self::Token,
        Self::UrlPassword,
        Self::PasswordHash,
        Self::PasswordAssignment,
        Self::SensitiveName,
    ];

    /// The rule called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// The rule's name in settings and markers.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnencryptedBlob => "unencrypted-blob",
            Self::LostEncryption => "lost-encryption",
            Self::UncoveredCiphertext => "uncovered-ciphertext",
            Self::LostAttribute => "lost-attribute",
            Self::WrongKey => "wrong-key",
            Self::FilteredKey => "filtered-key",
            Self::PlaintextStackSecret => "plaintext-stack-secret",
            Self::SecretAsConfig => "secret-as-config",
            Self::KnownSecret => "known-secret",
            Self::KeyFile => "key-file",
            Self::PrivateKey => "private-key",
            Self::Token => "token",
            Self::UrlPassword => "url-password",
            Self::PasswordHash => "password-hash",
            Self::PasswordAssignment => "password-assignment",
            Self::SensitiveName => "sensitive-name",
        }
    }

    /// Why a finding matters, in one line.
    pub fn reason(self) -> &'static str {
        match self {
            Self::UnencryptedBlob => {
                "the attributes say that this file is encrypted, but Git would store plaintext"
            }
            Self::LostEncryption => "this file was encrypted before, and is plaintext now",
            Self::UncoveredCiphertext => {
                "this file is ciphertext that Git will not decrypt: no attribute gives it to a key"
            }
            Self::LostAttribute => {
                "this was encrypted by an earlier .gitattributes, and is not any more, or with another key"
            }
            Self::WrongKey => "this file is encrypted with a key that is not the repository's",
            Self::FilteredKey => {
                "a filter applies to this file of `.git-crypt`: encrypted, nobody could be let in by it"
            }
            Self::PlaintextStackSecret => "a stack uses this file as a secret, and it is plaintext",
            Self::SecretAsConfig => {
                "everybody with access to the Docker API can read a config back; this one is made from an encrypted file"
            }
            Self::KnownSecret => "a value from an encrypted file stands here in the open",
            Self::KeyFile => "whoever has this git-crypt key can read all encrypted files",
            Self::PrivateKey => "a private key in the open belongs to everybody",
            Self::Token => "a token in the open can be used by everybody",
            Self::UrlPassword => "the URL carries a password",
            Self::PasswordHash => "a hashed password in the open can be guessed against",
            Self::PasswordAssignment => {
                "this looks like a secret, under a name that says it is one"
            }
            Self::SensitiveName => "files of this name hold secrets as a rule",
        }
    }

    /// How to fix a finding, in one line.
    pub fn fix(self) -> &'static str {
        match self {
            Self::UnencryptedBlob => {
                "unlock the repository (`hs-secrets unlock`), then `git add --renormalize` the file"
            }
            Self::LostEncryption => {
                "give its path the attribute `filter=git-crypt` again in .gitattributes, then `git add --renormalize` it"
            }
            Self::UncoveredCiphertext => {
                "give its path `filter=git-crypt diff=git-crypt` in .gitattributes, or move it back to where it was"
            }
            Self::LostAttribute => {
                "put the line back in .gitattributes; if its change is meant, accept it under [check] in .hs-secrets.toml"
            }
            Self::FilteredKey => {
                "take the line that covers `.git-crypt` out of .gitattributes, and don't stage this file before (`git check-attr filter -- FILE`)"
            }
            Self::WrongKey => {
                "encrypt it again: check it out where it can be opened, then `git add --renormalize` it in a clone with the right key"
            }
            Self::PlaintextStackSecret => {
                "give its path `filter=git-crypt diff=git-crypt` in .gitattributes, then `git add --renormalize` it"
            }
            Self::SecretAsConfig => "list the file under the stack's `secrets:`",
            Self::KnownSecret => {
                "take the value out and refer to the secret instead; if it was pushed already, change it"
            }
            Self::KeyFile => {
                "take the key out of Git; if it was pushed already, `hs-secrets rotate-key` and change every secret"
            }
            Self::PrivateKey
            | Self::Token
            | Self::UrlPassword
            | Self::PasswordHash
            | Self::PasswordAssignment => {
                "move it to an encrypted file; if it was pushed already, replace it with a new one"
            }
            Self::SensitiveName => {
                "encrypt it (`filter=git-crypt` in .gitattributes) or keep it out of Git (.gitignore)"
            }
        }
    }

    /// Whether a finding makes the check fail.
    pub fn severity(self) -> Severity {
        match self {
            Self::SecretAsConfig => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// True if the rule finds nothing without the key.
    pub fn needs_key(self) -> bool {
        matches!(self, Self::WrongKey | Self::KnownSecret)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_rules() {
        for rule in Rule::ALL {
            assert_eq!(Rule::named(rule.name()), Some(rule));
        }
        assert_eq!(Rule::named("passwords"), None);
    }
}
