//! Limits a reminder to once a day. The modification time of an empty file in the Git folder is the time of the last reminder.

use std::fs;
use std::time::Duration;

use crate::repository::Repository;

/// The file whose modification time counts.
const FILE: &str = "hs-secrets.said-locked";

/// Minimum time between two reminders.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// True if the user was not reminded for a day that this clone is locked. Records that the user is reminded now.
///
/// Always true if the file can't be written.
pub(crate) fn take_daily_reminder(repository: &Repository) -> bool {
    let file = repository.common_dir().join(FILE);
    let said = fs::metadata(&file).and_then(|file| file.modified());
    let is_recent = said.is_ok_and(|said| said.elapsed().is_ok_and(|passed| passed < DAY));
    if !is_recent {
        drop(fs::write(&file, b""));
    }
    !is_recent
}
