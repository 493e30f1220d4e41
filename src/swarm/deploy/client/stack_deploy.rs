//! Has the docker client deploy a stack.

use std::collections::HashSet;
use std::path::Path;

use super::error::ClientError;
use super::handed_over::HandedOver;
use super::process::{ClientOutput, run_client};
use super::run::ClientRun;
use crate::stack::Stack;
use crate::swarm::error::SwarmError;

/// Minimum length in bytes of a secret value that is masked in the client's output. Shorter values occur in any text by
/// chance.
const SHORTEST_SECRET: usize = 4;

/// The beginning of a line of the client about a service that is there. There is one for each, changed or not.
const UPDATING: &str = "Updating service ";

/// Has the docker client deploy a stack, and gives the services that it says it deployed. `meanwhile` fails once the work is to
/// end; `verbs` hears each line that the client prints.
///
/// The first file goes through standard input. That also makes relative paths relative to the client's working directory
/// (`GetConfigDetails` in its `command/stack/loader`).
pub(crate) fn deploy_stack(
    stack: &Stack<'_>,
    handed_over: &HandedOver,
    run: &ClientRun,
    top: Option<&Path>,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
    report: &mut dyn FnMut(&str),
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
    let lines = ended
        .stdout
        .lines()
        .filter(|line| !line.starts_with(UPDATING));
    lines.for_each(|line| report(&shown(line)));
    if ended.status.success() {
        // Docker warns of an image once for each service that has it.
        let mut known = HashSet::new();
        let warnings = ended.warnings().into_iter();
        let warnings = warnings.filter(|warning| known.insert(warning.clone()));
        warnings.for_each(|warning| report(&shown(&warning)));
        let services = ended.stdout.lines().filter_map(service_in);
        return Ok(services.map(str::to_owned).collect());
    }
    Err(ClientError::Refused {
        stack: name.clone(),
        place: stack.place_of(&ended.words()),
        // Every version of the client names its help when it refuses arguments, and in no other case.
        usage: ended.stderr.contains("docker stack deploy --help"),
        words: shown(&ended.words()),
    }
    .into())
}

/// The words with each secret value replaced by the name of its variable.
fn without_values(stack: &Stack<'_>, words: &str) -> String {
    let secret: HashSet<&str> = stack
        .secret_variables()
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let mut values = stack.expose_variables();
    values.retain(|(name, value)| secret.contains(name) && value.len() >= SHORTEST_SECRET);
    // A value may contain another one: replace the longest first.
    values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    values
        .iter()
        .fold(words.to_owned(), |words, (name, value)| {
            words.replace(value, &format!("${{{name}}}"))
        })
}

/// The service that a line of the client names, if it names one.
fn service_in(line: &str) -> Option<&str> {
    let verbs = ["Creating service ", UPDATING];
    let rest = verbs.iter().find_map(|verbs| line.strip_prefix(verbs))?;
    rest.split(' ').next()
}
