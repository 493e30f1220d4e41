//! The keys of an unlocked repository, beside what Git keeps for itself: those in use, those before, who may change them.

pub(super) mod key_store;
pub(super) mod retired;
pub(super) mod setup_lock;
