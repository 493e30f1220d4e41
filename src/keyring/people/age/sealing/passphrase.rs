//! Keys sealed with a passphrase, as `age --passphrase` does it: `age --decrypt` opens them.

use age::scrypt::{Identity, Recipient};
use age::secrecy::SecretString;

use super::file::{open, seal};
use crate::keyring::people::age::asking::{AskPassphrase, Passphrase};
use crate::keyring::people::age::error::AgeError;
use crate::secret::SecretBytes;

/// The work factor for new files: 2^18 steps of scrypt, a second or less, as age takes.
const WORK_FACTOR: u8 = 18;
/// Maximum work factor of a file that is opened, as for age.
const LARGEST_WORK_FACTOR: u8 = 22;

/// Seals `content` with a passphrase.
pub(crate) fn seal_with_passphrase(
    content: &SecretBytes,
    passphrase: Passphrase,
) -> Result<Vec<u8>, AgeError> {
    let mut recipient = Recipient::new(secret_string(passphrase));
    recipient.set_work_factor(WORK_FACTOR);
    seal(content, &[&recipient])
}

/// Opens what was sealed with the passphrase that `ask` asks for.
pub(crate) fn open_with_passphrase(
    sealed: &[u8],
    what: &str,
    ask: AskPassphrase,
) -> Result<SecretBytes, AgeError> {
    let passphrase = ask(&format!("passphrase for {what}")).ok_or(AgeError::NobodyToAsk)?;
    let mut identity = Identity::new(secret_string(passphrase));
    identity.set_max_work_factor(LARGEST_WORK_FACTOR);
    open(sealed, &[&identity]).map_err(|error| match error {
        // A passphrase is the only way to open it.
        AgeError::NotForYou => AgeError::WrongPassphrase,
        error => error,
    })
}

pub(crate) fn secret_string(mut passphrase: Passphrase) -> SecretString {
    std::mem::take(&mut *passphrase).into()
}
