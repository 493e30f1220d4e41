//! Asks the docker client, before anything is done, whether it reaches the daemon and would take the stacks.

use std::path::Path;

use super::client::{ClientOutput, ClientRun, HandedOver, run_client};
use super::client_arguments::compose_files;
use super::client_error::ClientError;
use crate::stack::Stack;
use crate::swarm::error::SwarmError;

/// The first major version of the client that has `docker stack config`.
const STACK_CONFIG: u32 = 23;

/// How often docker is asked about a stack with invented values. Of two faults each is named half of the times.
const MAXIMUM_QUESTIONS: usize = 16;

/// Refuses a client that does not reach the daemon, and stacks that docker would refuse.
pub(crate) fn check_stacks(
    stacks: &[Stack<'_>],
    handed_over: &[HandedOver],
    run: &ClientRun,
    top: Option<&Path>,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<(), SwarmError> {
    if client_version(run, meanwhile)? < STACK_CONFIG {
        return Ok(());
    }
    let mut objections = Vec::new();
    for (stack, handed_over) in stacks.iter().zip(handed_over) {
        objections.extend(objection_to(stack, handed_over, run, top, meanwhile)?);
    }
    SwarmError::of_all(objections)
}

/// Refuses stacks that docker would refuse when they are deployed. Nothing is refused if docker can't be asked, because there
/// is no client, or no key to an `env_file`.
pub(crate) fn ask_docker(
    stacks: &[&Stack<'_>],
    run: &ClientRun,
    top: Option<&Path>,
) -> Result<(), SwarmError> {
    let mut go_on = || Ok(());
    if stacks.is_empty()
        || !client_version(run, &mut go_on).is_ok_and(|version| version >= STACK_CONFIG)
    {
        return Ok(());
    }
    let mut objections = Vec::new();
    for stack in stacks {
        if let Ok(handed_over) = HandedOver::prepare(stack) {
            let objection = objection_to(stack, &handed_over, run, top, &mut go_on)?;
            objections.extend(objection);
        }
    }
    SwarmError::of_all(objections)
}

/// The client's major version. Refuses a client that does not reach the daemon, or that is too old for it.
fn client_version(
    run: &ClientRun,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<u32, SwarmError> {
    let mut command = run.docker();
    // The client talks to the daemon only if the daemon's version is asked for, too.
    let format = "{{.Client.Version}} {{.Server.Version}}";
    command.args(["version", "--format", format]);
    let ended = run_client(command, String::new(), ClientOutput::Kept, meanwhile)?;
    if !ended.status.success() {
        return Err(ClientError::CanNotConnect {
            words: ended.words(),
        }
        .into());
    }
    let major = ended.said.split(['.', ' ']).next().unwrap_or_default();
    Ok(major.trim().parse().unwrap_or_default())
}

/// The error for a stack that docker would refuse, in docker's own words unless they may hold a secret; none if it would not.
fn objection_to(
    stack: &Stack<'_>,
    handed_over: &HandedOver,
    run: &ClientRun,
    top: Option<&Path>,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<Option<SwarmError>, SwarmError> {
    let Some(words) = objection(stack, handed_over, run, top, meanwhile)? else {
        return Ok(None);
    };
    let place = stack.place_of(&words);
    let elsewhere = stack.env_files_elsewhere();
    let secret_files = handed_over.secret_files().iter().map(String::as_str);
    let secret_files: Vec<&str> = secret_files.chain(elsewhere.iter().copied()).collect();
    let may_be_shown = secret_files.is_empty()
        || elsewhere.is_empty() && is_said_of_invented_values(&words, stack, run, top, meanwhile)?;
    let stack = stack.desired().name.clone();
    let error = if may_be_shown {
        ClientError::Objection {
            stack,
            place,
            words,
        }
    } else {
        ClientError::SecretObjection {
            stack,
            place,
            files: secret_files.join(", "),
        }
    };
    Ok(Some(error.into()))
}

/// True if docker says these words of a stack with invented values, too: they hold none of the secrets then. Docker names
/// one of several faults, each time another one, and is asked repeatedly.
fn is_said_of_invented_values(
    words: &str,
    stack: &Stack<'_>,
    run: &ClientRun,
    top: Option<&Path>,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<bool, SwarmError> {
    let invented = HandedOver::with_invented_values(stack)?;
    for _ in 0..MAXIMUM_QUESTIONS {
        match objection(stack, &invented, run, top, meanwhile)? {
            Some(others) if others == words => return Ok(true),
            Some(_) => {}
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// The words with which docker refuses a stack; none if it does not.
fn objection(
    stack: &Stack<'_>,
    handed_over: &HandedOver,
    run: &ClientRun,
    top: Option<&Path>,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<Option<String>, SwarmError> {
    let mut command = handed_over.command("config", stack, run, top);
    command.args(compose_files(&run.arguments));
    let ended = run_client(
        command,
        handed_over.first_text(),
        ClientOutput::Discarded,
        meanwhile,
    )?;
    Ok((!ended.status.success()).then(|| ended.words()))
}
