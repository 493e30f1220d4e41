//! Why a rotation may not begin or go on, before its key has a name.

use super::error::RotationError;
use crate::format::KeyName;
use crate::keyring::people::Holder;

/// Why a rotation may not begin or go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RotationRefusal {
    /// An earlier one is not finished.
    Underway,
    /// There is none to be finished.
    NotUnderway,
    /// A commit would take other changes along.
    Staged,
    /// The list of holders is gone, which this clone has seen before.
    ListGone,
    /// Nothing is wrapped any more for people whom the key attests.
    NotWrapped(Vec<String>),
    /// A key can't be wrapped for this holder, whose public key is not known here.
    UnknownRecipient(Holder),
    /// Nobody here goes by this id.
    NobodyToTrust(String),
}

impl RotationRefusal {
    /// The refusal for the key called `name`.
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
