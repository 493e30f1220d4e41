//! The Git repository: what libgit2 reads in-process, and what the `git` program writes.
//!
//! libgit2 ignores external filters, so it would put plaintext into the index and ciphertext into the work tree: it
//! only ever reads here. Index and work tree are written by running `git`.

mod attributes;
mod behind_link;
mod blobs;
mod changes;
mod checkout;
mod commit_range;
mod commits;
mod configured_filter;
mod drivers;
mod encrypted_paths;
mod every_file;
mod filter_program;
mod git_program;
mod half_done;
mod history;
mod hooks;
mod incoming;
mod index;
mod index_file;
mod interruption;
mod keys;
mod linked;
mod open;
mod partial_clone;
mod pathspecs;
mod refusal;
mod retired_keys;
mod revision;
mod rewrite;
mod secret_file;
mod settings;
mod setup_lock;
mod shared_files;
mod stored_form;
mod tags;
mod three_way;
mod work_tree;

pub use attributes::Encryption;
pub use behind_link::SeenFolders;
pub use blobs::{Blob, BlobId};
pub use changes::{Change, Changes};
pub use commit_range::{CommitRange, NotARange};
pub use configured_filter::{FilterTrouble, SearchPath};
pub use drivers::Driver;
pub use every_file::{EveryFile, HistoricFile};
pub use filter_program::FilterProgram;
pub use history::{CommitLine, History};
pub use hooks::{write_script, write_whole_file};
pub use incoming::{Incoming, UnderWay};
pub use index::{IndexEntry, PathBytes};
pub use interruption::{go_on, interruption_note, noted_interruption};
pub use linked::OtherWorkTrees;
pub use open::{Repository, RepositoryError};
pub use refusal::Refusal;
pub use retired_keys::Rotation;
pub use revision::{CommitId, TreeEntry};
pub use secret_file::write_secret_file;
pub use setup_lock::SetupLock;
pub use shared_files::SharedFile;
pub use tags::TagMessage;
pub use three_way::{ConflictMarkers, ConflictStyle, MergedText, merge_text};
pub use work_tree::WorkTreeState;
