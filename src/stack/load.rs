//! From a stack's name to everything it wants.

use std::path::PathBuf;

use crate::repository::Repository;
use crate::secret::SecretBytes;
use crate::stack::compose::{Definition, Environment, Managed};
use crate::stack::desired::check_collisions;
use crate::stack::desired::steers_programs;
use crate::stack::desired::{DesiredStack, ExternalObject, StackObject};
use crate::stack::desired::{NamingError, VersionedName, file_variable, name_object};
use crate::stack::error::StackError;
use crate::stack::files::{Placed, StackFile, entries, services};
use crate::stack::find::{Settings, VersionScheme};
use crate::stack::find::{stack_files, stacks};
use crate::stack::loaded::Stack;
use crate::stack::names::Version;
use crate::stack::names::{ObjectName, StackName};
use crate::stack::source::{Accepted, ManagedFile, SourceError, Sources, Tree};

/// Maximum number of files that a stack may be merged from.
const MOST_FILES: usize = 100;

/// Which stack is asked for, and how.
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
    load_with(repository, settings, query, &mut Err)
}

/// Reads what can be read of the stack that `query` asks for: an entry whose file or name can't be used is left out.
pub(crate) fn load_partially(
    repository: &Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
) -> Result<PartialStack, StackError> {
    let mut problems = Vec::new();
    let stack = load_with(repository, settings, query, &mut |problem| {
        problems.push(problem);
        Ok(())
    })?;
    let desired = stack.desired;
    Ok(PartialStack { desired, problems })
}

/// Reads a stack. `on_problem` decides whether to go on without an entry that has a problem.
fn load_with<'repository>(
    repository: &'repository Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
    on_problem: &mut dyn FnMut(StackError) -> Result<(), StackError>,
) -> Result<Stack<'repository>, StackError> {
    let tree = Tree::open(repository, query.revision.as_deref())?;
    let found = stack_files(&tree, settings, &query.name, &query.files)?;
    if found.len() > MOST_FILES {
        return Err(StackError::TooManyFiles {
            count: found.len(),
            maximum: MOST_FILES,
        });
    }
    let sources = Sources::new(tree, query.accepted);
    let first = found.first().map(|first| first.path.clone());
    let first = first.unwrap_or_default();
    let mut files = Vec::new();
    for found in found {
        files.push(StackFile::read(&sources, found, &first, query.environment)?);
    }
    let mut desired = DesiredStack::nothing(query.name.clone());
    desired.services = services(&files)?;
    let entries_reader = EntryReader {
        stack: &query.name,
        sources: &sources,
        settings,
        environment: query.environment,
    };
    for placed in entries(&files) {
        let read = match &placed.entry.definition {
            Definition::Managed(managed) => entries_reader
                .managed(&placed, managed)
                .map(|object| desired.objects.push(object)),
            Definition::External { name } => {
                external(&placed, name).map(|object| desired.externals.push(object))
            }
            Definition::Plugin => Ok(()),
        };
        read.or_else(&mut *on_problem)?;
    }
    check_collisions(&desired.objects).or_else(on_problem)?;
    Ok(Stack {
        repository,
        desired,
        files,
        sources,
    })
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

/// Makes objects of entries.
struct EntryReader<'a> {
    stack: &'a StackName,
    sources: &'a Sources<'a>,
    settings: &'a Settings,
    environment: Environment<'a>,
}

impl EntryReader<'_> {
    /// The object of an entry with a `file:`.
    fn managed(&self, placed: &Placed<'_>, managed: &Managed) -> Result<StackObject, StackError> {
        let place = placed.place(managed.file_line);
        let failed = |source| StackError::of_source(&place, source);
        let path = placed.file.beside(&managed.file);
        let file = self
            .sources
            .managed_file(&path, place.kind)
            .map_err(failed)?;
        let version = self.version(&file).map_err(failed)?;
        let variable = file_variable(&managed.file);
        if let Some((_, line)) = &managed.name
            && steers_programs(&variable)
        {
            let file = managed.file.clone();
            let steering = NamingError::Steering { variable, file };
            return Err(StackError::of_naming(&placed.place(*line), steering));
        }
        let named = match &managed.name {
            Some((name, line)) => name_object(name, &variable, &version, self.environment)
                .map_err(|source| StackError::of_naming(&placed.place(*line), source)),
            None => VersionedName::by_default(self.stack, &place.key, &version)
                .map_err(|source| StackError::of_naming(&placed.place(placed.entry.line), source)),
        };
        let VersionedName { name, pattern } = named?;
        Ok(StackObject {
            kind: place.kind,
            entry: place.key,
            name,
            pattern,
            version,
            origin: file.origin,
            template_driver: managed.template_driver.clone(),
            labels: managed.labels.clone(),
            place: place.place,
            variable,
            is_named_by_variable: managed.name.is_some(),
            content: file.content,
            is_encrypted_in_git: file.is_encrypted_in_git,
        })
    }

    fn version(&self, file: &ManagedFile) -> Result<Version, SourceError> {
        let digits = match self.settings.scheme {
            VersionScheme::Blob => file.origin.blob.clone(),
            VersionScheme::Md5 => md5(&self.sources.open(&file.origin.path, &file.content)?),
        };
        Ok(Version::from_hex(&digits, self.settings.version_length)
            .expect("the settings allow no version longer than its digits"))
    }
}

/// The object of an entry with `external: true`.
fn external(placed: &Placed<'_>, name: &str) -> Result<ExternalObject, StackError> {
    let place = placed.place(placed.entry.line);
    let invalid = |source| StackError::of_naming(&place, NamingError::Invalid(source));
    let name = ObjectName::parse(name).map_err(invalid)?;
    Ok(ExternalObject {
        kind: place.kind,
        entry: place.key,
        name,
        place: place.place,
    })
}

fn md5(content: &SecretBytes) -> String {
    use md5::{Digest, Md5};
    let mut hash = Md5::new();
    content.expose_chunks().for_each(|chunk| hash.update(chunk));
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
