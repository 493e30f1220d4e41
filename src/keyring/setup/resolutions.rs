//! Conflicts and resolutions that Git has recorded in plaintext (`rerere`). Records of encrypted files are removed
//! when the repository is locked.
//!
//! Git does not note to which file a record belongs. It is taken to belong to an encrypted file if it shares a line
//! with any version of such a file, since each side of a conflict was committed. If a plain file has the same line, its
//! record is removed, too. This only loses a recorded resolution.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::format::{Header, KeyFile, decrypt};
use crate::repository::{Repository, RepositoryError, stop_if_interrupted};
use crate::secret::SecretBytes;

/// Minimum length in bytes of a line that is compared. Shorter lines occur in most files.
const SHORTEST_LINE: usize = 4;

/// A record, and whether it belongs to an encrypted file.
struct RecordedConflict {
    folder: PathBuf,
    is_secret: bool,
}

/// Removes the records of files that one of `keys` opens.
pub(super) fn forget_resolutions(
    repository: &Repository,
    keys: &[&KeyFile],
) -> Result<(), RepositoryError> {
    let folder = repository.common_dir().join("rr-cache");
    let listing = || RepositoryError::file("listing", &folder);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(listing()(error)),
    };
    let mut records = Vec::new();
    let mut lines: HashMap<u64, Vec<usize>> = HashMap::new();
    for entry in entries {
        let entry = entry.map_err(listing())?;
        // Each record is a folder. Other programs leave files here, such as .DS_Store.
        if !entry.file_type().map_err(listing())?.is_dir() {
            continue;
        }
        let path = entry.path();
        let found = lines_of_record(&path).map_err(RepositoryError::file("reading", &path))?;
        // A record without any line to compare is removed, too.
        let is_secret = found.is_empty();
        for line in found {
            lines.entry(line).or_default().push(records.len());
        }
        records.push(RecordedConflict {
            folder: path,
            is_secret,
        });
    }
    if records.is_empty() {
        return Ok(());
    }
    for file in repository.commits().every_file()?.files {
        stop_if_interrupted()?;
        // A blob that a partial clone does not have was part of no conflict here. A blob that can't be read is skipped.
        if !repository.objects().has_blob(file.blob)? {
            continue;
        }
        let Ok(blob) = repository.objects().blob(file.blob) else {
            continue;
        };
        let Ok(Some(header)) = Header::parse(blob.content()) else {
            continue;
        };
        for key in keys {
            let mut content = SecretBytes::copy_of(&blob.content()[Header::LEN..]);
            if decrypt(key, header, &mut content).is_ok() {
                for line in lines_of(content.expose()) {
                    for place in lines.remove(&line).into_iter().flatten() {
                        records[place].is_secret = true;
                    }
                }
            }
        }
    }
    for record in records.iter().filter(|record| record.is_secret) {
        fs::remove_dir_all(&record.folder)
            .map_err(RepositoryError::file("removing", &record.folder))?;
    }
    Ok(())
}

fn lines_of_record(folder: &Path) -> io::Result<Vec<u64>> {
    let mut lines = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        if !file.file_type()?.is_file() {
            continue;
        }
        let content = Zeroizing::new(fs::read(file.path())?);
        lines.extend(lines_of(&content));
    }
    Ok(lines)
}

/// A hash of each line. If two different lines have the same hash, one record too many is removed.
fn lines_of(content: &[u8]) -> Vec<u64> {
    let is_marker = |line: &&[u8]| {
        [b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||"]
            .iter()
            .any(|marker| line.starts_with(*marker))
    };
    let lines = content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let lines = lines.filter(|line| line.len() >= SHORTEST_LINE && !is_marker(line));
    let number = |line: &[u8]| {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        hasher.finish()
    };
    lines.map(number).collect()
}
