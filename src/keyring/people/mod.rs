//! People who have keys: who they are, what is wrapped for them, and the forms of a key file.
//!
//! A `Recipient` is a public key, of GPG or age, for which a key can be wrapped. A `Holder` identifies its owner in the
//! names of wrapped files. A `Collaborator` is a person with wrapped keys in the repository. For both kinds of keys,
//! the steps are the same: `collaborator` (list), `named` (find), `recipient` (wrap), `unwrap`.

pub(crate) mod age;
mod collaborator;
pub(crate) mod collaborators;
pub(crate) mod gpg;
mod holder;
pub(crate) mod key_form;
mod key_text;
mod named;
mod recipient;
mod unwrap;

pub(crate) use age::{
    AGE_IS_BUILT_IN, AgeError, AgeIdentity, AgeRecipient, IdentityError, RecipientError,
    read_identities,
};
pub(crate) use collaborator::{
    Collaborator, collaborators, recipient_beside, removable_collaborators, removable_keys,
};
pub(crate) use collaborators::{CollaboratorError, Collaborators, WrappedKey};
pub(crate) use gpg::{Fingerprint, Gpg, GpgError, Usability, public_keys, secret_fingerprints};
pub(crate) use holder::Holder;
pub(crate) use key_form::{KeyForm, KeyFormError, Opener};
pub(crate) use key_text::{looks_like_key, repeats_key};
pub(crate) use named::named;
pub(crate) use recipient::{Recipient, Wrapper};
pub(crate) use unwrap::{Decryptors, UnwrapError, unwrap_keys};
