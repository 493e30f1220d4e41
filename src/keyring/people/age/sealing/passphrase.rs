//! Files sealed with a passphrase, like `age --passphrase`. `age --decrypt` opens them.

use age::scrypt::{Identity, Recipient};
use age::secrecy::SecretString;

use super::file::{open, seal};
use crate::keyring::people::age::asking::{AskPassphrase, Passphrase};
use crate::keyring::people::age::error::AgeError;
use crate::secret::SecretBytes;

/// The scrypt work factor for new files: 2^18 steps, as age itself uses. This takes a second or less.
const WORK_FACTOR: u8 = 18;
/// Maximum work factor of a file that is opened, as in age.
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

/// Opens what was sealed with a passphrase, which `ask` gets from the user.
pub(crate) fn open_with_passphrase(
    sealed: &[u8],
    what: &str,
    ask: AskPassphrase,
) -> Result<SecretBytes, AgeError> {
    let passphrase = ask(&format!("passphrase for {what}")).ok_or(AgeError::NobodyToAsk)?;
    let mut identity = Identity::new(secret_string(passphrase));
    identity.set_max_work_factor(LARGEST_WORK_FACTOR);
    open(sealed, &[&identity]).map_err(|error| match error {
        // The file can only be opened with the passphrase.
        AgeError::NotForYou => AgeError::WrongPassphrase,
        error => error,
    })
}

pub(crate) fn secret_string(mut passphrase: Passphrase) -> SecretString {
    std::mem::take(&mut *passphrase).into()
}
