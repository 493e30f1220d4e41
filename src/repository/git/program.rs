//! Running the `git` program until it ends, or until a signal asks this process to end.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::failed_fetch::FailedFetch;
use crate::repository::error::RepositoryError;
use crate::repository::interruption::{noted_interruption, stop_if_interrupted};
use crate::repository::path::PathBytes;

/// How often the noted signal is checked while git runs.
const TICK: Duration = Duration::from_millis(50);
/// How long after a signal a git that replaces files may continue with the paths that it has read.
const LAST_FILES: Duration = Duration::from_secs(10);

/// Environment variables that choose a repository, or parts of it, whatever the current directory is.
const CHOOSING_VARIABLES: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CEILING_DIRECTORIES",
];

/// Environment variables that change how Git reads paths. Git refuses them together with `GIT_LITERAL_PATHSPECS`.
const PATHSPEC_VARIABLES: [&str; 3] = [
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// How `git` is run for a repository: in the top of its work tree, without the environment variables that hold keys.
#[derive(Debug, Clone, Copy)]
pub(in crate::repository) struct GitCommand<'repository> {
    pub(in crate::repository) git_dir: &'repository Path,
    pub(in crate::repository) work_tree: Option<&'repository Path>,
    pub(in crate::repository) hidden_variables: &'repository [OsString],
    pub(in crate::repository) failed_fetch: &'repository FailedFetch,
}

impl GitCommand<'_> {
    /// `git SUBCOMMAND`, which reads paths literally.
    pub(in crate::repository) fn command(self, subcommand: &str) -> Command {
        self.command_with(&[], subcommand)
    }

    /// `git SUBCOMMAND` with settings of the form `NAME=VALUE`.
    pub(in crate::repository) fn command_with(
        self,
        settings: &[String],
        subcommand: &str,
    ) -> Command {
        let mut command = Command::new("git");
        command
            .env("GIT_DIR", self.git_dir)
            .env("GIT_LITERAL_PATHSPECS", "1");
        for variable in PATHSPEC_VARIABLES {
            command.env_remove(variable);
        }
        if let Some(work_tree) = self.work_tree {
            command
                .env("GIT_WORK_TREE", work_tree)
                .current_dir(work_tree);
        }
        for variable in self.hidden_variables {
            command.env_remove(variable);
        }
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        command.arg(subcommand);
        command
    }
}

/// Makes a `git` command use the repository of its directory, whatever the environment says.
pub(in crate::repository) fn ignore_repository_variables(command: &mut Command) {
    for variable in CHOOSING_VARIABLES {
        command.env_remove(variable);
    }
}

/// Runs a `git` command and returns its exit status. Its output is not captured.
pub(in crate::repository) fn end_of(
    subcommand: &str,
    command: &mut Command,
) -> Result<ExitStatus, RepositoryError> {
    stop_if_interrupted()?;
    let spawned = command.spawn();
    let ended = spawned.and_then(|child| finish(child, |_| Ok(()), Duration::ZERO));
    stop_if_interrupted()?;
    match ended {
        Ok(output) => Ok(output.status),
        Err(error) => Err(not_run(subcommand, &error)),
    }
}

/// Runs a `git` command and returns what it printed to stdout.
pub(in crate::repository) fn run_to_end(
    subcommand: &str,
    command: &mut Command,
) -> Result<Vec<u8>, RepositoryError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    run(subcommand, command, None)
}

/// Runs a `git` command with `input` on its stdin.
pub(in crate::repository) fn run_with_input(
    subcommand: &str,
    command: &mut Command,
    input: Vec<u8>,
) -> Result<(), RepositoryError> {
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    run(subcommand, command, Some(input)).map(drop)
}

