//! A docker client that runs: its input, its output, its end.

use std::io::Write;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use super::error::ClientError;
use crate::swarm::child_output::{ChildOutput, end_child};
use crate::swarm::error::SwarmError;

/// How long to wait before looking again whether the client has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Maximum number of bytes that are kept of an output of the client.
const LONGEST_OUTPUT: usize = 4 << 20;

/// Part of a notice that newer clients print when they don't wait for the services themselves.
const DETACH_NOTICE: &str = "--detach";

/// How a line begins with which the client explains its usage after an error.
const USAGE: [&str; 3] = ["See 'docker ", "Usage:", "Run 'docker "];

/// The end of the docker client: its status and its output.
pub(super) struct EndedClient {
    pub(super) status: ExitStatus,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Whether the client's stdout is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientOutput {
    /// The output is read.
    Kept,
    /// Nobody reads the output: it may hold values of an `env_file`.
    Discarded,
}

/// Runs the docker client with `text` on its standard input.
pub(super) fn run_client(
    mut command: Command,
    text: String,
    output: ClientOutput,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<EndedClient, SwarmError> {
    command
        .stdin(Stdio::piped())
        .stdout(match output {
            ClientOutput::Kept => Stdio::piped(),
            ClientOutput::Discarded => Stdio::null(),
        })
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|source| ClientError::NotInstalled { source })?;
    let mut input = child.stdin.take().expect("because it is piped");
    // A client that refuses its arguments does not read stdin, and another program may hold the pipe open. That is why
    // this thread is not joined.
    thread::spawn(move || drop(input.write_all(text.as_bytes())));
    let stdout = child.stdout.take();
    let stdout = stdout.map(|pipe| ChildOutput::read(pipe, LONGEST_OUTPUT));
    let stderr = child.stderr.take().expect("because it is piped");
    let stderr = ChildOutput::read(stderr, LONGEST_OUTPUT);
    let status = wait(&mut child, meanwhile)?;
    Ok(EndedClient {
        status,
        stdout: stdout.map(ChildOutput::after_end).unwrap_or_default(),
        stderr: stderr.after_end(),
    })
}

impl EndedClient {
    /// The lines of its complaints, without its usage. Blank lines stand between complaints.
    fn error_lines(&self) -> impl Iterator<Item = &str> {
        let lines = self.stderr.lines().map(str::trim);
        let is_usage = |line: &&str| USAGE.iter().any(|usage| line.starts_with(usage));
        lines
            .take_while(move |line| !is_usage(line))
            .filter(|line| !line.contains(DETACH_NOTICE))
    }

    /// Its complaints, each as one line.
    pub(super) fn warnings(&self) -> Vec<String> {
        let lines: Vec<&str> = self.error_lines().collect();
        let pieces = lines.split(|line| line.is_empty());
        let pieces = pieces.filter(|piece| !piece.is_empty());
        pieces.map(|piece| piece.join(" ")).collect()
    }

    /// Its complaints as one line, or its exit status if it made none.
    pub(super) fn words(&self) -> String {
        let complaints = self.warnings();
        if complaints.is_empty() {
            self.status.to_string()
        } else {
            complaints.join(" ")
        }
    }
}

/// Waits for the client to end, and ends it if the work is to end.
fn wait(
    child: &mut Child,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<ExitStatus, SwarmError> {
    let failed = |source| SwarmError::from(ClientError::NotInstalled { source });
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            // A signal that ended the client may have been sent to this program as well.
            meanwhile()?;
            return Ok(status);
        }
        if let Err(stopped) = meanwhile() {
            end_child(child).map_err(failed)?;
            return Err(stopped);
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_warning_of_several_lines_is_one() {
        let one = "image a could not be accessed\nto record its digest.\n\n";
        let mut shell = Command::new("sh");
        let script = "printf '%s' \"$1\" \"$2\" >&2; echo \"See 'docker stack --help'\" >&2";
        shell.args(["-c", script, "sh", one, one]);
        let kept = ClientOutput::Kept;
        let ended = run_client(shell, String::new(), kept, &mut || Ok(())).expect("it can be run");
        let warning = "image a could not be accessed to record its digest.";
        assert_eq!(ended.warnings(), [warning, warning]);
    }

    #[test]
    fn a_client_that_prints_without_end_takes_little_memory_and_is_not_held_up() {
        let mut client = Command::new("head");
        client.args(["-c", "20M", "/dev/zero"]);
        let kept = ClientOutput::Kept;
        let ended = run_client(client, String::new(), kept, &mut || Ok(())).expect("it can be run");
        assert!(ended.status.success(), "{}", ended.status);
        assert_eq!(ended.stdout.len(), LONGEST_OUTPUT);
    }

    #[test]
    fn a_client_whose_child_goes_on_is_ended_and_holds_nobody_up() {
        let began = Instant::now();
        for has_own_group in [true, false] {
            let mut client = Command::new("sh");
            client.args(["-c", "sleep 60; :"]);
            if has_own_group {
                client.process_group(0);
            }
            let mut is_over = || Err(SwarmError::Interrupted);
            let ended = run_client(client, String::new(), ClientOutput::Kept, &mut is_over);
            assert!(matches!(ended, Err(SwarmError::Interrupted)));
        }
        let mut client = Command::new("sh");
        client.args(["-c", "echo said; setsid sleep 60 &"]);
        let kept = ClientOutput::Kept;
        let ended = run_client(client, String::new(), kept, &mut || Ok(())).expect("it can be run");
        assert_eq!(ended.stdout, "said\n");
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
