//! The filters that Git calls for each file: clean on the way in, smudge on the way out, textconv for `git diff`, and one
//! long-running process that does the first two for many files; and merge, where both sides have changed one.

mod clean;
mod destination;
mod filtered;
mod in_repository;
mod line_ends;
mod long_clean;
mod long_smudge;
mod merge;
mod pkt_line;
mod process;
mod smudge;
mod spool;
mod streams;

pub(crate) use clean::clean;
pub(crate) use destination::Destination;
pub(crate) use filtered::Filtered;
pub(crate) use in_repository::{InRepository, RepositoryOnDemand};
pub(crate) use merge::{MergeError, Merged, Versions, merge};
pub use pkt_line::{Packet, PacketReader, PacketWriter};
pub use process::serve;
pub(crate) use process::{Notice, ProcessError, refuse_every_file};
pub(crate) use smudge::{Smudged, smudge, smudge_any_length};
pub(crate) use streams::standard_input;
pub use streams::{awaited_input, standard_output};

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::format::BlobError;

/// Why a file could not be filtered. Nothing of it was written.
#[derive(Debug, Error)]
pub enum FilterError {
    /// The content could not be read.
    #[error("reading the content failed: {0}")]
    Read(#[source] io::Error),
    /// The result could not be written.
    #[error("writing the result failed: {0}")]
    Write(#[source] io::Error),
    /// The content is too long for memory, and could not be put aside.
    #[error("a long file could not be put aside in {}: {source}", folder.display())]
    PutAside {
        /// The folder for temporary files.
        folder: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The content can't be encrypted or decrypted.
    #[error(transparent)]
    Blob(#[from] BlobError),
}
