//! Collects the output of a child process and ends it, even if its own children keep its pipes open.

use std::io::{self, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpgid, kill_process_group};

/// How long to wait for the rest of the output after the process has ended. One of its own children may keep the pipe open
/// for ever.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a process may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(2);

/// Maximum time until this program notices that the process has ended.
const TICK: Duration = Duration::from_millis(20);

/// The output of a child process, read by a thread while the process runs.
pub(crate) struct ChildOutput {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Disconnected when the output has ended.
    over: Receiver<()>,
}

impl ChildOutput {
    /// Reads `pipe` to its end, and keeps the first `maximum` bytes.
    pub(crate) fn read(mut pipe: impl Read + Send + 'static, maximum: usize) -> Self {
        let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
        let (open, over) = mpsc::channel();
        let keeping = Arc::clone(&kept);
        thread::spawn(move || {
            let _open: mpsc::Sender<()> = open;
            let mut piece = vec![0; 64 << 10];
            loop {
                // Bytes that were read before an error are kept.
                let count = match pipe.read(&mut piece) {
                    Ok(0) => return,
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => return,
                };
                let mut kept = keeping.lock().unwrap_or_else(PoisonError::into_inner);
                // The rest is read and discarded, so that the process does not block on a full pipe.
                let room = maximum.saturating_sub(kept.len());
                kept.extend_from_slice(&piece[..count.min(room)]);
            }
        });
        Self { kept, over }
    }

    /// The output, once the process has ended.
    pub(crate) fn after_end(self) -> String {
        // Either result is fine: the output is complete, or another process still has the pipe open.
        let _ = self.over.recv_timeout(PATIENCE);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }
}

/// Ends a child process. If it leads a process group, all processes of the group are ended.
pub(crate) fn end_child(child: &mut Child) -> io::Result<ExitStatus> {
    let own = Pid::from_child(child);
    let leads_group = getpgid(Some(own)).is_ok_and(|group| group == own);
    if !leads_group {
        // An error means that the process has ended already.
        let _ = child.kill();
        return child.wait();
    }
    let _ = kill_process_group(own, Signal::TERM);
    let asked = Instant::now();
    while child.try_wait()?.is_none() && asked.elapsed() < GRACE {
        thread::sleep(TICK);
    }
    // Processes of the group may have ignored the first signal.
    let _ = kill_process_group(own, Signal::KILL);
    child.wait()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    use super::*;

    fn started(script: &str, has_own_group: bool) -> Child {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdout(Stdio::piped());
        if has_own_group {
            shell.process_group(0);
        }
        shell.spawn().expect("a shell")
    }

    #[test]
    fn others_that_hold_the_pipe_hold_nobody_up() {
        let began = Instant::now();
        let mut child = started("echo said; setsid sleep 60 2>/dev/null &", false);
        let output = ChildOutput::read(child.stdout.take().expect("piped"), 100);
        assert!(child.wait().expect("it ends").success());
        assert_eq!(output.after_end(), "said\n");
        assert!(began.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_group_ends_although_it_ignores_the_first_signal() {
        let began = Instant::now();
        let mut child = started("trap '' TERM; sleep 60 & echo $!; wait; sleep 60", true);
        let mut pipe = child.stdout.take().expect("piped");
        let mut first = [0; 16];
        let length = pipe.read(&mut first).expect("the number of the other");
        end_child(&mut child).expect("it ends");
        assert!(began.elapsed() < Duration::from_secs(30));
        // The pipe reaches its end when the other process has ended, too.
        assert_eq!(pipe.read(&mut first).expect("the end"), 0, "{length}");
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
