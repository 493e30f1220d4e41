//! Passphrases, asked for when they are needed.

use zeroize::Zeroizing;

/// A passphrase, or anything else that somebody types and nobody may see.
pub(crate) type Passphrase = Zeroizing<String>;

/// Asks for what the text describes; `None` if nobody can answer.
pub(crate) type AskPassphrase = fn(&str) -> Option<Passphrase>;
