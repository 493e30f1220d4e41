//! A repository that is given a key, unlocked, looked at or locked again.

mod concern;
pub(crate) mod encrypted_files;
mod export;
mod generate;
mod health;
mod initialise;
mod key_source;
mod lock;
pub(crate) mod outdated;
mod refresh;
mod resolutions;
mod retired;
mod status;
mod unlock;

pub(crate) use encrypted_files::plain_files;
pub(crate) use export::{ExportError, export};
pub(crate) use generate::generate;
pub(crate) use health::{Health, health};
pub(crate) use initialise::initialise;
pub(crate) use key_source::{
    KeySource, export_key, read_key, read_key_value, read_legacy_key, read_raw_key,
};
pub(crate) use lock::{LockError, lock};
pub(crate) use outdated::renew;
pub(crate) use refresh::refresh;
pub(crate) use retired::keep_retired;
pub(crate) use status::{FileStatus, Repair, Staged, repair, status};
pub(crate) use unlock::{
    Consent, NotOpened, Offered, RotationQuestion, UnlockError, Unlocked, Wishes, unlock,
};
