//! Asks the docker client, before anything is done, whether it reaches the daemon and would take the stacks.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;

use super::arguments::compose_files;
use super::error::ClientError;
use super::handed_over::HandedOver;
use super::process::{ClientOutput, run_client};
use super::run::ClientRun;
use crate::stack::{FilePart, FileParts, Stack};
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

/// The beginning of each fault that docker finds when it decodes values.
const DECODING: &str = "error decoding ";

/// How often docker is asked about a stack with invented values. Of two faults each is named half of the times.
const MAXIMUM_QUESTIONS: usize = 16;

/// How often docker is asked about a part of a stack that it refuses. A question takes some hundredths of a second.
const MAXIMUM_PARTS: usize = 300;

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
/// is no client. Objections that one of the lines in `reported` has already are left out.
pub(crate) fn ask_docker(
    stacks: &[&Stack<'_>],
    reported: &[String],
    run: &ClientRun,
    top: Option<&Path>,
) -> Result<(), SwarmError> {
    let mut stop_if_interrupted = || Ok(());
    if stacks.is_empty()
        || !client_version(run, &OWN_VERSION, &mut stop_if_interrupted)
            .is_ok_and(|version| version >= STACK_CONFIG)
    {
        return Ok(());
    }
    let mut objections = Vec::new();
    for stack in stacks {
        if let Some(handed_over) = HandedOver::for_question(stack) {
            let found = objections_to(stack, &handed_over, run, top, &mut stop_if_interrupted)?;
            objections.extend(found);
        }
    }
    objections.retain(|objection| match objection {
        SwarmError::Client(ClientError::Objection { words, .. }) => !is_reported(reported, words),
        _ => true,
    });
    SwarmError::of_all(objections)
}

/// True if the faults that docker names in these words were found one by one. It names values that it can't decode together.
fn are_found(found: &[Objection], words: &str) -> bool {
    let is_found = |fault: &str| {
        let mut found = found.iter();
        found.any(|objection| objection.words.contains(fault.trim()))
    };
    let mut faults = words.split(DECODING).skip(1).peekable();
    let are_all_found = faults.peek().is_some() && faults.all(is_found);
    are_all_found || found.iter().any(|objection| objection.words == words)
}

/// True if a line ends with the same message. Docker puts colons in other places.
fn is_reported(reported: &[String], words: &str) -> bool {
    let without_colons = |text: &str| text.replace(':', "");
    let words = without_colons(words);
    let mut reported = reported.iter().map(|line| without_colons(line));
    reported.any(|line| line.ends_with(&words))
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
    let mut words = ended.stdout.split(['.', ' ']);
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
        left: MAXIMUM_PARTS,
    };
    let elsewhere = handed_over.env_files_elsewhere(stack);
    let secret_files = handed_over.secret_files().iter().map(String::as_str);
    let secret_files: Vec<&str> = secret_files.chain(elsewhere.iter().copied()).collect();
    let (mut errors, mut reported) = (Vec::new(), HashSet::new());
    for objection in questions.objections(handed_over)? {
        let place = objection.place_in(stack);
        if place.is_some() && !reported.insert((place.clone(), objection.of_any_service())) {
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

/// Docker's words about a stack, or about a part of it.
struct Objection {
    words: String,
    /// The part that docker was asked about; none if it was asked about the whole stack.
    part: Option<FilePart>,
}

impl Objection {
    /// Other words about the same part as they would be about the whole.
    fn of_whole(&self, words: String) -> String {
        match &self.part {
            Some(part) => part.message_for_whole_file(&words),
            None => words,
        }
    }

    /// The file and line that it is about. Some of docker's words name no place.
    fn place_in(&self, stack: &Stack<'_>) -> Option<String> {
        let part = self.part.as_ref();
        stack
            .place_of(&self.words)
            .or_else(|| stack.place_of(&part?.place()))
    }

    /// The message without the name of the service, which is equal for all services that share the faulty lines.
    fn of_any_service(&self) -> String {
        let names = self.part.iter().flat_map(FilePart::services);
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
    /// How many questions about parts are left.
    left: usize,
}

/// A stack that docker refuses, and the faults in it that were found.
struct FaultSearch<'a> {
    handed_over: &'a HandedOver,
    parts: FileParts,
    found: Vec<Objection>,
}

impl Questions<'_, '_> {
    /// All that docker says against the stack. It names one fault each time, and is therefore asked about ever smaller parts.
    fn objections(&mut self, handed_over: &HandedOver) -> Result<Vec<Objection>, SwarmError> {
        let Some(words) = self.objection(handed_over, &self.run.arguments)? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        if let Some(parts) = handed_over.parts() {
            let mut search = FaultSearch {
                handed_over,
                parts,
                found,
            };
            // A fault outside of all parts would be found again in each part.
            if self.of_part(&search, &FilePart::NOTHING)?.is_none() {
                let whole = search.parts.whole();
                // The fault may be in one of the user's own files.
                if let Some(words) = self.of_part(&search, &whole)? {
                    self.search(&mut search, whole, words)?;
                }
            }
            found = search.found;
        }
        if !are_found(&found, &words) {
            found.insert(0, Objection { words, part: None });
        }
        Ok(found)
    }

    /// Finds the faults in a `part`, of which docker says these words.
    fn search(
        &mut self,
        search: &mut FaultSearch<'_>,
        part: FilePart,
        words: String,
    ) -> Result<(), SwarmError> {
        let mut is_elsewhere = false;
        for half in search.parts.halves(&part).into_iter().flatten() {
            if let Some(words) = self.of_part(search, &half)? {
                is_elsewhere = true;
                self.search(search, half, words)?;
            }
        }
        if !is_elsewhere {
            let part = Some(search.parts.narrowed(part));
            search.found.push(Objection { words, part });
        }
        Ok(())
    }

    /// Docker's words about a part; none if it does not refuse it, or was asked often enough.
    fn of_part(
        &mut self,
        search: &FaultSearch<'_>,
        part: &FilePart,
    ) -> Result<Option<String>, SwarmError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        match search.handed_over.with_part(&search.parts, part) {
            Some(handed_over) => {
                let words = self.objection(&handed_over, &[])?;
                Ok(words.map(|words| part.message_for_whole_file(&words)))
            }
            None => Ok(None),
        }
    }

    /// True if docker says these words of a stack with invented values, too: they hold none of the secrets then. Docker names
    /// one of several faults, each time another one, and is asked repeatedly.
    fn is_said_of_invented_values(&mut self, objection: &Objection) -> Result<bool, SwarmError> {
        let Some(whole) = HandedOver::with_invented_values(self.stack) else {
            return Ok(false);
        };
        let (part, arguments) = match &objection.part {
            None => (None, self.run.arguments.as_slice()),
            Some(part) => {
                let parts = whole.parts();
                let part = parts.and_then(|parts| whole.with_part(&parts, part));
                let Some(part) = part else {
                    return Ok(false);
                };
                (Some(part), &[][..])
            }
        };
        let invented = part.as_ref().unwrap_or(&whole);
        for _ in 0..MAXIMUM_QUESTIONS {
            let others = self.objection(invented, arguments)?;
            let others = others.map(|words| objection.of_whole(words));
            match others {
                Some(others) if others == objection.words => return Ok(true),
                Some(_) => {}
                None => return Ok(false),
            }
        }
        Ok(false)
    }

    /// The words with which docker refuses a stack, together with the stack files among the user's own `arguments`; none if it does
    /// not.
    fn objection(
        &mut self,
        handed_over: &HandedOver,
        arguments: &[OsString],
    ) -> Result<Option<String>, SwarmError> {
        let mut command = handed_over.command("config", self.stack, self.run, self.top);
        command.args(compose_files(arguments));
        let ended = run_client(
            command,
            handed_over.first_text(),
            ClientOutput::Discarded,
            self.meanwhile,
        )?;
        Ok((!ended.status.success()).then(|| ended.words()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_that_docker_names_together_are_found_one_by_one() {
        let of = |fault: &str| format!("decoding failed: {DECODING}'{fault}': invalid size");
        let found = ["cpus", "memory"].map(|fault| Objection {
            words: of(fault),
            part: None,
        });
        let both = format!("{} {DECODING}'memory': invalid size", of("cpus"));
        assert!(are_found(&found, &both) && are_found(&found, &of("memory")));
        assert!(!are_found(&found[..1], &both));
        assert!(!are_found(&found, "services.a must be a mapping"));
        assert!(!are_found(&[], "services.a must be a mapping"));
    }

    #[test]
    fn an_objection_that_is_told_is_known_by_its_words() {
        let reported = ["web.yml:6: (root): Additional property secret is not allowed".to_owned()];
        assert!(is_reported(
            &reported,
            "(root) Additional property secret is not allowed"
        ));
        assert!(!is_reported(
            &reported,
            "(root) Additional property other is not allowed"
        ));
    }
}
