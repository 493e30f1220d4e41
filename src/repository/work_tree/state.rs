//! Whether files in the work tree differ from the index, without running the filters.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, UNIX_EPOCH};

use super::top::WorkTree;
use crate::format::{Header, KeyFile, decrypt, encrypt};
use crate::repository::error::RepositoryError;
use crate::repository::index::entries::IndexEntry;
use crate::repository::path::PathBytes;
use crate::secret::SecretBytes;

/// How a file in the work tree relates to its index entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkTreeState {
    /// It does not exist, or is not a regular file.
    Missing,
    /// It is the content of the index, encrypted or decrypted.
    Unmodified,
    /// Its content may exist nowhere else.
    Modified,
}

impl<'repository> WorkTree<'repository> {
    /// Compares a file with its index entry. It is unmodified if it has the stored bytes, or if `key` or one of its retired
    /// keys decrypts the stored bytes to those of the file.
    pub(crate) fn state_of(
        self,
        entry: &IndexEntry,
        key: Option<&KeyFile>,
    ) -> Result<WorkTreeState, RepositoryError> {
        let path = self.require("comparing files")?.join(entry.path.to_path());
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => metadata,
            Ok(_) => return Ok(WorkTreeState::Missing),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(WorkTreeState::Missing);
            }
            Err(error) => return Err(RepositoryError::file("looking at", &path)(error)),
        };
        if self.looks_untouched(entry, &metadata) {
            return Ok(WorkTreeState::Unmodified);
        }
        let reading = || RepositoryError::file("reading", &path);
        let mut content = File::open(&path)
            .and_then(|mut file| SecretBytes::read_from(&mut file))
            .map_err(reading())?;
        if entry.blob.is_of(content.expose()) {
            return Ok(WorkTreeState::Unmodified);
        }
        let Some(key) = key else {
            return Ok(WorkTreeState::Modified);
        };
        if key.has_retired() && self.opens_to(entry, key, &mut content)? {
            return Ok(WorkTreeState::Unmodified);
        }
        let same = encrypt(key, &mut content).is_ok_and(|header| {
            let stored = [&header.to_bytes()[..], content.expose()].concat();
            entry.blob.is_of(&stored)
        });
        Ok(if same {
            WorkTreeState::Unmodified
        } else {
            WorkTreeState::Modified
        })
    }

    /// True if the file has the stored bytes of its entry, and these are encrypted.
    pub(crate) fn is_stored_form(self, entry: &IndexEntry) -> Result<bool, RepositoryError> {
        if !self.holds_ciphertext(&entry.path)? {
            return Ok(false);
        }
        let path = self.require("comparing files")?.join(entry.path.to_path());
        let content = fs::read(&path).map_err(RepositoryError::file("reading", &path))?;
        Ok(entry.blob.is_of(&content))
    }

    /// True if the work tree has a regular file at `path` that begins as encrypted blobs do, whichever blob it is. In
    /// an unlocked work tree, a killed Git has left it. Only the beginning of the file is read.
    pub(crate) fn holds_ciphertext(self, path: &PathBytes) -> Result<bool, RepositoryError> {
        if !self.is_regular_file(path) {
            return Ok(false);
        }
        let path = self.require("comparing files")?.join(path.to_path());
        let mut beginning = [0; Header::LEN];
        let mut file = File::open(&path).map_err(RepositoryError::file("reading", &path))?;
        match file.read_exact(&mut beginning) {
            Ok(()) => Ok(Header::is_in(&beginning)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(RepositoryError::file("reading", &path)(error)),
        }
    }

    /// True if the file has another size than Git has noted: then Git takes it for changed without running a filter. An
    /// entry with size 0 says nothing.
    pub(crate) fn has_another_size(self, entry: &IndexEntry) -> Result<bool, RepositoryError> {
        let path = self.require("comparing files")?.join(entry.path.to_path());
        let metadata = fs::symlink_metadata(&path);
        let metadata = metadata.map_err(RepositoryError::file("looking at", &path))?;
        Ok(entry.seen_size != 0 && metadata.len() as u32 != entry.seen_size)
    }

    /// True if the file has only a beginning of the plaintext of the entry's blob: writing it was interrupted.
    pub(crate) fn is_cut_off(
        self,
        entry: &IndexEntry,
        key: &KeyFile,
    ) -> Result<bool, RepositoryError> {
        let Some(mut plaintext) = self.opened(entry, key)? else {
            return Ok(false);
        };
        let path = self.require("comparing files")?.join(entry.path.to_path());
        let reading = || RepositoryError::file("reading", &path);
        let mut content = File::open(&path)
            .and_then(|mut file| SecretBytes::read_from(&mut file))
            .map_err(reading())?;
        let (plaintext, content) = (plaintext.expose(), content.expose());
        Ok(content.len() < plaintext.len() && plaintext.starts_with(content))
    }

    /// True if the plaintext of the entry's blob is `content`.
    fn opens_to(
        self,
        entry: &IndexEntry,
        key: &KeyFile,
        content: &mut SecretBytes,
    ) -> Result<bool, RepositoryError> {
        let opened = self.opened(entry, key)?;
        Ok(opened.is_some_and(|mut plaintext| plaintext.expose() == content.expose()))
    }

    /// The plaintext of the entry's blob, if `key` can open it.
    fn opened(
        self,
        entry: &IndexEntry,
        key: &KeyFile,
    ) -> Result<Option<SecretBytes>, RepositoryError> {
        let blob = self.objects.blob(entry.blob)?;
        let Ok(Some(header)) = Header::parse(blob.content()) else {
            return Ok(None);
        };
        let mut plaintext = SecretBytes::copy_of(&blob.content()[Header::LEN..]);
        let opened = decrypt(key, header, &mut plaintext).is_ok();
        Ok(opened.then_some(plaintext))
    }

    /// Git's own short cut: size, times and inode are as noted in the index, and the file was modified before the index
    /// was written. The modification time alone is not enough: programs can set it, as `cp -p` does.
    fn looks_untouched(self, entry: &IndexEntry, metadata: &Metadata) -> bool {
        let (seconds, nanoseconds) = entry.seen_modified;
        let seen = u64::try_from(seconds)
            .ok()
            .map(|seconds| UNIX_EPOCH + Duration::new(seconds, nanoseconds));
        let Some((seen, modified)) = seen.zip(metadata.modified().ok()) else {
            return false;
        };
        let changed = (metadata.ctime() as i32, metadata.ctime_nsec() as u32);
        let same = metadata.len() as u32 == entry.seen_size
            && seen == modified
            && changed == entry.seen_changed
            && metadata.ino() as u32 == entry.seen_inode;
        same && self
            .index
            .written()
            .is_some_and(|written| modified < written)
    }
}
