//! Whether files in the work tree differ from what the index says, without asking the filters.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::format::{Header, KeyFile, decrypt, encrypt};
use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::index::IndexEntry;
use crate::repository::open::Repository;
use crate::secret::SecretBytes;

/// How a file in the work tree relates to its index entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkTreeState {
    /// Not there, or no regular file.
    Missing,
    /// As the index has it, in one form or the other.
    Unmodified,
    /// Something that exists nowhere else.
    Modified,
}

impl Repository {
    /// Compares a file with its entry: equal are the stored bytes themselves, and what `key` encrypts to them.
    pub fn state_of(
        &self,
        entry: &IndexEntry,
        key: Option<&KeyFile>,
    ) -> Result<WorkTreeState, RepositoryError> {
        let path = self
            .require_work_tree("comparing files")?
            .join(entry.path.to_path());
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
        if BlobId::of_content(content.expose()) == entry.blob {
            return Ok(WorkTreeState::Unmodified);
        }
        let Some(key) = key else {
            return Ok(WorkTreeState::Modified);
        };
        if key.has_retired() && self.opens_to(entry, key, &mut content)? {
            return Ok(WorkTreeState::Unmodified);
        }
        let same = encrypt(key, &mut content)
            .is_ok_and(|header| blob_id(header, &mut content) == entry.blob);
        Ok(if same {
            WorkTreeState::Unmodified
        } else {
            WorkTreeState::Modified
        })
    }

    /// True where the file is the entry's stored bytes themselves, encrypted ones.
    pub fn is_stored_form(&self, entry: &IndexEntry) -> Result<bool, RepositoryError> {
        let path = self
            .require_work_tree("comparing files")?
            .join(entry.path.to_path());
        let reading = || RepositoryError::file("reading", &path);
        let mut file = File::open(&path).map_err(reading())?;
        let mut beginning = [0; Header::LEN];
        if file.read_exact(&mut beginning).is_err() || !Header::is_in(&beginning) {
            return Ok(false);
        }
        let content = fs::read(&path).map_err(reading())?;
        Ok(BlobId::of_content(&content) == entry.blob)
    }

    /// True where the entry's blob decrypts to `content`.
    fn opens_to(
        &self,
        entry: &IndexEntry,
        key: &KeyFile,
        content: &mut SecretBytes,
    ) -> Result<bool, RepositoryError> {
        let blob = self.blob(entry.blob)?;
        let Ok(Some(header)) = Header::parse(blob.content()) else {
            return Ok(false);
        };
        let mut plaintext = SecretBytes::copy_of(&blob.content()[Header::LEN..]);
        let opened = decrypt(key, header, &mut plaintext).is_ok();
        Ok(opened && plaintext.expose() == content.expose())
    }

    /// Git's own short cut: same size, same time, and that time before the index was written.
    fn looks_untouched(&self, entry: &IndexEntry, metadata: &Metadata) -> bool {
        let (seconds, nanoseconds) = entry.seen_modified;
        let seen = u64::try_from(seconds)
            .ok()
            .map(|seconds| UNIX_EPOCH + Duration::new(seconds, nanoseconds));
        let Some((seen, modified)) = seen.zip(metadata.modified().ok()) else {
            return false;
        };
        let same = metadata.len() as u32 == entry.seen_size && seen == modified;
        same && self
            .index_written()
            .is_some_and(|written| modified < written)
    }

    fn index_written(&self) -> Option<SystemTime> {
        let index = self.git.index().ok()?;
        fs::metadata(index.path()?).ok()?.modified().ok()
    }
}

/// The id of the blob made of this header and the ciphertext behind it.
fn blob_id(header: Header, ciphertext: &mut SecretBytes) -> BlobId {
    BlobId::of_content(&[&header.to_bytes()[..], ciphertext.expose()].concat())
}
