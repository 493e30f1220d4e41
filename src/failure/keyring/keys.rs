//! The next steps when a key can't be read, made or written.

use super::people::WITH_AGE;
use crate::failure::Failure;
use crate::format::KeyFileError;
use crate::keyring::{AgeError, ExportError, KeyError, KeyFormError};

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let failure = Self::new(&error);
        match error {
            KeyError::Malformed {
                source: KeyFileError::Legacy,
                ..
            } => failure.hint("`migrate-key OLD NEW` writes it in today's format"),
            KeyError::Malformed {
                source:
                    KeyFileError::FutureFormat { .. } | KeyFileError::UnknownCriticalField { .. },
                ..
            } => failure.hint("a newer git-crypt or hs-secrets has written it, and one opens it"),
            KeyError::Malformed {
                source: KeyFileError::NotLegacy,
                ..
            } => failure.hint("it needs no migration: `unlock` it"),
            KeyError::Malformed { .. } => failure
                .hint("`export-key FILE` in an unlocked clone writes a good one, with `--base64` or `--passphrase` too")
                .hint("an age or SSH secret key goes with `unlock --identity FILE`"),
            KeyError::KeyItself => failure
                .hint("arguments end up in logs and histories: `unlock -` reads it from standard input, `unlock --key-env VARIABLE` from a variable"),
            KeyError::NotUnpacked {
                source: KeyFormError::BadBase64,
                ..
            } => failure.hint("`export-key --base64 -` in an unlocked clone writes it anew"),
            KeyError::NotUnpacked {
                source: KeyFormError::Age(AgeError::NobodyToAsk),
                ..
            } => failure.hint("for a CI, `export-key --base64` and `unlock --key-env VARIABLE`"),
            KeyError::NotUnpacked {
                source: KeyFormError::Age(AgeError::LeftOut),
                ..
            }
            | KeyError::NotPacked(KeyFormError::Age(AgeError::LeftOut)) => failure.hint(WITH_AGE),
            KeyError::Exists { .. } => failure.hint("choose another name, or move that file away"),
            _ => failure,
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Key(error) => error.into(),
            ExportError::Repository(error) => error.into(),
            ExportError::NotAnExport { .. } => Self::new(error)
                .hint("nothing was written; choose another name, or move that file away"),
            ExportError::Memory(error) => error.into(),
        }
    }
}
