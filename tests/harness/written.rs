//! Writes files of a work tree so that Git reliably sees that they have changed.
//!
//! Git takes a file for unchanged if its size and times are those in the index. It compares the content only if the file may
//! have been written in the same second as the index. If an empty file is replaced in that second and the index is written
//! again in the next one, Git never notices the change: it marks such entries with size 0, which is the real size here. The
//! result of a test must not depend on the moment at which it runs. Each file written here therefore has a unique time.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The time of the next file. The times are in November 2023, one second apart.
static NEXT: AtomicU64 = AtomicU64::new(1_700_000_000);

#[track_caller]
pub fn read(repository: &Path, path: &str) -> Vec<u8> {
    fs::read(repository.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Writes a file, and creates its directories.
#[track_caller]
pub fn write(repository: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = repository.join(path);
    fs::create_dir_all(path.parent().expect("in a directory")).expect("a directory");
    fs::write(&path, content).expect("written");
    touch(&path);
}

/// Gives a file a unique time without changing its content.
#[track_caller]
pub fn touch(path: &Path) {
    touch_all([path]);
}

/// Gives these files a unique time, the same for all.
#[track_caller]
pub fn touch_all(paths: impl IntoIterator<Item = impl AsRef<Path>>) {
    let seconds = NEXT.fetch_add(1, Ordering::Relaxed);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    for path in paths {
        let file = File::open(path).expect("a file of ours");
        file.set_modified(time).expect("a new time");
    }
}
