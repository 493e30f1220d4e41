//! Why a key is not used for unlocking.

use thiserror::Error;

use crate::format::KeyId;

/// Why a key is not used for unlocking.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NotOpened {
    /// The user does not allow it.
    #[error("the available key is {offered}, not {pinned}")]
    NotPinned {
        /// The available key.
        offered: KeyId,
        /// The key that the user allows.
        pinned: KeyId,
    },
    /// It is a retired key, which encrypts nothing any more.
    #[error(
        "{offered} was rotated out: it is kept to read the history, and encrypts nothing any more"
    )]
    Retired {
        /// The key given.
        offered: KeyId,
    },
    /// Only a retired key is wrapped for the user.
    #[error("the key wrapped for you, {offered}, was rotated out")]
    RetiredOnly {
        /// The wrapped key.
        offered: KeyId,
    },
    /// It opens no file, since another key has replaced it.
    #[error("{offered} was rotated out: {next} has taken its place")]
    RotatedOut {
        /// The key given.
        offered: KeyId,
        /// The key that has replaced it.
        next: KeyId,
    },
    /// The files here are encrypted with a successor of the known key, which is not available.
    #[error(
        "the files here are encrypted with the key after {known}, and that one is not available"
    )]
    RotatedAway {
        /// The key that this clone knows.
        known: KeyId,
    },
    /// It opens none of the files.
    #[error("wrong key: {offered} opens no file here")]
    WrongKey { offered: KeyId },
    /// There are no files that show which key is right.
    #[error(
        "this clone knows the key {known}, not {offered}, and no encrypted file here tells which is right"
    )]
    NothingTells {
        /// The key that this clone knows.
        known: KeyId,
        /// The key given.
        offered: KeyId,
    },
    /// Nothing proves that it follows the known key.
    #[error(
        "this clone knows the key {known}, and nothing signed with that says that {offered} follows it"
    )]
    Unproven {
        /// The key that this clone knows.
        known: KeyId,
        /// The wrapped key.
        offered: KeyId,
    },
    /// Statements prove that it follows the known key, but the user has not agreed.
    #[error(
        "{offered} follows the key {known} that this clone knows, and you have not agreed to that"
    )]
    NotAccepted {
        /// The key that this clone knows.
        known: KeyId,
        /// The wrapped key.
        offered: KeyId,
    },
    /// Several keys are available, and nothing proves one of them.
    #[error("there is more than one new key: {}", words(ids))]
    Several { ids: Vec<KeyId> },
    /// Several keys claim to follow the same key.
    #[error(
        "{} claim to follow the key {at}, and only one can be right",
        words(successors)
    )]
    Fork {
        /// The key that they claim to follow.
        at: KeyId,
        /// The keys that claim it.
        successors: Vec<KeyId>,
    },
}

fn words(ids: &[KeyId]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join(" and ")
}
