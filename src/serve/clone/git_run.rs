//! Runs git for a clone, until it ends, takes too long, or the service is to end.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::serve::settings::without_userinfo;
use crate::swarm::{ChildOutput, end_child};

/// Maximum time for one run of git.
const PATIENCE: Duration = Duration::from_secs(120);

/// Time between two checks whether git has ended, or the service is to end.
const TICK: Duration = Duration::from_millis(20);

/// Maximum number of bytes that are kept of each output of git.
const MAXIMUM_WORDS: usize = 16 << 10;

/// Why nothing could be fetched.
#[derive(Debug, Error)]
pub(crate) enum FetchError {
    /// The program can't be run.
    #[error("git can't be run: {0}")]
    NotRun(io::Error),
    /// Git failed. `words` is its message.
    #[error("git could not {doing} {url}: {words}")]
    Failed {
        doing: &'static str,
        url: String,
        words: String,
    },
    /// Git took too long.
    #[error("git could not {doing} {url} within {} s", PATIENCE.as_secs())]
    TimedOut { doing: &'static str, url: String },
    /// The folder of the clone can't be used.
    #[error("{}: {source}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    /// The service is to end.
    #[error("interrupted")]
    Interrupted,
}

/// Runs git to its end, and gives its stdout. `url` is the address of the remote.
pub(super) fn run_git(
    mut command: Command,
    doing: &'static str,
    url: &str,
    is_stopped: &dyn Fn() -> bool,
) -> Result<String, FetchError> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Git has a process group of its own, so that the programs that it starts can be ended with it.
        .process_group(0);
    let mut child = command.spawn().map_err(FetchError::NotRun)?;
    let printed = child.stdout.take().expect("because it is piped");
    let printed = ChildOutput::read(printed, MAXIMUM_WORDS);
    let complained = child.stderr.take().expect("because it is piped");
    let complained = ChildOutput::read(complained, MAXIMUM_WORDS);
    match wait(&mut child, is_stopped) {
        Ok(Some(status)) if status.success() => Ok(printed.after_end()),
        Ok(Some(_)) => Err(FetchError::Failed {
            doing,
            url: without_userinfo(url),
            words: one_line(&without_userinfo(&complained.after_end())),
        }),
        Ok(None) if is_stopped() => Err(FetchError::Interrupted),
        Ok(None) => Err(FetchError::TimedOut {
            doing,
            url: without_userinfo(url),
        }),
        Err(error) => Err(FetchError::NotRun(error)),
    }
}

/// Waits for the end of git; `None` if it was ended, because it took too long or the service is to end.
fn wait(child: &mut Child, is_stopped: &dyn Fn() -> bool) -> io::Result<Option<ExitStatus>> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if began.elapsed() >= PATIENCE || is_stopped() {
            end_child(child)?;
            return Ok(None);
        }
        thread::sleep(TICK);
    }
}

fn one_line(words: &str) -> String {
    let lines = words.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return "it said nothing".to_owned();
    }
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_s_words_are_told_without_a_password_and_it_ends_with_the_service() {
        let url = "file://ada:s3cret@localhost/nowhere";
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let mut command = Command::new("git");
        command.args(["ls-remote", url]).env("LC_ALL", "C");
        let failed = run_git(command, "ask", url, &|| false).expect_err("no remote");
        let failed = failed.to_string();
        assert!(
            failed.starts_with("git could not ask file://localhost/nowhere: "),
            "{failed}"
        );
        assert!(!failed.contains("s3cret"), "{failed}");
        let script = "echo \"could not read Password for 'http://s3cret@localhost'\" >&2; exit 1";
        let failed = run_git(shell(script), "ask", url, &|| false).expect_err("no password");
        let failed = failed.to_string();
        assert!(failed.ends_with(" 'http://localhost'"), "{failed}");
        let mut command = Command::new("git");
        command.args(["-c", "alias.wait=!sleep 1000", "wait"]);
        let ended = run_git(command, "ask", url, &|| true).expect_err("ended");
        assert!(matches!(ended, FetchError::Interrupted), "{ended}");
        // Neither a program that ignores SIGTERM nor one that leaves another program behind keeps the caller waiting.
        let began = Instant::now();
        let stubborn = shell("trap '' TERM; sleep 60 & wait; sleep 60");
        let ended = run_git(stubborn, "ask", url, &|| true).expect_err("ended");
        assert!(matches!(ended, FetchError::Interrupted), "{ended}");
        let leaving = shell("echo done; setsid sleep 60 &");
        let printed = run_git(leaving, "ask", url, &|| false).expect("it has ended");
        assert_eq!(printed, "done\n");
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
