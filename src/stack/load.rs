//! Reads a stack: from its name to everything that it wants in the Swarm.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::repository::Repository;
use crate::stack::compose::Definition;
use crate::stack::desired::{DesiredStack, collisions};
use crate::stack::drafts::{EntryReader, external, lengths_by_variable};
use crate::stack::error::StackError;
use crate::stack::files::{StackFile, entries, services, undefined_uses};
use crate::stack::find::{Settings, overlooked, stack_files, stacks};
use crate::stack::loaded::Stack;
use crate::stack::names::{StackName, hexadecimal};
use crate::stack::source::{Accepted, Sources, StackVariables, Tree};

/// Maximum number of files that a stack may be merged from.
const MAXIMUM_FILES: usize = 100;

/// A request to read a stack: its name, its files, its revision.
pub struct StackQuery<'a> {
    /// The stack's name.
    pub name: StackName,
    /// Its files, if the user has given them: absolute, or relative to the current directory. Otherwise they are found by
    /// convention.
    pub files: Vec<PathBuf>,
    /// The commit to read from. `None` for the work tree.
    pub revision: Option<String>,
    /// Content that the user accepts although it would be refused by default.
    pub accepted: Accepted,
    /// Looks up a variable of the environment, for the variables in the stack file.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A stack of which some entries may be missing, because they could not be read.
pub(crate) struct PartialStack {
    /// Everything the stack wants that could be read.
    pub desired: DesiredStack,
    /// Why the rest could not be read.
    pub problems: Vec<StackError>,
}

/// Reads the stack that `query` asks for.
pub fn load<'repository>(
    repository: &'repository Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
) -> Result<Stack<'repository>, StackError> {
    let (stack, problems) = load_with_problems(repository, settings, query)?;
    StackError::of_all(problems)?;
    Ok(stack)
}

/// Reads as much as possible of the stack that `query` asks for. An entry whose file or name can't be used is left out.
pub(crate) fn load_partially(
    repository: &Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
) -> Result<PartialStack, StackError> {
    let (stack, problems) = load_with_problems(repository, settings, query)?;
    let desired = stack.desired;
    Ok(PartialStack { desired, problems })
}

/// Reads a stack without the entries that have a problem, and returns the problems.
pub(crate) fn load_with_problems<'repository>(
    repository: &'repository Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
) -> Result<(Stack<'repository>, Vec<StackError>), StackError> {
    let tree = Tree::open(repository, query.revision.as_deref())?;
    let found = stack_files(&tree, settings, &query.name, &query.files)?;
    if found.len() > MAXIMUM_FILES {
        return Err(StackError::TooManyFiles {
            count: found.len(),
            maximum: MAXIMUM_FILES,
        });
    }
    let sources = Sources::new(tree, query.accepted);
    let paths = settings.variable_files(query.name.as_str());
    let (variables, wrong) = StackVariables::read(&sources, &paths);
    let mut problems: Vec<StackError> = wrong.into_iter().map(StackError::from).collect();
    let variables = variables.without(&|name| (query.environment)(name).is_some());
    let environment = |name: &str| match (query.environment)(name) {
        Some(own) => Ok(Some(own)),
        None => Ok(variables.value_to_show(name)?.map(str::to_owned)),
    };
    let first = match found.first() {
        Some(Ok(first)) => first.path.clone(),
        // Without the first file, it is unknown which folder the paths in the other files start from.
        _ => {
            let missing = found.into_iter().filter_map(Result::err);
            problems.extend(missing.map(StackError::from));
            return Err(StackError::together(problems));
        }
    };
    let mut files = Vec::new();
    let mut is_whole = true;
    for found in found {
        let read = found.map_err(StackError::from);
        let read = read.and_then(|found| StackFile::read(&sources, found, &first, &environment));
        let mut file = match read {
            Ok(file) => file,
            Err(problem) => {
                problems.push(problem);
                is_whole = false;
                continue;
            }
        };
        let wrong = std::mem::take(&mut file.compose.problems).into_iter();
        problems.extend(wrong.map(|source| StackError::Compose {
            file: file.path.clone(),
            source,
        }));
        files.push(file);
    }
    let mut desired = DesiredStack::nothing(query.name.clone());
    desired.services = services(&files);
    if is_whole {
        problems.extend(undefined_uses(&files));
    }
    let settings = settings.for_objects_of(query.name.as_str());
    let reader = EntryReader {
        stack: &query.name,
        sources: &sources,
        settings,
        environment: &environment,
    };
    let entries = entries(&files);
    let managed = || {
        let entries = entries.iter();
        entries.filter_map(|placed| match &placed.entry.definition {
            Definition::Managed(managed) => Some(placed.file.beside(&managed.file)),
            _ => None,
        })
    };
    sources.fetch(managed())?;
    sources.ask_for_keys(managed());
    let mut drafts = Vec::new();
    for placed in entries {
        let found = match &placed.entry.definition {
            Definition::Managed(managed) => match reader.draft(placed, managed) {
                Ok(draft) => {
                    drafts.push(draft);
                    continue;
                }
                Err(found) => found,
            },
            Definition::External { name, written } => match external(&placed, name, written) {
                Ok(object) => {
                    desired.externals.push(object);
                    continue;
                }
                Err(problem) => vec![problem],
            },
            Definition::Plugin | Definition::Unusable => continue,
        };
        let ends_reading = found.iter().any(StackError::ends_reading);
        problems.extend(found);
        if ends_reading {
            break;
        }
    }
    let lengths = lengths_by_variable(&drafts);
    for draft in drafts {
        match draft.object(&lengths) {
            Ok(object) => desired.objects.push(object),
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(collisions(&desired.objects));
    problems.retain(|problem| !problem.is_about_unread_variable());
    StackError::keep_first_of_missing_keys(&mut problems);
    let stack = Stack {
        repository,
        settings,
        values: digest_of_values(&files, &desired, &variables, query.environment),
        desired,
        files,
        variables,
        sources,
        is_sound: problems.iter().all(StackError::is_about_entries),
    };
    Ok((stack, problems))
}

/// The names of all stacks in the repository, at `revision` or in the work tree: those in the settings, and those found by
/// convention.
pub(crate) fn discover(
    repository: &Repository,
    settings: &Settings,
    revision: Option<&str>,
) -> Result<Vec<StackName>, StackError> {
    let tree = Tree::open(repository, revision)?;
    Ok(stacks(&tree, settings)?)
}

/// The paths of files that look like stack files, but are not found by [`discover`].
pub(crate) fn overlooked_files(
    repository: &Repository,
    settings: &Settings,
    revision: Option<&str>,
) -> Result<Vec<String>, StackError> {
    let tree = Tree::open(repository, revision)?;
    Ok(overlooked(&tree, settings)?)
}

/// One digest over the values that the caller's environment gives to the variables in these files. Values from files of
/// variables may be secret, and are not included. Variables for versions are not either, since the files determine them.
fn digest_of_values(
    files: &[StackFile],
    desired: &DesiredStack,
    variables: &StackVariables,
    environment: &dyn Fn(&str) -> Option<String>,
) -> String {
    let names = files.iter().flat_map(|file| &file.compose.variables);
    let mut names: BTreeSet<&str> = names.map(|variable| variable.name.as_str()).collect();
    for object in &desired.objects {
        names.remove(object.variable.as_str());
    }
    let mut hash = Sha256::new();
    for name in names.into_iter().filter(|name| !variables.has(name)) {
        if let Some(value) = environment(name) {
            hash.update(name);
            hash.update("=");
            hash.update(value);
            hash.update("\0");
        }
    }
    hexadecimal(&hash.finalize())
}
