//! From a stack's name to everything it wants.

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

/// A stack to be read: its name, its files, its revision.
pub struct StackQuery<'a> {
    /// The stack's name.
    pub name: StackName,
    /// Its files, if they are not to be found by convention: absolute, or as seen from the current directory.
    pub files: Vec<PathBuf>,
    /// The commit to read from, instead of the work tree.
    pub revision: Option<String>,
    /// Content that is accepted although it is refused otherwise.
    pub accepted: Accepted,
    /// The value of an environment variable, for the variables in the stack file.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A stack as far as it could be read.
pub(crate) struct PartialStack {
    /// Everything it wants that could be read.
    pub desired: DesiredStack,
    /// Why the rest could not.
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

/// Reads what can be read of the stack that `query` asks for: an entry whose file or name can't be used is left out.
pub(crate) fn load_partially(
    repository: &Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
) -> Result<PartialStack, StackError> {
    let (stack, problems) = load_with_problems(repository, settings, query)?;
    let desired = stack.desired;
    Ok(PartialStack { desired, problems })
}

/// Reads a stack without the entries that have a problem, and gives the problems.
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
        // Nobody knows the folder that the paths in the others lead from.
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

/// The names of all stacks in the repository, at `revision` or in the work tree: those of the settings, and those found
/// by convention.
pub(crate) fn discover(
    repository: &Repository,
    settings: &Settings,
    revision: Option<&str>,
) -> Result<Vec<StackName>, StackError> {
    let tree = Tree::open(repository, revision)?;
    Ok(stacks(&tree, settings)?)
}

/// The paths of files that look like stack files and that [`discover`] does not take.
pub(crate) fn overlooked_files(
    repository: &Repository,
    settings: &Settings,
    revision: Option<&str>,
) -> Result<Vec<String>, StackError> {
    let tree = Tree::open(repository, revision)?;
    Ok(overlooked(&tree, settings)?)
}

/// The digest of the values that the caller's environment gives to the variables in these files. The values in files of
/// variables may be secret, and are left out. Variables for versions are left out, since the files decide them.
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
