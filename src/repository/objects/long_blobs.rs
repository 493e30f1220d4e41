//! Blobs that are too long to be held in memory, read piece by piece.
//!
//! libgit2 can read a blob from a pack only as a whole. The `git` program can read it piece by piece.

use std::io::{self, Read};
use std::process::{Child, ChildStdout, Stdio};

use super::blobs::{BlobId, Objects};
use crate::format::Header;
use crate::repository::error::RepositoryError;

/// Maximum length in bytes of a blob that is held in memory as a whole: 100 MiB, which is GitHub's limit for files.
pub(crate) const MAXIMUM_HELD_BLOB: u64 = 100 << 20;

/// Length in bytes of an object's own file below which the blob in it is not too long: deflate, by which Git compresses objects,
/// makes nothing shorter than by a factor of 1032.
const SMALL_FILE: u64 = MAXIMUM_HELD_BLOB / 1032 / 2;

/// The content of a blob, from the beginning. Dropping this ends the `git` process that delivers it.
pub(crate) struct BlobReader {
    git: Child,
    content: ChildStdout,
    /// How many bytes are still to come.
    left: u64,
}

impl Objects<'_> {
    /// True if a blob is too long to be held in memory. False if its length can't be read: reading it reports the error.
    pub(crate) fn is_long(self, id: BlobId) -> bool {
        if self.is_in_small_file(id) {
            return false;
        }
        let length = self.blob_len(id);
        length.is_ok_and(|length| length > MAXIMUM_HELD_BLOB)
    }

    /// True if the blob is no part of a pack and is stored in a small file. Finding this out is
    /// quicker than reading the blob's length, for which libgit2 opens and unpacks the file.
    fn is_in_small_file(self, id: BlobId) -> bool {
        let name = id.to_string();
        let (folder, name) = name.split_at(2);
        let objects = self.git.commondir().join("objects");
        let file = objects.join(folder).join(name).metadata();
        file.is_ok_and(|file| file.len() < SMALL_FILE)
    }

    /// Opens a blob of any length.
    pub(crate) fn open_blob(self, id: BlobId) -> Result<BlobReader, RepositoryError> {
        let left = self.blob_len(id)?;
        // Without this setting, Git reads blobs up to 512 MiB into memory.
        let settings = ["core.bigFileThreshold=1m".to_owned()];
        let mut command = self.program.command_with(&settings, "cat-file");
        command
            .args(["blob", &id.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut git = command.spawn().map_err(failed)?;
        let content = git.stdout.take().expect("standard output was piped");
        Ok(BlobReader { git, content, left })
    }

    /// True if the blob, which may have any length, begins with the magic number of encrypted blobs.
    pub(super) fn begins_encrypted(self, id: BlobId) -> Result<bool, RepositoryError> {
        let mut beginning = Vec::with_capacity(Header::LEN);
        self.open_blob(id)?
            .read_up_to(Header::LEN, &mut beginning)?;
        Ok(Header::is_in(&beginning))
    }
}

impl BlobReader {
    /// Appends bytes to `held` until it has `length` of them or the blob ends. Returns true if the blob has ended.
    pub(crate) fn read_up_to(
        &mut self,
        length: usize,
        held: &mut Vec<u8>,
    ) -> Result<bool, RepositoryError> {
        let wanted = length.saturating_sub(held.len()) as u64;
        let read = (&mut self.content).take(wanted).read_to_end(held);
        let read = read.map_err(failed)? as u64;
        self.left = self.left.saturating_sub(read);
        if read < wanted && self.left > 0 {
            return Err(failed(io::Error::other(format!(
                "it ended {} bytes too early",
                self.left
            ))));
        }
        Ok(self.left == 0)
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

impl Drop for BlobReader {
    fn drop(&mut self) {
        // Nobody reads the rest, so errors don't matter.
        let _ = self.git.kill();
        let _ = self.git.wait();
    }
}

fn failed(error: io::Error) -> RepositoryError {
    RepositoryError::GitProgram {
        command: "cat-file".to_owned(),
        reason: error.to_string(),
    }
}
