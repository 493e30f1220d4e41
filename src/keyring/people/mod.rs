//! Holders of keys: collaborators by GPG and by age, their wrapped keys, and the forms in which a key is handed over.

pub(crate) mod age;
pub(crate) mod age_identity;
pub(crate) mod age_recipient;
pub(crate) mod age_users;
pub(crate) mod collaborators;
pub(crate) mod gpg;
pub(crate) mod gpg_listing;
pub(crate) mod gpg_users;
pub(crate) mod key_form;
mod passphrase;
mod staged_change;
mod unwrap;

pub(crate) use age::AgeError;
pub(crate) use age_identity::{AgeIdentity, IdentityError, read_identities};
pub(crate) use age_recipient::{AgeRecipient, RecipientError};
pub(crate) use age_users::{AgeUser, add_age_users, age_users, remove_age_user};
pub(crate) use collaborators::{CollaboratorError, Collaborators, WrappedKey};
pub(crate) use gpg::{Gpg, GpgError};
pub(crate) use gpg_listing::Usability;
pub(crate) use gpg_users::{GpgUser, add_gpg_users, gpg_users, remove_gpg_user};
pub(crate) use key_form::{KeyForm, KeyFormError, Opener};
pub(crate) use staged_change::StagedChange;
pub(crate) use unwrap::{Means, UnwrapError, unwrap_keys};
