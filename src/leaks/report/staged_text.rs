//! Reads configuration files of the check from the index, not from the work tree.

use crate::leaks::LeakError;
use crate::repository::{BlobId, PathBytes, Repository};
use crate::stack::MAXIMUM_FILE_LENGTH;

/// The text of the file at `path` in the `index`; `None` if there is no such file.
pub(crate) fn staged_text(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    path: &str,
) -> Result<Option<String>, LeakError> {
    let mut files = index.iter();
    let Some((_, blob)) = files.find(|(entry, _)| entry.as_bytes() == path.as_bytes()) else {
        return Ok(None);
    };
    let size = repository.objects().blob_len(*blob)?;
    if size > MAXIMUM_FILE_LENGTH {
        return Err(LeakError::TooLarge {
            path: path.to_owned(),
            size,
            largest: MAXIMUM_FILE_LENGTH,
        });
    }
    let blob = repository.objects().blob(*blob)?;
    Ok(Some(String::from_utf8_lossy(blob.content()).into_owned()))
}
