//! What Git calls for each file: clean on the way in, smudge on the way out, textconv for `git diff`, and one
//! long-running process that does the first two for many files; and merge, where both sides have changed one.

mod clean;
mod merge;
mod pkt_line;
mod process;
mod smudge;
mod streams;

pub use clean::clean;
pub use merge::{MergeError, Merged, Versions, merge};
pub use pkt_line::{Packet, PacketContent, PacketReader, PacketWriter, PktLineError};
pub use process::{Notice, ProcessError, serve};
pub use smudge::{Smudged, smudge};
pub use streams::{standard_input, standard_output};

use std::io::{self, Write};

use thiserror::Error;

use crate::format::{BlobError, Header};
use crate::secret::SecretBytes;

/// Why a file could not be filtered. Nothing of it was written.
#[derive(Debug, Error)]
pub enum FilterError {
    /// The content could not be read.
    #[error("reading the content failed: {0}")]
    Read(#[source] io::Error),
    /// The result could not be written.
    #[error("writing the result failed: {0}")]
    Write(#[source] io::Error),
    /// The content can't be encrypted or decrypted.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// What comes out of a filter: a header for encrypted content, then the content.
#[derive(Debug)]
pub struct Filtered {
    /// The header of what was just encrypted.
    pub header: Option<Header>,
    /// What follows it.
    pub content: SecretBytes,
}

impl Filtered {
    /// Writes all of it.
    pub fn write_to(&self, output: &mut impl Write) -> Result<(), FilterError> {
        let header = self.header.map(Header::to_bytes);
        output
            .write_all(header.as_ref().map_or(&[], |header| header.as_slice()))
            .map_err(FilterError::Write)?;
        for chunk in self.content.expose_chunks() {
            output.write_all(chunk).map_err(FilterError::Write)?;
        }
        output.flush().map_err(FilterError::Write)
    }
}
