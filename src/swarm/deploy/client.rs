//! Runs the user's docker client.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use super::client_error::ClientError;
use super::handed_over::HandedOver;
use crate::stack::Stack;
use crate::swarm::child_output::{ChildOutput, end_child};
use crate::swarm::error::SwarmError;

/// How long to wait before looking again whether the client has ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Minimum length in bytes of a secret value that is taken out of the client's words. A shorter one stands in any text by chance.
const SHORTEST_SECRET: usize = 4;

/// Maximum number of bytes that are kept of an output of the client.
const LONGEST_OUTPUT: usize = 4 << 20;

/// A word in the notice that newer clients print unless they are told to wait for the services themselves.
const DETACH_NOTICE: &str = "--detach";

/// The beginning of a line of the client about a service that is there. There is one for each, changed or not.
const UPDATING: &str = "Updating service ";

/// The beginnings of the lines behind a complaint with which the client begins to explain its usage.
const USAGE: [&str; 3] = ["See 'docker ", "Usage:", "Run 'docker "];

/// How the docker client is to be run.
#[derive(Debug, Clone, Default)]
pub struct ClientRun {
    /// The directory that it runs in if the stack's folder is not there, as in a bare clone. Empty for the current one.
    pub directory: PathBuf,
    /// Variables besides those of this process. `None` as a value removes a variable.
    pub environment: Vec<(String, Option<String>)>,
    /// Arguments of the user's own.
    pub arguments: Vec<OsString>,
    /// True to run it in a process group of its own, which ends as a whole. Its programs can't ask at a terminal then.
    pub has_own_group: bool,
}

impl ClientRun {
    /// The client, with the variables that it is to have.
    pub(super) fn docker(&self) -> Command {
        let mut command = Command::new("docker");
        if self.has_own_group {
            command.process_group(0);
        }
        for (variable, value) in &self.environment {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        command
    }

    /// The directory to run in for a stack whose first file lies in `folder` below `top`. Relative paths in the stack file are
    /// relative to it.
    pub(super) fn directory_of(&self, top: Option<&Path>, folder: &str) -> PathBuf {
        let directory = match top {
            Some(top) if top.join(folder).is_dir() => top.join(folder),
            Some(top) => top.to_owned(),
            None => self.directory.clone(),
        };
        if directory.as_os_str().is_empty() {
            return PathBuf::from(".");
        }
        directory
    }
}

/// Has the docker client deploy a stack, and gives the services that it says it deployed. `meanwhile` fails once the work is to
/// end; `told` hears each line that the client prints.
///
/// The first file goes through standard input. That also makes relative paths relative to the client's working directory
/// (`GetConfigDetails` in its `command/stack/loader`).
pub(crate) fn deploy_stack(
    stack: &Stack<'_>,
    handed_over: &HandedOver,
    run: &ClientRun,
    top: Option<&Path>,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
    told: &mut dyn FnMut(&str),
) -> Result<Vec<String>, SwarmError> {
    let name = &stack.desired().name;
    let mut command = handed_over.command("deploy", stack, run, top);
    command.args(&run.arguments).arg(name.as_str());
    let ended = run_client(
        command,
        handed_over.first_text(),
        ClientOutput::Kept,
        meanwhile,
    )?;
    let shown = |words: &str| without_values(stack, words);
    let said = ended
        .said
        .lines()
        .filter(|line| !line.starts_with(UPDATING));
    said.for_each(|line| told(&shown(line)));
    if ended.status.success() {
        // Docker warns of an image once for each service that has it.
        let mut known = HashSet::new();
        let warnings = ended.warnings().into_iter();
        let warnings = warnings.filter(|warning| known.insert(warning.clone()));
        warnings.for_each(|warning| told(&shown(&warning)));
        let services = ended.said.lines().filter_map(service_in);
        return Ok(services.map(str::to_owned).collect());
    }
    Err(ClientError::Refused {
        stack: name.clone(),
        place: stack.place_of(&ended.words()),
        // Every version of the client names its help when it refuses arguments, and in no other case.
        usage: ended.complained.contains("docker stack deploy --help"),
        words: shown(&ended.words()),
    }
    .into())
}

/// The words with names of secret variables where their values stand.
fn without_values(stack: &Stack<'_>, words: &str) -> String {
    let secret: HashSet<&str> = stack
        .secret_variables()
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let mut values = stack.expose_variables();
    values.retain(|(name, value)| secret.contains(name) && value.len() >= SHORTEST_SECRET);
    // A value may hold another one.
    values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    values
        .iter()
        .fold(words.to_owned(), |words, (name, value)| {
            words.replace(value, &format!("${{{name}}}"))
        })
}

/// The end of the docker client: its status and its output.
pub(super) struct EndedClient {
    pub(super) status: ExitStatus,
    pub(super) said: String,
    complained: String,
}

/// The use that is made of the client's standard output.
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
    // A client that refuses its arguments does not read on. Nobody waits for this thread: another program may hold the pipe.
    thread::spawn(move || drop(input.write_all(text.as_bytes())));
    let said = child.stdout.take();
    let said = said.map(|pipe| ChildOutput::read(pipe, LONGEST_OUTPUT));
    let complained = child.stderr.take().expect("because it is piped");
    let complained = ChildOutput::read(complained, LONGEST_OUTPUT);
    let status = wait(&mut child, meanwhile)?;
    Ok(EndedClient {
        status,
        said: said.map(ChildOutput::after_end).unwrap_or_default(),
        complained: complained.after_end(),
    })
}

impl EndedClient {
    /// The lines of its complaints, without its usage. Blank lines stand between complaints.
    fn complaint_lines(&self) -> impl Iterator<Item = &str> {
        let lines = self.complained.lines().map(str::trim);
        let is_usage = |line: &&str| USAGE.iter().any(|usage| line.starts_with(usage));
        lines
            .take_while(move |line| !is_usage(line))
            .filter(|line| !line.contains(DETACH_NOTICE))
    }

    /// Its complaints, each as one line.
    fn warnings(&self) -> Vec<String> {
        let lines: Vec<&str> = self.complaint_lines().collect();
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

/// The service that a line of the client names, if it names one.
fn service_in(line: &str) -> Option<&str> {
    let told = ["Creating service ", UPDATING];
    let rest = told.iter().find_map(|told| line.strip_prefix(told))?;
    rest.split(' ').next()
}

/// Waits for the client to end, and ends it if the work is to end.
fn wait(
    child: &mut Child,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<ExitStatus, SwarmError> {
    let failed = |source| SwarmError::from(ClientError::NotInstalled { source });
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            // A signal that has ended the client may have been meant for this program, too.
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
        assert_eq!(ended.said.len(), LONGEST_OUTPUT);
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
        assert_eq!(ended.said, "said\n");
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
