//! Why a key is not used to unlock with.

use thiserror::Error;

use crate::format::KeyId;

/// Why a key is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NotOpened {
    /// It is none of those that the user allows.
    #[error("the available key is {offered}, not {pinned}")]
    NotPinned {
        /// The key that there is.
        offered: KeyId,
        /// The key that was asked for.
        pinned: KeyId,
    },
    /// It was rotated out, and encrypts nothing any more.
    #[error(
        "{offered} was rotated out: it is kept to read the history, and encrypts nothing any more"
    )]
    Retired {
        /// The key given.
        offered: KeyId,
    },
    /// Only a former key is wrapped for the user.
    #[error("the key wrapped for you, {offered}, was rotated out")]
    RetiredOnly {
        /// The key wrapped.
        offered: KeyId,
    },
    /// It opens no file, since another key took its place.
    #[error("{offered} was rotated out: {next} has taken its place")]
    RotatedOut {
        /// The key given.
        offered: KeyId,
        /// The key that followed it.
        next: KeyId,
    },
    /// The files here are of a key that followed the one that is known, and that is not available.
    #[error(
        "the files here are encrypted with the key after {known}, and that one is not available"
    )]
    RotatedAway {
        /// The key that this clone has.
        known: KeyId,
    },
    /// It opens none of the files.
    #[error("wrong key: {offered} opens no file here")]
    WrongKey {
        /// The key.
        offered: KeyId,
    },
    /// There are no files that would tell which key is right.
    #[error(
        "this clone knows the key {known}, not {offered}, and no encrypted file here tells which is right"
    )]
    NothingTells {
        /// The key that this clone knows.
        known: KeyId,
        /// The key given.
        offered: KeyId,
    },
    /// Nothing proves that it follows the one that is known.
    #[error(
        "this clone knows the key {known}, and nothing signed with that says that {offered} follows it"
    )]
    Unproven {
        /// The key that this clone knows.
        known: KeyId,
        /// The key wrapped.
        offered: KeyId,
    },
    /// It follows by proof, and the user has not agreed.
    #[error(
        "{offered} follows the key {known} that this clone knows, and you have not agreed to that"
    )]
    NotAccepted {
        /// The key that this clone knows.
        known: KeyId,
        /// The key wrapped.
        offered: KeyId,
    },
    /// Several keys are available, and nothing proves any of them.
    #[error("there is more than one new key: {}", words(ids))]
    Several {
        /// The keys.
        ids: Vec<KeyId>,
    },
    /// Several keys claim to follow one.
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
