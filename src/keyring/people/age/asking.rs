//! Asking for passphrases when they are needed.

use zeroize::Zeroizing;

/// A passphrase, or other text that is not shown while it is typed.
pub(crate) type Passphrase = Zeroizing<String>;

/// Asks the user for what the text describes; `None` if nobody can answer.
pub(crate) type AskPassphrase = fn(&str) -> Option<Passphrase>;
