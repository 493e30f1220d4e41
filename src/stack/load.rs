//! From a stack's name to everything it wants.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::repository::Repository;
use crate::secret::SecretBytes;
use crate::stack::compose::{Definition, Environment, Managed};
use crate::stack::desired::{
    DesiredStack, ExternalObject, NamePattern, NamingError, StackObject, WrittenName,
    check_collisions, file_variable, version_length,
};
use crate::stack::error::StackError;
use crate::stack::files::{Placed, StackFile, entries, services};
use crate::stack::find::{Settings, VersionScheme, overlooked};
use crate::stack::find::{stack_files, stacks};
use crate::stack::loaded::{Stack, stripped};
use crate::stack::names::{NameError, ObjectKind, ObjectName, StackName, Version};
use crate::stack::source::{Accepted, ManagedFile, Sources, StackVariables, Tree};

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
    let (stack, problems) = load_with(repository, settings, query)?;
    StackError::of_all(problems)?;
    Ok(stack)
}

/// Reads what can be read of the stack that `query` asks for: an entry whose file or name can't be used is left out.
pub(crate) fn load_partially(
    repository: &Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
) -> Result<PartialStack, StackError> {
    let (stack, problems) = load_with(repository, settings, query)?;
    let desired = stack.desired;
    Ok(PartialStack { desired, problems })
}

/// Reads a stack without the entries that have a problem, and gives the problems.
fn load_with<'repository>(
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
    let variables = StackVariables::read(&sources, &paths)?;
    let variables = variables.without(&|name| (query.environment)(name).is_some());
    let environment = |name: &str| match (query.environment)(name) {
        Some(own) => Ok(Some(own)),
        None => Ok(variables.value_to_show(name)?.map(str::to_owned)),
    };
    let first = found.first().map(|first| first.path.clone());
    let first = first.unwrap_or_default();
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for found in found {
        let mut file = StackFile::read(&sources, found, &first, &environment)?;
        let wrong = std::mem::take(&mut file.compose.problems).into_iter();
        problems.extend(wrong.map(|source| StackError::Compose {
            file: file.path.clone(),
            source,
        }));
        files.push(file);
    }
    let mut desired = DesiredStack::nothing(query.name.clone());
    desired.services = services(&files, &mut problems);
    let reader = EntryReader {
        stack: &query.name,
        sources: &sources,
        settings,
        environment: &environment,
    };
    let mut drafts = Vec::new();
    for placed in entries(&files) {
        let read = match &placed.entry.definition {
            Definition::Managed(managed) => reader
                .draft(placed, managed)
                .map(|draft| drafts.push(draft)),
            Definition::External { name, written } => {
                external(&placed, name, written).map(|object| desired.externals.push(object))
            }
            Definition::Plugin | Definition::Unusable => Ok(()),
        };
        let Err(problem) = read else { continue };
        let ends_reading = problem.ends_reading();
        problems.push(problem);
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
    problems.extend(check_collisions(&desired.objects).err());
    let stack = Stack {
        repository,
        strips_newline: settings.strip_newline,
        values: digest_of_values(&files, &desired, &variables, query.environment),
        desired,
        files,
        variables,
        sources,
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

/// Makes drafts of entries with a `file:`.
struct EntryReader<'a> {
    stack: &'a StackName,
    sources: &'a Sources<'a>,
    settings: &'a Settings,
    environment: Environment<'a>,
}

/// An entry with a `file:`, before its version has a length.
struct Draft<'a> {
    placed: Placed<'a>,
    managed: &'a Managed,
    file: ManagedFile,
    /// All digits of the blob id or MD5. The version is their beginning.
    digits: String,
    variable: String,
    pattern: NamePattern,
    /// How many digits its name has room for.
    length: usize,
}

