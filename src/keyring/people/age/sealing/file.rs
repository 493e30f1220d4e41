//! Files in the age format: a small secret, sealed for recipients or with a passphrase.
//!
//! Source: the specification, C2SP `age.md`. The files are written as text ("ASCII armor"), which survives mail,
//! conversion of line ends and variables of a CI system.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{DecryptError, Decryptor, EncryptError, Encryptor, Identity, Recipient};

use crate::keyring::people::age::beginning::BINARY_BEGINNING;
use crate::keyring::people::age::error::AgeError;
use crate::secret::{SecretBytes, forbid_core_dumps};

/// The reason in errors after a panic in the crate age.
const PANICKED: &str = "age gave up on it";

/// Seals `content` for the owners of `recipients`.
pub(crate) fn seal(
    content: &SecretBytes,
    recipients: &[&dyn Recipient],
) -> Result<Vec<u8>, AgeError> {
    let sealing = guarded(|| Encryptor::with_recipients(recipients.iter().copied()));
    let sealing = sealing.ok_or_else(|| AgeError::NotSealed {
        reason: PANICKED.to_owned(),
    })??;
    let mut sealed = Vec::new();
    let write = || -> io::Result<()> {
        let text = ArmoredWriter::wrap_output(&mut sealed, Format::AsciiArmor)?;
        let mut writer = sealing.wrap_output(text)?;
        content
            .expose_chunks()
            .try_for_each(|chunk| writer.write_all(chunk))?;
        writer.finish()?.finish().map(drop)
    };
    let written = guarded(write).unwrap_or_else(|| Err(io::Error::other(PANICKED)));
    written.map_err(|error| AgeError::NotSealed {
        reason: error.to_string(),
    })?;
    Ok(sealed)
}

/// Opens a file with one of `identities`.
pub(crate) fn open(sealed: &[u8], identities: &[&dyn Identity]) -> Result<SecretBytes, AgeError> {
    forbid_core_dumps();
    let opened = guarded(|| {
        let mut reader = decryptor(sealed)?.decrypt(identities.iter().copied())?;
        SecretBytes::read_from(&mut reader).map_err(|error| AgeError::Damaged {
            reason: error.to_string(),
        })
    });
    opened.unwrap_or_else(|| {
        Err(AgeError::Damaged {
            reason: PANICKED.to_owned(),
        })
    })
}

/// True if a file was sealed with a passphrase.
pub(crate) fn wants_passphrase(sealed: &[u8]) -> Result<bool, AgeError> {
    Ok(decryptor(sealed)?.is_scrypt())
}

/// Runs code of the crate age on keys and files that anybody may have written. `None` if it panics.
pub(super) fn guarded<Done>(work: impl FnOnce() -> Done) -> Option<Done> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn decryptor(sealed: &[u8]) -> Result<Decryptor<impl Read>, AgeError> {
    // Pasted text may have empty lines before or after it.
    let sealed = if sealed.starts_with(BINARY_BEGINNING) {
        sealed
    } else {
        sealed.trim_ascii()
    };
    Ok(Decryptor::new(ArmoredReader::new(sealed))?)
}

impl From<EncryptError> for AgeError {
    fn from(error: EncryptError) -> Self {
        Self::NotSealed {
            reason: error.to_string(),
        }
    }
}

impl From<DecryptError> for AgeError {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed => Self::NotForYou,
            // The passphrase of an SSH key that is itself encrypted.
            DecryptError::KeyDecryptionFailed => Self::WrongPassphrase,
            DecryptError::ExcessiveWork { required, .. } => Self::TooMuchWork { required },
            error => Self::Damaged {
                reason: error.to_string(),
            },
        }
    }
}
