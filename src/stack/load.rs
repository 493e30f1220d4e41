//! From a stack's name to everything it wants.

use std::path::PathBuf;

use super::compose::Environment;
use super::compose::{Definition, Managed};
use super::discover::{stack_files, stacks};
use super::error::{EntryPlace, StackError};
use super::files::{Placed, StackFile, entries, services};
use super::name::{ObjectName, StackName};
use super::naming::{Named, NamingError, file_variable, name_object};
use super::object::{DesiredObject, DesiredStack, ExternalObject};
use super::settings::{Settings, VersionScheme};
use super::source::SourceError;
use super::source::Tree;
use super::source::{Source, Sources};
use super::version::Version;
use crate::repository::Repository;
use crate::secret::SecretBytes;

/// Which stack is asked for, and how.
pub struct StackQuery<'a> {
    /// The stack's name.
    pub name: StackName,
    /// Its files, if they are not to be found by convention: absolute, or as seen from the current directory.
    pub files: Vec<PathBuf>,
    /// The commit to read from, instead of the work tree.
    pub revision: Option<String>,
    /// Takes secrets that are not encrypted in Git.
    pub allow_plaintext: bool,
    /// The value of an environment variable, for the variables in the stack file.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// A stack at one revision: what it wants, and what its files hold.
pub struct Stack<'repository> {
    pub(super) repository: &'repository Repository,
    pub(super) desired: DesiredStack,
    pub(super) files: Vec<StackFile>,
    /// What the objects of `desired` are made from, in the same order.
    pub(super) made_from: Vec<MadeFrom>,
    pub(super) sources: Sources<'repository>,
}

/// What a desired object is made from.
pub(super) struct MadeFrom {
    source: Source,
    pub(super) place: EntryPlace,
    /// The variable of its file.
    pub(super) variable: String,
    /// True where its `name:` has that variable.
    pub(super) variable_used: bool,
}

/// What could be read of a stack.
pub(crate) struct PartialStack {
    /// What it wants, as far as that could be read.
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

/// Reads a stack. What `judge` makes of an entry's problem decides whether to go on without that entry.
fn load_with<'repository>(
    repository: &'repository Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
    judge: &mut dyn FnMut(StackError) -> Result<(), StackError>,
) -> Result<Stack<'repository>, StackError> {
    let tree = Tree::open(repository, query.revision.as_deref())?;
    let mut files = Vec::new();
    for found in stack_files(&tree, settings, &query.name, &query.files)? {
        files.push(StackFile::read(&tree, found, query.environment)?);
    }
    let mut stack = Stack {
        repository,
        desired: DesiredStack {
            name: query.name.clone(),
            objects: Vec::new(),
            externals: Vec::new(),
            services: services(&files)?,
        },
        files: Vec::new(),
        made_from: Vec::new(),
        sources: Sources::new(tree, query.allow_plaintext),
    };
    for placed in entries(&files) {
        match &placed.entry.definition {
            Definition::Managed(managed) => {
                stack.add_managed(&placed, managed, settings, query.environment)
            }
            Definition::External { name } => stack.add_external(&placed, name),
            Definition::Plugin => Ok(()),
        }
        .or_else(&mut *judge)?;
    }
    stack.check_collisions().or_else(judge)?;
    stack.files = files;
    Ok(stack)
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

