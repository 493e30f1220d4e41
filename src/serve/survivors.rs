//! Waits for programs that outlive a service which was killed. A docker client among them would deploy an older commit over a newer one,
//! and a git would have its locks.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
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
