//! The programs that Git calls for encrypted files: clean (into Git), smudge (into the work tree), textconv (for `git
//! diff`) and merge. One long-running process can clean and smudge many files.

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
pub(crate) use filtered::{Filtered, Smudged};
pub(crate) use in_repository::{InRepository, RepositoryOnDemand};
pub(crate) use merge::{MergeError, Merged, Versions, merge};
pub use pkt_line::{Packet, PacketReader, PacketWriter};
pub use process::serve;
pub(crate) use process::{Notice, ProcessError, refuse_every_file};
pub(crate) use smudge::{smudge, smudge_any_length};
pub(crate) use streams::standard_input;
pub use streams::{awaited_input, standard_output};

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::format::BlobError;

/// Why a file could not be filtered. No part of the result was written.
#[derive(Debug, Error)]
pub enum FilterError {
    /// The content could not be read.
    #[error("reading the content failed: {0}")]
    Read(#[source] io::Error),
    /// The result could not be written.
    #[error("writing the result failed: {0}")]
    Write(#[source] io::Error),
    /// The content is too long for memory, and could not be put into a temporary file.
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
