//! Files in the format of age: a small secret, sealed for recipients or with a passphrase.
//!
//! Source: the format's specification, C2SP `age.md`. They are written as text (its "ASCII armor"), which survives
//! mail, line-end conversion and a CI's variables.

use std::io::{self, Read, Write};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{DecryptError, Decryptor, EncryptError, Encryptor, Identity, Recipient};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::secret::{SecretBytes, forbid_core_dumps};

const BINARY_BEGINNING: &[u8] = b"age-encryption.org/";
const TEXT_BEGINNING: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// A passphrase, or anything else that somebody types and nobody may see.
pub(crate) type Passphrase = Zeroizing<String>;

/// Asks for what the text describes; `None` where nobody can answer.
pub(crate) type AskPassphrase = fn(&str) -> Option<Passphrase>;

/// Why a file could not be sealed or opened.
#[derive(Debug, Error)]
pub enum AgeError {
    /// Nobody is there to be asked.
    #[error("a passphrase is needed, and there is no terminal to ask for it")]
    NobodyToAsk,
    /// The passphrase does not open it.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// It was sealed for others.
    #[error("sealed for others: none of your identities opens it")]
    NotForYou,
    /// Trying the passphrase would take too long.
    #[error("trying a passphrase would take 2^{required} steps, more than can be honest")]
    TooMuchWork {
        /// The work factor that the file asks for.
        required: u8,
    },
    /// The file is cut off, changed or of a newer format.
    #[error("a damaged age file, or one of a newer format: {reason}")]
    Damaged {
        /// What is wrong, in age's words.
        reason: String,
    },
    /// age refused to seal.
    #[error("sealing it failed: {reason}")]
    NotSealed {
        /// Why, in age's words.
        reason: String,
    },
}

/// Whether `bytes` begin as a file of age's does, as text or not.
pub(crate) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(BINARY_BEGINNING) || bytes.trim_ascii_start().starts_with(TEXT_BEGINNING)
}

/// Seals `content` for whoever has the other half of one of `recipients`.
pub(crate) fn seal(
    content: &SecretBytes,
    recipients: &[&dyn Recipient],
) -> Result<Vec<u8>, AgeError> {
    let sealing = Encryptor::with_recipients(recipients.iter().copied())?;
    let mut sealed = Vec::new();
    let written = || -> io::Result<()> {
        let text = ArmoredWriter::wrap_output(&mut sealed, Format::AsciiArmor)?;
        let mut writer = sealing.wrap_output(text)?;
        content
            .expose_chunks()
            .try_for_each(|chunk| writer.write_all(chunk))?;
        writer.finish()?.finish().map(drop)
    };
    written().map_err(|error| AgeError::NotSealed {
        reason: error.to_string(),
    })?;
    Ok(sealed)
}

/// Opens a file with one of `identities`.
pub(crate) fn open(sealed: &[u8], identities: &[&dyn Identity]) -> Result<SecretBytes, AgeError> {
    forbid_core_dumps();
    let mut reader = decryptor(sealed)?.decrypt(identities.iter().copied())?;
    SecretBytes::read_from(&mut reader).map_err(|error| AgeError::Damaged {
        reason: error.to_string(),
    })
}

/// Whether a file was sealed with a passphrase.
pub(crate) fn wants_passphrase(sealed: &[u8]) -> Result<bool, AgeError> {
    Ok(decryptor(sealed)?.is_scrypt())
}

fn decryptor(sealed: &[u8]) -> Result<Decryptor<impl Read>, AgeError> {
    // Text that was pasted may have gained an empty line before or after it.
    let sealed = match sealed.starts_with(BINARY_BEGINNING) {
        true => sealed,
        false => sealed.trim_ascii(),
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
            // Of an SSH identity that is itself sealed with one.
            DecryptError::KeyDecryptionFailed => Self::WrongPassphrase,
            DecryptError::ExcessiveWork { required, .. } => Self::TooMuchWork { required },
            error => Self::Damaged {
                reason: error.to_string(),
            },
        }
    }
}
