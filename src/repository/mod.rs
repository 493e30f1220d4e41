//! The Git repository: what libgit2 reads in-process, and what the `git` program writes.
//!
//! libgit2 ignores external filters, so it would put plaintext into the index and ciphertext into the work tree: it
//! only ever reads here. Index and work tree are written by running `git`.

mod attributes;
mod blobs;
mod changes;
mod checkout;
mod commits;
mod drivers;
mod encrypted_paths;
mod every_file;
mod history;
mod hooks;
mod index;
mod keys;
mod linked;
mod open;
mod pathspecs;
mod revision;
mod settings;
mod shared_files;
mod stored_form;
mod three_way;
mod work_tree;

pub use attributes::Encryption;
pub use blobs::{Blob, BlobId};
pub use changes::{Change, Changes};
pub use drivers::{Driver, FilterProgram};
pub use every_file::{EveryFile, HistoricFile};
pub use history::{CommitLine, History};
pub use hooks::{write_script, write_whole_file};
pub use index::{IndexEntry, PathBytes};
pub use keys::write_secret_file;
pub use linked::OtherWorkTrees;
pub use open::{Repository, RepositoryError};
pub use revision::{CommitId, TreeEntry};
pub use shared_files::SharedFile;
pub use three_way::{ConflictMarkers, ConflictStyle, MergedText, merge_text};
pub use work_tree::WorkTreeState;
