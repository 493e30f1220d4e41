//! Why GPG failed.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::listing::{Fingerprint, PublicKey, Usability};

/// Maximum number of bytes that are read of the output of GPG. A key is far smaller, but a hostile file can expand to
/// much more.
pub(super) const LONGEST_OUTPUT: u64 = 1 << 20;

/// Why GPG failed.
#[derive(Debug, Error)]
pub(crate) enum GpgError {
    /// The program does not exist, or could not be started.
    #[error("running {} failed: {source}", program.display())]
    NotRun { program: PathBuf, source: io::Error },
    /// No key fits a user's name.
    #[error("no public key for `{user}` in your GPG keyring")]
    UnknownUser {
        /// The name that was searched for.
        user: String,
    },
    /// Several keys fit a user's name.
    #[error("more than one public key fits `{user}`: {}", list(keys))]
    AmbiguousUser {
        /// The name that was searched for.
        user: String,
        /// The keys that fit.
        keys: Vec<PublicKey>,
    },
    /// The key can't be encrypted to.
    #[error("the GPG key {fingerprint} of {user_id} {reason}")]
    Unusable {
        fingerprint: Fingerprint,
        user_id: String,
        reason: Usability,
    },
    /// Nobody has certified that the key belongs to its owner.
    #[error("the GPG key {fingerprint} is not trusted: nothing shows that it belongs to its owner")]
    Untrusted { fingerprint: Fingerprint },
    /// GPG printed more than the limit.
    #[error("gpg failed {doing}: it printed more than {} MiB", LONGEST_OUTPUT >> 20)]
    TooMuch {
        /// The task that GPG was given.
        doing: String,
    },
    /// Any other error, in GPG's own words.
    #[error("gpg failed {doing}: {reason}")]
    Failed {
        /// The task that GPG was given.
        doing: String,
        /// The last line that GPG printed.
        reason: String,
    },
}

fn list(keys: &[PublicKey]) -> String {
    let shown = keys
        .iter()
        .map(|key| format!("{} {}", key.fingerprint, key.user_id));
    shown.collect::<Vec<_>>().join(", ")
}
