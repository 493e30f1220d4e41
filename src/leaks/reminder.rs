//! Says a thing once a day: the time of an empty file in Git's folder tells when that was last.

use std::fs;
use std::time::Duration;

use crate::repository::Repository;

/// The file whose time is looked at.
const FILE: &str = "hs-secrets.said-locked";

/// How long nothing is said again.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// True if nobody was told for a day that this clone is locked. From now on, somebody was.
///
/// Where the file can't be written, it is always time.
pub(crate) fn is_time_to_say_locked(repository: &Repository) -> bool {
    let file = repository.common_dir().join(FILE);
    let said = fs::metadata(&file).and_then(|file| file.modified());
    let is_recent = said.is_ok_and(|said| said.elapsed().is_ok_and(|passed| passed < DAY));
    if !is_recent {
        drop(fs::write(&file, b""));
    }
    !is_recent
}
