//! Runs git for a clone, until it ends, takes too long, or the service is to end.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use thiserror::Error;

/// How long git may take to fetch.
const PATIENCE: Duration = Duration::from_secs(120);

/// How much time passes at most until the end of git, or of the service, is noticed.
const TICK: Duration = Duration::from_millis(20);

/// Maximum number of bytes that are kept of git's words.
const MAXIMUM_WORDS: u64 = 16 << 10;

/// Why nothing could be fetched.
#[derive(Debug, Error)]
pub(crate) enum FetchError {
    /// The program can't be run.
    #[error("git can't be run: {0}")]
    NotRun(io::Error),
    /// It failed, in its own words.
    #[error("git could not {doing} {url}: {words}")]
    Failed {
        doing: &'static str,
        url: String,
        words: String,
    },
    /// It took too long.
    #[error("git could not {doing} {url} within {} s", PATIENCE.as_secs())]
    TimedOut { doing: &'static str, url: String },
    /// The folder of the clone can't be used.
    #[error("{}: {source}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    /// The service is to end.
    #[error("interrupted")]
    Interrupted,
}

/// Runs git to its end, and gives what it prints. `url` is the address of the remote.
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
        // The programs that git starts end with it.
        .process_group(0);
    let mut child = command.spawn().map_err(FetchError::NotRun)?;
    let printed = words_of(child.stdout.take());
    let complained = words_of(child.stderr.take());
    let status = wait(&mut child, is_stopped);
    let join = |words: thread::JoinHandle<String>| words.join().unwrap_or_default();
    let (printed, complained) = (join(printed), join(complained));
    match status {
        Ok(Some(status)) if status.success() => Ok(printed),
        Ok(Some(_)) => Err(FetchError::Failed {
            doing,
            url: shown(url),
            words: one_line(&complained.replace(url, &shown(url))),
        }),
        Ok(None) if is_stopped() => Err(FetchError::Interrupted),
        Ok(None) => Err(FetchError::TimedOut {
            doing,
            url: shown(url),
        }),
        Err(error) => Err(FetchError::NotRun(error)),
    }
}

/// An address without a password that somebody has put into it.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let host = rest.split('/').next().unwrap_or_default();
    match host.rfind('@') {
        Some(end) => format!("{scheme}://{}", &rest[end + 1..]),
        None => url.to_owned(),
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
            let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            if let Some(group) = group {
                // It may have ended meanwhile.
                let _ = kill_process_group(group, Signal::TERM);
            }
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(TICK);
    }
}

fn words_of(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut words = Vec::new();
        if let Some(pipe) = pipe {
            let mut pipe = pipe;
            // The rest is read and dropped: git would wait for ever otherwise.
            let _ = pipe.by_ref().take(MAXIMUM_WORDS).read_to_end(&mut words);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        String::from_utf8_lossy(&words).into_owned()
    })
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
        let mut command = Command::new("git");
        command.args(["ls-remote", url]).env("LC_ALL", "C");
        let failed = run_git(command, "ask", url, &|| false).expect_err("no remote");
        let failed = failed.to_string();
        assert!(
            failed.starts_with("git could not ask file://localhost/nowhere: "),
            "{failed}"
        );
        assert!(!failed.contains("s3cret"), "{failed}");
        let mut command = Command::new("git");
        command.args(["-c", "alias.wait=!sleep 1000", "wait"]);
        let ended = run_git(command, "ask", url, &|| true).expect_err("ended");
        assert!(matches!(ended, FetchError::Interrupted), "{ended}");
    }
}
