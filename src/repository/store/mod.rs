//! The keys of an unlocked repository, in the Git directory: in use, retired, and the lock for changing them.

pub(super) mod key_store;
pub(super) mod retired;
pub(super) mod setup_lock;
