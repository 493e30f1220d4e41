//! Waits for programs that outlive a service which was killed. A docker client among them would deploy an older commit over a newer one,
//! and a git would have its locks.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::{FdFlags, fcntl_setfd};

/// The name of the file in the state folder that every program has open which the service starts.
const NAME: &str = "programs";

/// How long to wait. The docker client takes seconds, and git is rarely slower.
const PATIENCE: Duration = Duration::from_secs(20);

/// How much time passes at most until the end of the last program is noticed.
const TICK: Duration = Duration::from_millis(50);

/// The lock that this service has, and all programs that it starts from now on.
pub(crate) struct ProgramsLock {
    _file: File,
}

impl ProgramsLock {
    /// Waits until no program of an earlier service runs. `None` if some still do, or the service is to end.
    pub(crate) fn take(state: &Path, is_stopped: &dyn Fn() -> bool) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(state.join(NAME))?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {
                    if began.elapsed() >= PATIENCE || is_stopped() {
                        return Ok(None);
                    }
                    thread::sleep(TICK);
                }
            }
        }
        // The lock is that of the open file, which programs inherit: it is held as long as one of them runs.
        fcntl_setfd(&file, FdFlags::empty())?;
        Ok(Some(Self { _file: file }))
    }
}

/// The programs that hold the lock of this state folder, as in `git (process 17)`. Empty if the system has no `/proc`.
pub(crate) fn survivors(state: &Path) -> Vec<String> {
    let Ok(lock) = fs::metadata(state.join(NAME)) else {
        return Vec::new();
    };
    // `/proc/locks` names the process that took the lock, which is dead, and none of those that inherited it.
    let processes = listed(Path::new("/proc"));
    let processes = processes.filter_map(|path| {
        let process: u32 = path.file_name()?.to_str()?.parse().ok()?;
        Some((process, path))
    });
    let others = processes.filter(|(process, _)| *process != std::process::id());
    let holders = others.filter(|(_, path)| {
        let open = listed(&path.join("fd"));
        // A look at a file on a server that is away may take for ever: files of other names are passed over.
        let named = open.filter(|open| fs::read_link(open).is_ok_and(|file| file.ends_with(NAME)));
        let mut open = named.filter_map(|open| fs::metadata(open).ok());
        open.any(|open| (open.dev(), open.ino()) == (lock.dev(), lock.ino()))
    });
    let named = holders.map(|(process, path)| {
        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
        format!("{} (process {process})", name.trim_end().escape_debug())
    });
    named.collect()
}

fn listed(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_that_has_inherited_the_lock_is_named() {
        let state = tempfile::tempdir().expect("a folder");
        let lock = File::create(state.path().join(NAME)).expect("a file");
        lock.lock().expect("nobody has it");
        let mut sleep = Command::new("sleep");
        sleep.arg("600").stdin(Stdio::from(lock));
        let mut survivor = sleep.spawn().expect("a program");
        drop(sleep);
        // A service that is to end does not wait for the lock.
        let taken = ProgramsLock::take(state.path(), &|| true);
        assert!(taken.expect("a lock").is_none());
        let name = format!("sleep (process {})", survivor.id());
        assert_eq!(survivors(state.path()), [name]);
        survivor.kill().expect("it runs");
        survivor.wait().expect("it ends");
        assert_eq!(survivors(state.path()), [""; 0]);
        let taken = ProgramsLock::take(state.path(), &|| true);
        assert!(taken.expect("a lock").is_some());
    }
}