impl Stack<'_> {
    /// What the stack wants in the Swarm.
    pub fn desired(&self) -> &DesiredStack {
        &self.desired
    }

    /// The plaintext of one of its objects, decrypted in memory.
    ///
    /// # Panics
    ///
    /// Where `object` is none of [`Stack::desired`].
    pub fn content(&self, object: &DesiredObject) -> Result<SecretBytes, StackError> {
        let same = |desired: &DesiredObject| {
            (desired.kind, &desired.entry) == (object.kind, &object.entry)
        };
        let position = self.desired.objects.iter().position(same);
        let made_from =
            &self.made_from[position.expect("the object is one that this stack desires")];
        self.sources
            .content(&made_from.source)
            .map_err(|source| made_from.place.source_error(source))
    }

    fn add_external(&mut self, placed: &Placed<'_>, name: &str) -> Result<(), StackError> {
        let place = placed.place(placed.entry.line);
        let invalid = |source| place.naming_error(NamingError::Invalid(source));
        let name = ObjectName::parse(name).map_err(invalid)?;
        self.desired.externals.push(ExternalObject {
            kind: place.kind,
            entry: place.key,
            name,
            place: place.place,
        });
        Ok(())
    }

    fn add_managed(
        &mut self,
        placed: &Placed<'_>,
        managed: &Managed,
        settings: &Settings,
        environment: Environment<'_>,
    ) -> Result<(), StackError> {
        let place = placed.place(managed.file_line);
        let failed = |source| place.source_error(source);
        let path = placed.file.beside(&managed.file);
        let source = self.sources.source(&path, place.kind).map_err(failed)?;
        let version = self.version(&source, settings).map_err(failed)?;
        let variable = file_variable(&managed.file);
        let named = match &managed.name {
            Some((name, line)) => name_object(name, &variable, &version, environment)
                .map_err(|source| placed.place(*line).naming_error(source)),
            None => Named::by_default(&self.desired.name, &place.key, &version)
                .map_err(|source| placed.place(placed.entry.line).naming_error(source)),
        };
        let Named { name, pattern } = named?;
        self.desired.objects.push(DesiredObject {
            kind: place.kind,
            entry: place.key.clone(),
            name,
            pattern,
            version,
            origin: source.origin.clone(),
            template_driver: managed.template_driver.clone(),
            driver: None,
            labels: managed.labels.clone(),
        });
        self.made_from.push(MadeFrom {
            source,
            place,
            variable,
            variable_used: managed.name.is_some(),
        });
        Ok(())
    }

    fn version(&self, source: &Source, settings: &Settings) -> Result<Version, SourceError> {
        let digits = match settings.scheme {
            VersionScheme::Blob => source.origin.blob.clone(),
            VersionScheme::Md5 => md5(&self.sources.content(source)?),
        };
        Ok(Version::from_hex(&digits, settings.version_length)
            .expect("the settings allow no version longer than its digits"))
    }

    /// Refuses a variable that stands for two contents, and a name that two different objects would have.
    fn check_collisions(&self) -> Result<(), StackError> {
        let all: Vec<(&DesiredObject, &MadeFrom)> =
            self.desired.objects.iter().zip(&self.made_from).collect();
        for (index, &(object, from)) in all.iter().enumerate() {
            for &(other, other_from) in &all[..index] {
                let places = || {
                    (
                        Box::new(from.place.clone()),
                        other_from.place.clone().into(),
                    )
                };
                let same_variable = from.variable == other_from.variable
                    && from.variable_used
                    && other_from.variable_used;
                if same_variable && object.version != other.version {
                    let (entry, other_entry) = places();
                    return Err(StackError::CollidingVariables {
                        variable: from.variable.clone(),
                        entry,
                        file: object.origin.path.clone(),
                        other: other_entry,
                        other_file: other.origin.path.clone(),
                    });
                }
                let same_name = object.kind == other.kind && object.name == other.name;
                let same_object = object.origin.blob == other.origin.blob
                    && object.template_driver == other.template_driver
                    && object.labels == other.labels;
                if same_name && !same_object {
                    let (entry, other) = places();
                    let name = object.name.clone();
                    return Err(StackError::CollidingNames { name, entry, other });
                }
            }
        }
        Ok(())
    }
}

fn md5(content: &SecretBytes) -> String {
    use md5::{Digest, Md5};
    let mut hash = Md5::new();
    content.expose_chunks().for_each(|chunk| hash.update(chunk));
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
