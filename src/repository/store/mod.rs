//! The key store of an unlocked repository, beside what Git keeps for itself.

pub(super) mod keys;
pub(super) mod retired_keys;
pub(super) mod secret_file;
pub(super) mod setup_lock;
