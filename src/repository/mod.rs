//! The Git repository: what libgit2 reads in-process, and what the `git` program writes.
//!
//! libgit2 ignores external filters, so it would put plaintext into the index and ciphertext into the work tree: it
//! only ever reads here. Index and work tree are written by running `git`.

mod attributes;
mod blobs;
mod checkout;
mod drivers;
mod history;
mod index;
mod keys;
mod open;
mod revision;
mod stored_form;
mod work_tree;

pub use attributes::Encryption;
pub use blobs::{Blob, BlobId};
pub use drivers::FilterProgram;
pub use history::{CommitLine, History};
pub use index::{IndexEntry, PathBytes};
pub use keys::write_secret_file;
pub use open::{Repository, RepositoryError};
pub use revision::{CommitId, TreeEntry};
pub use work_tree::WorkTreeState;
