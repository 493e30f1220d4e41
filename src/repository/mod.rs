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

pub(crate) use attributes::Encryption;
pub(crate) use behind_link::SeenFolders;
pub(crate) use blobs::BlobId;
pub(crate) use changes::Changes;
pub(crate) use commit_range::CommitRange;
pub(crate) use configured_filter::{FilterTrouble, SearchPath};
pub(crate) use drivers::Driver;
pub(crate) use every_file::HistoricFile;
pub(crate) use filter_program::FilterProgram;
pub(crate) use history::{CommitLine, History};
pub(crate) use hooks::{write_script, write_whole_file};
pub(crate) use incoming::{Incoming, UnderWay};
pub(crate) use index::{IndexEntry, PathBytes};
pub(crate) use interruption::{go_on, interruption_note, noted_interruption};
pub use open::Repository;
pub(crate) use open::RepositoryError;
pub(crate) use refusal::Refusal;
pub(crate) use retired_keys::Rotation;
pub(crate) use revision::{CommitId, TreeEntry};
pub(crate) use secret_file::write_secret_file;
pub(crate) use shared_files::SharedFile;
pub(crate) use tags::TagMessage;
pub(crate) use three_way::{ConflictMarkers, MergedText, merge_text};
pub(crate) use work_tree::WorkTreeState;
