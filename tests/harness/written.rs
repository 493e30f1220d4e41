//! Files of a work tree, written so that Git sees for certain that they have changed.
//!
//! Git takes a file for unchanged whose size and times are those in the index; it looks inside only if the file may have
//! been written in the second in which the index was. An empty file that was replaced in that second is lost to it once
//! the index is written again in the next one (the size 0, which marks other such entries, is its own size). Whether a
//! test passes must not depend on where in a second it runs: each file written here has a time that no other has.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Written files are from November 2023, a second apart.
static NEXT: AtomicU64 = AtomicU64::new(1_700_000_000);

#[track_caller]
pub fn read(repository: &Path, path: &str) -> Vec<u8> {
    fs::read(repository.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Writes a file, and the directories it lies in.
#[track_caller]
pub fn write(repository: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = repository.join(path);
    fs::create_dir_all(path.parent().expect("in a directory")).expect("a directory");
    fs::write(&path, content).expect("written");
    touch(&path);
}

/// Gives a file a time that no index has, without changing it.
#[track_caller]
pub fn touch(path: &Path) {
    touch_all([path]);
}

/// Gives these files one time that no index has.
#[track_caller]
pub fn touch_all(paths: impl IntoIterator<Item = impl AsRef<Path>>) {
    let seconds = NEXT.fetch_add(1, Ordering::Relaxed);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    for path in paths {
        let file = File::open(path).expect("a file of ours");
        file.set_modified(time).expect("a new time");
    }
}
