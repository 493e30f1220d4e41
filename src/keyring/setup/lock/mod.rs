//! Locking: encrypted files in the work trees become ciphertext, then drivers and keys are removed.
//!
//! `look` reads everything once; `decide` says whether locking is allowed. Only then do the `steps` change anything.

mod decide;
mod elsewhere;
mod error;
mod held_key;
mod look;
mod steps;

pub(crate) use decide::LockRequest;
pub(crate) use error::LockError;
pub(crate) use steps::{UnknownKey, lock};
