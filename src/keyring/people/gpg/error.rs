//! Why GPG did not do what was asked of it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::listing::{Fingerprint, PublicKey, Usability};

/// Maximum number of bytes that are read of what GPG prints. A key is far smaller; what a hostile file unpacks to is not.
pub(super) const LONGEST_OUTPUT: u64 = 1 << 20;

/// Why GPG did not do what was asked of it.
#[derive(Debug, Error)]
pub(crate) enum GpgError {
    /// There is no such program.
    #[error("running {} failed: {source}", program.display())]
    NotRun {
        program: PathBuf,
        /// Why it could not be.
        source: io::Error,
    },
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
    /// A key that can't be encrypted to.
    #[error("the GPG key {fingerprint} of {user_id} {reason}")]
    Unusable {
        fingerprint: Fingerprint,
        /// The owner.
        user_id: String,
        reason: Usability,
    },
    /// Nobody has vouched that the key is its owner's.
    #[error("the GPG key {fingerprint} is not trusted: nothing shows that it belongs to its owner")]
    Untrusted { fingerprint: Fingerprint },
    /// GPG printed more than is read of it.
    #[error("gpg failed {doing}: it printed more than {} MiB", LONGEST_OUTPUT >> 20)]
    TooMuch {
        /// The task that it was given.
        doing: String,
    },
    /// Anything else, in GPG's own words.
    #[error("gpg failed {doing}: {reason}")]
    Failed {
        /// The task that it was given.
        doing: String,
        /// The last line it printed.
        reason: String,
    },
}

fn list(keys: &[PublicKey]) -> String {
    let shown = keys
        .iter()
        .map(|key| format!("{} {}", key.fingerprint, key.user_id));
    shown.collect::<Vec<_>>().join(", ")
}
