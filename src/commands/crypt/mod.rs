//! Verbs that make keys, unlock and lock a repository, and look at what is encrypted.

mod export_key;
mod init;
mod key_form;
mod keygen;
mod lock;
mod migrate_key;
mod refresh;
mod status;
mod unlock;

pub(crate) use export_key::ExportKeyArgs;
pub(crate) use init::InitArgs;
pub(crate) use keygen::KeygenArgs;
pub(crate) use lock::LockArgs;
pub(crate) use migrate_key::MigrateKeyArgs;
pub(crate) use refresh::RefreshArgs;
pub(crate) use status::StatusArgs;
pub(in crate::commands) use status::{Attention, attention_of};
pub(crate) use unlock::UnlockArgs;
