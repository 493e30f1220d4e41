//! Unlocking: sets up a repository with a key that opens its files.
//!
//! `look` reads the facts once. `decide` says which key to use, or why none. `choose` asks the user if needed, and
//! prepares the chosen key. `install` remembers and stores it, and configures its drivers. Then the work trees are
//! written. `steps` does all of this in order.

mod available_key;
mod choose;
mod chosen_key;
mod decide;
mod error;
mod facts;
mod install;
mod look;
mod not_opened;
mod steps;
mod to_write;
mod unlocked;

pub(crate) use error::UnlockError;
pub(crate) use facts::{Consent, RotationQuestion};
pub(crate) use look::{Offered, UnlockOptions};
pub(crate) use not_opened::NotOpened;
pub(crate) use steps::unlock;
pub(crate) use unlocked::Unlocked;
