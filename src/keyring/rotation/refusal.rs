//! Why a rotation may not begin or continue, without the name of the key.

use super::error::RotationError;
use crate::format::KeyName;
use crate::keyring::people::Holder;

/// Why a rotation may not begin or continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RotationRefusal {
    /// An earlier rotation is not finished.
    Underway,
    /// There is no rotation to be finished.
    NotUnderway,
    /// The commit would contain other staged changes.
    Staged,
    /// This clone has seen a list of holders, and it is gone.
    ListGone,
    /// The key is not wrapped any more for these people, whom it attests.
    NotWrapped(Vec<String>),
    /// The public key of this holder is not known in this clone, so no key can be wrapped for them.
    UnknownRecipient(Holder),
    /// No holder has this id.
    NobodyToTrust(String),
}

impl RotationRefusal {
    /// The error, with the name of the key.
    pub(super) fn of_key(self, name: &KeyName) -> RotationError {
        let name = name.clone();
        match self {
            Self::Underway => RotationError::Underway { name },
            Self::NotUnderway => RotationError::NotUnderway { name },
            Self::Staged => RotationError::Staged,
            Self::ListGone => RotationError::ListGone { name },
            Self::NotWrapped(holders) => RotationError::NotWrapped { name, holders },
            Self::UnknownRecipient(holder) => RotationError::UnknownRecipient { holder },
            Self::NobodyToTrust(id) => RotationError::NobodyToTrust { id },
        }
    }
}