/// Runs a `git` command that replaces the files whose paths it reads from stdin, each followed by NUL.
///
/// After a signal it gets no more paths, but may finish with those it has read: if it were killed between removing a
/// file and writing it, the file would be gone. It runs in its own process group, so that Ctrl-C in the terminal does
/// not reach it.
pub(in crate::repository) fn run_file_by_file<'paths>(
    subcommand: &str,
    command: &mut Command,
    paths: impl Iterator<Item = &'paths PathBytes> + Send,
) -> Result<(), RepositoryError> {
    stop_if_interrupted()?;
    leave_group(command);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let feed = |mut stdin: ChildStdin| {
        for path in paths {
            if noted_interruption().is_some() {
                break;
            }
            stdin.write_all(&[path.as_bytes(), b"\0"].concat())?;
        }
        Ok(())
    };
    printed_by(
        subcommand,
        spawn(command).and_then(|child| finish(child, feed, LAST_FILES)),
    )?;
    stop_if_interrupted()
}

fn run(
    subcommand: &str,
    command: &mut Command,
    input: Option<Vec<u8>>,
) -> Result<Vec<u8>, RepositoryError> {
    stop_if_interrupted()?;
    let feed = |mut stdin: ChildStdin| stdin.write_all(&input.unwrap_or_default());
    printed_by(
        subcommand,
        spawn(command).and_then(|child| finish(child, feed, Duration::ZERO)),
    )
}

fn spawn(command: &mut Command) -> io::Result<Child> {
    command.stderr(Stdio::piped()).spawn()
}

/// The stdout of a command that succeeded.
fn printed_by(subcommand: &str, ended: io::Result<Output>) -> Result<Vec<u8>, RepositoryError> {
    match ended {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => {
            stop_if_interrupted()?;
            Err(failed(subcommand, &output))
        }
        Err(error) => Err(not_run(subcommand, &error)),
    }
}

fn not_run(subcommand: &str, error: &io::Error) -> RepositoryError {
    RepositoryError::GitProgram {
        command: subcommand.to_owned(),
        reason: format!("it can't be run: {error}"),
    }
}

/// Writes the input of a child and reads its output. If a signal comes meanwhile, passes it on to the child after
/// `patience`, so that the child can clean up.
fn finish(
    mut child: Child,
    feed: impl FnOnce(ChildStdin) -> io::Result<()> + Send,
    patience: Duration,
) -> io::Result<Output> {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (stdin, stdout, stderr) = pipes;
    let (over, is_over) = mpsc::channel::<()>();
    let read = thread::scope(|scope| {
        // Each pipe has a thread, since git may fill one while another one is read. Errors of writing are ignored: a
        // git that ends early says why on stderr.
        scope.spawn(move || stdin.map(feed));
        let said = scope.spawn(move || read_whole(stderr));
        let running = &child;
        scope.spawn(move || {
            let goes_on = |time| is_over.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
            while goes_on(TICK) {
                if let Some(signal) = noted_interruption() {
                    if goes_on(patience) {
                        pass_on(running, signal);
                    }
                    return;
                }
            }
        });
        let printed = read_whole(stdout);
        let said = said.join().unwrap_or_else(|_| Ok(Vec::new()));
        // Stop passing on signals before the child is waited for. After that, another process may have its process id.
        drop(over);
        Ok::<_, io::Error>((printed?, said?))
    });
    let status = child.wait()?;
    let (stdout, stderr) = read?;
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

fn read_whole(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut content)?;
    }
    Ok(content)
}

/// Puts the command into its own process group: a signal from the terminal (Ctrl-C) then does not reach it.
fn leave_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

fn pass_on(child: &Child, signal: i32) {
    use rustix::process::{Pid, Signal, kill_process};
    let signal = if signal == Signal::TERM.as_raw() {
        Signal::TERM
    } else {
        Signal::INT
    };
    // An error means that the child has ended already.
    let _ = kill_process(Pid::from_child(child), signal);
}

fn failed(subcommand: &str, output: &Output) -> RepositoryError {
    let printed = String::from_utf8_lossy(&output.stderr);
    let told = |line: &&str| line.starts_with("fatal:") || line.starts_with("error:");
    let line = printed
        .lines()
        .rfind(told)
        .or(printed.lines().last())
        .unwrap_or(if output.status.code().is_none() {
            "it was interrupted"
        } else {
            "it said nothing"
        });
    RepositoryError::GitProgram {
        command: subcommand.to_owned(),
        reason: line.to_owned(),
    }
}
