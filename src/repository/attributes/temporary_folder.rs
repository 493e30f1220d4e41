//! A temporary folder that a later process removes if its own one was killed.

use std::fs::{self, File};
use std::io;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat};
use rustix::process::geteuid;
use tempfile::TempDir;

/// Beginning of the names of these folders.
const PREFIX: &str = "hs-secrets-attributes-";
/// Minimum age of a folder that is removed: a new one may not be locked yet.
const MINIMUM_AGE: Duration = Duration::from_secs(60 * 60);

/// A folder that is removed when it is dropped. It is locked until then, which shows that its process lives, even to a process
/// of another container.
pub(super) struct TemporaryFolder {
    folder: TempDir,
    _lock: File,
}

impl TemporaryFolder {
    /// A new folder in `parent`. The first one of a process removes folders there that killed processes have left.
    pub(super) fn create_in(parent: &Path) -> io::Result<Self> {
        static SWEPT: Once = Once::new();
        SWEPT.call_once(|| remove_abandoned(parent, MINIMUM_AGE));
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let lock = File::open(folder.path())?;
        // A file system without locks refuses one to `remove_abandoned` as well.
        let _ = flock(&lock, FlockOperation::NonBlockingLockExclusive);
        Ok(Self {
            folder,
            _lock: lock,
        })
    }
}

impl Deref for TemporaryFolder {
    type Target = Path;

    fn deref(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes from `parent` this user's folders that nothing has locked and that have not changed for `age`. A folder that can't
/// be removed stays.
fn remove_abandoned(parent: &Path, age: Duration) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(PREFIX.as_bytes())
        {
            continue;
        }
        let path = entry.path();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let Ok(folder) = openat(CWD, &path, flags, Mode::empty()).map(File::from) else {
            continue;
        };
        let is_old_and_ours = folder.metadata().is_ok_and(|facts| {
            let changed = facts.modified().ok().and_then(|time| time.elapsed().ok());
            facts.uid() == geteuid().as_raw() && changed.is_some_and(|since| since >= age)
        });
        if is_old_and_ours && flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn folders_of_killed_processes_are_removed_and_those_in_use_are_not() {
        let parent = tempfile::tempdir().expect("a folder");
        let of_name = |name: &str| parent.path().join(format!("{PREFIX}{name}"));
        let used = TemporaryFolder::create_in(parent.path()).expect("created");
        fs::create_dir_all(of_name("left").join("objects")).expect("created");
        fs::write(of_name("left").join("index"), "").expect("written");
        fs::write(of_name("file"), "").expect("written");
        let other = parent.path().join("other");
        fs::create_dir(&other).expect("created");
        symlink(&other, of_name("link")).expect("created");
        remove_abandoned(parent.path(), MINIMUM_AGE);
        assert!(of_name("left").exists(), "it may be new");
        remove_abandoned(parent.path(), Duration::ZERO);
        assert!(!of_name("left").exists());
        let others = [&used, other.as_path(), &of_name("file"), &of_name("link")];
        assert!(others.iter().all(|path| path.exists()));
        let path = used.to_path_buf();
        drop(used);
        assert!(!path.exists());
    }
}
