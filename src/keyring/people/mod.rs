//! Holders of keys: collaborators by GPG and by age, their wrapped keys, and the forms in which a key is handed over.

pub(crate) mod age;
pub(crate) mod age_users;
pub(crate) mod collaborators;
pub(crate) mod gpg;
pub(crate) mod gpg_users;
pub(crate) mod key_form;
mod staged_change;
mod unwrap;

pub(crate) use age::{
    AgeError, AgeIdentity, AgeRecipient, IdentityError, RecipientError, read_identities,
};
pub(crate) use age_users::{AgeUser, add_age_users, age_users, remove_age_user};
pub(crate) use collaborators::{CollaboratorError, Collaborators, WrappedKey};
pub(crate) use gpg::{Gpg, GpgError, Usability};
pub(crate) use gpg_users::{GpgUser, add_gpg_users, gpg_users, remove_gpg_user};
pub(crate) use key_form::{KeyForm, KeyFormError, Opener};
pub(crate) use staged_change::StagedChange;
pub(crate) use unwrap::{Means, UnwrapError, unwrap_keys};
