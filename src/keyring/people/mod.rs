//! People who have keys: who they are, what is wrapped for them, and the forms in which a key is handed over.
//!
//! A `Recipient` is somebody's public key, of GPG or of age; a `Holder` is the name that the files of its owner have. Keys
//! are wrapped for recipients and lie in the repository as files of holders; whoever has a recipient there is a
//! `Collaborator`. One ladder leads through it whatever the kind: `collaborator` (list), `named` (find), `recipient` (wrap), `unwrap`.

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
pub(crate) use unwrap::{Means, UnwrapError, unwrap_keys};
