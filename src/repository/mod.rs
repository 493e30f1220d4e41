//! The Git repository: libgit2 reads it in-process, the `git` program writes it.
//!
//! libgit2 ignores external filters: it would put plaintext into the index, and ciphertext into the work tree.
//! Therefore it only reads here, and `git` writes index and work tree. Files whose path a commit can choose are written
//! by `files::door`, which follows no symbolic link.

mod attributes;
mod commits;
mod error;
mod files;
mod git;
mod index;
mod interruption;
mod letters;
mod objects;
mod opening;
mod path;
mod shared_files;
mod store;
mod work_tree;

pub(crate) use attributes::encryption::Encryption;
pub(crate) use attributes::of_tree::TreeAttributes;
pub(crate) use commits::ancestry::CommitLine;
pub use commits::ancestry::History;
pub(crate) use commits::attribute_states::{AttributeHistory, AttributeState};
pub(crate) use commits::changes::Changes;
pub(crate) use commits::commit_range::CommitRange;
pub(crate) use commits::every_file::HistoricFile;
pub(crate) use commits::incoming::{Incoming, UnderWay};
pub(crate) use commits::tags::TagMessage;
pub(crate) use commits::versions::CommitOrigin;
pub(crate) use error::{Refusal, RepositoryError};
pub(crate) use files::private_files::{
    create_private_folder, sweep_private_folder, write_secret_file,
};
pub(crate) use files::whole_files::write_script;
pub(crate) use git::configured_filter::{FilterTrouble, SearchPath};
pub(crate) use git::driver::Driver;
pub(crate) use git::filter_program::FilterProgram;
pub(crate) use git::three_way::{ConflictMarkers, MergedText, is_binary, merge_text};
pub(crate) use index::entries::{IndexEntry, IndexSnapshot};
pub(crate) use interruption::{interruption_note, noted_interruption, stop_if_interrupted};
pub(crate) use letters::{misleads, quoted, without_misleading};
pub(crate) use objects::blobs::{Blob, BlobId, Objects, trust_stored_ids};
pub(crate) use objects::commit_folders::CommitFolders;
pub(crate) use objects::long_blobs::{BlobReader, MAXIMUM_HELD_BLOB};
pub(crate) use objects::revision::{CommitId, TreeEntry};
pub use opening::repository::Repository;
pub(crate) use path::PathBytes;
pub(crate) use shared_files::reading::SharedFile;
pub(crate) use store::retired::Rotation;
pub(crate) use work_tree::behind_link::SeenFolders;
pub(crate) use work_tree::state::WorkTreeState;