impl EntryReader<'_> {
    fn draft<'a>(&self, placed: Placed<'a>, managed: &'a Managed) -> Result<Draft<'a>, StackError> {
        let place = placed.place(managed.file_line);
        let failed = |source| {
            let source = placed.file.as_written(source, &managed.written_file);
            StackError::of_source(&place, source)
        };
        let path = placed.file.beside(&managed.file);
        let file = self.sources.managed_file(&path, place.kind);
        let file = file.map_err(failed)?;
        let strips = self.settings.strip_newline && place.kind == ObjectKind::Secret;
        let digits = match self.settings.scheme {
            VersionScheme::Blob if strips => digits_of_stripped(&file.origin.blob),
            VersionScheme::Blob => file.origin.blob.clone(),
            VersionScheme::Md5 => {
                let content = self.sources.open(&file.origin.path, &file.content);
                let content = content.map_err(failed)?;
                md5(&if strips { stripped(content) } else { content })
            }
        };
        let variable = file_variable(&managed.file);
        let fixed = self.settings.version_length;
        let (line, pattern) = match &managed.name {
            Some((name, line)) => {
                let written = WrittenName {
                    text: name,
                    file: &managed.file,
                    variable: &variable,
                    fixed_length: fixed,
                };
                (*line, written.pattern(self.environment))
            }
            None => {
                let pattern = NamePattern::by_default(self.stack, &place.key);
                (placed.entry.line, Ok(pattern))
            }
        };
        let named = pattern.and_then(|pattern| {
            let length = version_length(&pattern, fixed)?;
            Ok((pattern, length))
        });
        let (pattern, length) =
            named.map_err(|source| naming_error(&placed, managed, line, source))?;
        Ok(Draft {
            placed,
            managed,
            file,
            digits,
            variable,
            pattern,
            length,
        })
    }
}

/// How many digits the value of each variable has: as many as all names with it have room for.
fn lengths_by_variable(drafts: &[Draft<'_>]) -> HashMap<String, usize> {
    let mut lengths: HashMap<String, usize> = HashMap::new();
    for draft in drafts.iter().filter(|draft| draft.managed.name.is_some()) {
        let length = lengths
            .entry(draft.variable.clone())
            .or_insert(draft.length);
        *length = draft.length.min(*length);
    }
    lengths
}

impl Draft<'_> {
    fn object(self, lengths: &HashMap<String, usize>) -> Result<StackObject, StackError> {
        let place = self.placed.place(self.managed.file_line);
        let is_named_by_variable = self.managed.name.is_some();
        let of_variable = lengths.get(&self.variable);
        let length = of_variable.filter(|_| is_named_by_variable);
        let version = Version::from_hex(&self.digits, length.copied().unwrap_or(self.length))
            .expect("because no version is longer than its digits");
        let line = self.managed.name.as_ref().map(|(_, line)| *line);
        let line = line.unwrap_or(self.placed.entry.line);
        let name = self
            .pattern
            .name(&version)
            .map_err(|source| naming_error(&self.placed, self.managed, line, source))?;
        Ok(StackObject {
            kind: place.kind,
            entry: place.key,
            name,
            pattern: self.pattern,
            version,
            origin: self.file.origin,
            template_driver: self.managed.template_driver.clone(),
            labels: self.managed.labels.clone(),
            place: place.place,
            variable: self.variable,
            is_named_by_variable,
            content: self.file.content,
            is_encrypted_in_git: self.file.is_encrypted_in_git,
        })
    }
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
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The error of an entry whose name, on this line, can't be used.
fn naming_error(
    placed: &Placed<'_>,
    managed: &Managed,
    line: usize,
    source: NamingError,
) -> StackError {
    let source = match &managed.name {
        Some((written, _)) => source.with_name(written),
        None => source,
    };
    StackError::of_naming(&placed.place(line), source)
}

/// The digits of the version of a secret whose last newline is taken away. They differ from those of the secret with its
/// newline, since the two must not have one name, and need no key.
fn digits_of_stripped(blob: &str) -> String {
    let digest = Sha256::digest(format!("without newline {blob}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The object of an entry with `external: true`.
fn external(placed: &Placed<'_>, name: &str, written: &str) -> Result<ExternalObject, StackError> {
    let place = placed.place(placed.entry.line);
    let invalid = |source: NameError| {
        let source = source.with_name(written);
        StackError::of_naming(&place, NamingError::Invalid(source))
    };
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
