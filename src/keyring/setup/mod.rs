//! Setting up a repository with a key, unlocking it, examining it, and locking it.

mod export;
mod health;
mod here_alone;
mod initialise;
mod key_source;
mod lock;
mod refresh;
mod resolutions;
mod retired;
mod status;
mod unfinished;
mod unlock;

pub(crate) use export::{ExportError, export};
pub(crate) use health::{Health, NOT_WRAPPED, health, holders_gone, not_wrapped};
pub(crate) use here_alone::keys_here_alone;
pub(crate) use initialise::initialise;
pub(crate) use key_source::{
    KeySource, export_key, read_key, read_key_value, read_legacy_key, read_raw_key,
};
pub(crate) use lock::{LockError, LockRequest, lock};
pub(crate) use refresh::refresh;
pub(crate) use retired::keep_retired;
pub(crate) use status::{FileStatus, Repair, Staged, repair, status};
pub(crate) use unlock::{
    Consent, NotOpened, Offered, RotationQuestion, UnlockError, UnlockOptions, Unlocked, unlock,
};
