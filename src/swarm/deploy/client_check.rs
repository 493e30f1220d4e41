//! Asks the docker client, before anything is done, whether it reaches the daemon and would take the stacks.

use std::collections::HashSet;
use std::path::Path;

use super::client::{ClientOutput, ClientRun, run_client};
use super::client_arguments::compose_files;
use super::client_error::ClientError;
use super::handed_over::HandedOver;
use crate::stack::Stack;
use crate::swarm::error::SwarmError;

/// The first major version of the client that has `docker stack config`.
const STACK_CONFIG: u32 = 23;

/// Asks the client for its version and that of the daemon. A client that does not reach the daemon, or is too old for it, gives
/// no answer.
const BOTH_VERSIONS: [&str; 3] = [
    "version",
    "--format",
    "{{.Client.Version}} {{.Server.Version}}",
];

/// Asks the client for its own version alone, for which it does not look for the daemon.
const OWN_VERSION: [&str; 1] = ["--version"];

/// How often docker is asked about a stack with invented values. Of two faults each is named half of the times.
const MAXIMUM_QUESTIONS: usize = 16;

/// How often docker is asked about a part of a stack that it refuses. A question takes some hundredths of a second.
const MAXIMUM_PARTS: usize = 100;

/// Refuses a client that does not reach the daemon, and stacks that docker would refuse.
pub(crate) fn check_stacks(
    stacks: &[Stack<'_>],
    handed_over: &[HandedOver],
    run: &ClientRun,
    top: Option<&Path>,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<(), SwarmError> {
    if client_version(run, &BOTH_VERSIONS, meanwhile)? < STACK_CONFIG {
        return Ok(());
    }
    let mut objections = Vec::new();
    for (stack, handed_over) in stacks.iter().zip(handed_over) {
        objections.extend(objections_to(stack, handed_over, run, top, meanwhile)?);
    }
    SwarmError::of_all(objections)
}

/// Refuses stacks that docker would refuse when they are deployed. Nothing is refused if docker can't be asked, because there
/// is no client, or a stack can't be rendered.
pub(crate) fn ask_docker(
    stacks: &[&Stack<'_>],
    run: &ClientRun,
    top: Option<&Path>,
) -> Result<(), SwarmError> {
    let mut go_on = || Ok(());
    if stacks.is_empty()
        || !client_version(run, &OWN_VERSION, &mut go_on)
            .is_ok_and(|version| version >= STACK_CONFIG)
    {
        return Ok(());
    }
    let mut objections = Vec::new();
    for stack in stacks {
        if let Ok(handed_over) = HandedOver::for_question(stack) {
            let found = objections_to(stack, &handed_over, run, top, &mut go_on)?;
            objections.extend(found);
        }
    }
    SwarmError::of_all(objections)
}

/// The client's major version, which is the first number in its answer to this `question`. Refuses a client that gives no
/// answer.
fn client_version(
    run: &ClientRun,
    question: &[&str],
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<u32, SwarmError> {
    let mut command = run.docker();
    command.args(question);
    let ended = run_client(command, String::new(), ClientOutput::Kept, meanwhile)?;
    if !ended.status.success() {
        return Err(ClientError::CanNotConnect {
            words: ended.words(),
        }
        .into());
    }
    let mut words = ended.said.split(['.', ' ']);
    Ok(words
        .find_map(|word| word.trim().parse().ok())
        .unwrap_or_default())
}

/// The errors for a stack that docker would refuse, in docker's own words unless they may hold a secret; none if it would not.
fn objections_to(
    stack: &Stack<'_>,
    handed_over: &HandedOver,
    run: &ClientRun,
    top: Option<&Path>,
    meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
) -> Result<Vec<SwarmError>, SwarmError> {
    let mut questions = Questions {
        stack,
        run,
        top,
        meanwhile,
    };
    let elsewhere = handed_over.env_files_elsewhere(stack);
    let secret_files = handed_over.secret_files().iter().map(String::as_str);
    let secret_files: Vec<&str> = secret_files.chain(elsewhere.iter().copied()).collect();
    let (mut errors, mut told) = (Vec::new(), HashSet::new());
    for objection in questions.objections(handed_over)? {
        let place = stack.place_of(&objection.words);
        if place.is_some() && !told.insert((place.clone(), objection.of_any_service())) {
            continue;
        }
        let may_be_shown = secret_files.is_empty()
            || elsewhere.is_empty() && questions.is_said_of_invented_values(&objection)?;
        let stack = stack.desired().name.clone();
        let error = if may_be_shown {
            ClientError::Objection {
                stack,
                place,
                words: objection.words,
            }
        } else {
            ClientError::SecretObjection {
                stack,
                place,
                files: secret_files.join(", "),
            }
        };
        errors.push(error.into());
    }
    Ok(errors)
}

/// Docker's words about a stack, or about some of its services.
struct Objection<'a> {
    words: String,
    /// The keys of the services that docker was asked about; none if it was asked about the whole stack.
    services: Option<Vec<&'a str>>,
}

impl Objection<'_> {
    /// The words without the name of the service. They are the same for all services that share faulty lines.
    fn of_any_service(&self) -> String {
        let names = self.services.iter().flatten();
        names.fold(self.words.clone(), |words, name| {
            words.replace(&format!("services.{name}"), "services")
        })
    }
}

/// Questions to the docker client about one stack.
struct Questions<'a, 'stack> {
    stack: &'a Stack<'stack>,
    run: &'a ClientRun,
    top: Option<&'a Path>,
    meanwhile: &'a mut dyn FnMut() -> Result<(), SwarmError>,
}

impl<'a> Questions<'a, '_> {
    /// All that docker says against the stack. It names one fault each time, and is therefore asked about ever fewer services.
    fn objections(&mut self, handed_over: &HandedOver) -> Result<Vec<Objection<'a>>, SwarmError> {
        let Some(words) = self.objection(handed_over)? else {
            return Ok(Vec::new());
        };
        let stack = self.stack;
        let services = stack.desired().services.iter();
        let services: Vec<&str> = services.map(|service| service.name.as_str()).collect();
        let (mut found, mut asked) = (Vec::new(), 0);
        // A fault outside of all services, then those in services.
        let mut waiting = vec![services, Vec::new()];
        while let Some(services) = waiting.pop() {
            if asked == MAXIMUM_PARTS {
                break;
            }
            asked += 1;
            let Some(part) = handed_over.with_services(&services) else {
                break;
            };
            let Some(words) = self.objection(&part)? else {
                continue;
            };
            if services.len() > 1 {
                let (first, second) = services.split_at(services.len() / 2);
                waiting.extend([second.to_vec(), first.to_vec()]);
            } else if !is_among(&found, &words) {
                let services = Some(services);
                found.push(Objection { words, services });
            }
        }
        if !is_among(&found, &words) {
            let services = None;
            found.insert(0, Objection { words, services });
        }
        Ok(found)
    }

    /// True if docker says these words of a stack with invented values, too: they hold none of the secrets then. Docker names
    /// one of several faults, each time another one, and is asked repeatedly.
    fn is_said_of_invented_values(
        &mut self,
        objection: &Objection<'_>,
    ) -> Result<bool, SwarmError> {
        let whole = HandedOver::with_invented_values(self.stack)?;
        let services = objection.services.as_ref();
        let part = services.map(|services| whole.with_services(services));
        let Some(invented) = part.as_ref().map_or(Some(&whole), Option::as_ref) else {
            return Ok(false);
        };
        for _ in 0..MAXIMUM_QUESTIONS {
            match self.objection(invented)? {
                Some(others) if others == objection.words => return Ok(true),
                Some(_) => {}
                None => return Ok(false),
            }
        }
        Ok(false)
    }

    /// The words with which docker refuses a stack; none if it does not.
    fn objection(&mut self, handed_over: &HandedOver) -> Result<Option<String>, SwarmError> {
        let mut command = handed_over.command("config", self.stack, self.run, self.top);
        command.args(compose_files(&self.run.arguments));
        let ended = run_client(
            command,
            handed_over.first_text(),
            ClientOutput::Discarded,
            self.meanwhile,
        )?;
        Ok((!ended.status.success()).then(|| ended.words()))
    }
}

fn is_among(found: &[Objection<'_>], words: &str) -> bool {
    found.iter().any(|objection| objection.words == words)
}
