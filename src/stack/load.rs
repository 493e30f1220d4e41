//! From a stack's name to everything it wants.

use std::collections::HashSet;
use std::path::PathBuf;

use thiserror::Error;

use super::compose::{ComposeError, ComposeFile, Definition, Entry};
use super::discover::{DiscoverError, stack_files};
use super::interpolate::Environment;
use super::name::{NameError, ObjectName, StackName};
use super::naming::{Named, NamingError, file_variable, name_object};
use super::object::{DesiredObject, DesiredService, DesiredStack, ExternalObject, ObjectKind};
use super::settings::{Settings, VersionScheme};
use super::source::{Source, SourceError, Sources};
use super::tree::{Found, Tree, TreeError};
use super::version::Version;
use crate::repository::{Repository, RepositoryError};
use crate::secret::SecretBytes;

/// No stack file is longer; a wrong file is refused before it fills the memory.
const LONGEST_FILE: u64 = 4 << 20;

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

/// Why a stack could not be read, or its files not become secrets and configs.
#[derive(Debug, Error)]
pub enum StackError {
    /// Its files were not found.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The repository itself.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A stack file could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A stack file is too long to be one.
    #[error("{file} has more than {LONGEST_FILE} bytes, and can be no stack file")]
    TooLong {
        /// The stack file.
        file: String,
    },
    /// A stack file that is not text, or encrypted.
    #[error("{file} is not UTF-8 text, and can be no stack file")]
    NotText {
        /// The stack file.
        file: String,
    },
    /// A stack file is wrong.
    #[error("{file}:{source}")]
    Compose {
        /// The stack file.
        file: String,
        /// What is wrong, with its line first.
        source: ComposeError,
    },
    /// A managed file can't become what the stack file says.
    #[error("{place}: {kind} `{entry}`: {source}")]
    Source {
        /// Stack file and line.
        place: String,
        /// Secret or config.
        kind: ObjectKind,
        /// Its key in the stack file.
        entry: String,
        /// What is wrong.
        source: SourceError,
    },
    /// An object's name.
    #[error("{place}: {kind} `{entry}`: {source}")]
    Naming {
        /// Stack file and line.
        place: String,
        /// Secret or config.
        kind: ObjectKind,
        /// Its key in the stack file.
        entry: String,
        /// What is wrong.
        source: NamingError,
    },
    /// Two files with different content that one variable stands for.
    #[error(
        "{place}: the variable `{variable}` stands for {file} here and for {other_file} in {other_place}, and they differ; rename one of the files"
    )]
    CollidingVariables {
        /// The variable.
        variable: String,
        /// Stack file and line of one use.
        place: String,
        /// The file it stands for there.
        file: String,
        /// Stack file and line of the other use.
        other_place: String,
        /// The file it stands for there.
        other_file: String,
    },
    /// Two entries with one name that would not be the same object.
    #[error(
        "{place}: {kind} `{entry}` is called {name} like `{other}` in {other_place}, and they differ; change one of the names"
    )]
    CollidingNames {
        /// Secret or config.
        kind: ObjectKind,
        /// The name of both.
        name: ObjectName,
        /// Stack file and line of one.
        place: String,
        /// Its key.
        entry: String,
        /// Stack file and line of the other.
        other_place: String,
        /// Its key.
        other: String,
    },
    /// A service uses what is not there.
    #[error(
        "{place}: service `{service}` uses the {kind} `{entry}`, which the stack does not define"
    )]
    Undefined {
        /// Stack file and line.
        place: String,
        /// The service.
        service: String,
        /// Secret or config.
        kind: ObjectKind,
        /// The key it uses.
        entry: String,
    },
    /// A stack file could not be rendered.
    #[error("{place}: {reason}")]
    Render {
        /// Stack file and line.
        place: String,
        /// What is in the way, and what to change.
        reason: &'static str,
    },
}

/// A stack at one revision: what it wants, and what its files hold.
pub struct Stack<'repository> {
    pub(super) desired: DesiredStack,
    pub(super) files: Vec<StackFile>,
    /// What the objects of `desired` are made from, in the same order.
    pub(super) made_from: Vec<MadeFrom>,
    sources: Sources<'repository>,
}

/// One of a stack's files.
pub(super) struct StackFile {
    /// Its path from the top of the repository.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) compose: ComposeFile,
}

/// What a desired object is made from.
pub(super) struct MadeFrom {
    source: Source,
    place: String,
    /// The variable of its file.
    pub(super) variable: String,
    /// True where its `name:` has that variable.
    pub(super) variable_used: bool,
}

/// An entry, with the file it stands in.
struct Placed<'a> {
    file: &'a str,
    entry: &'a Entry,
}

/// Reads the stack that `query` asks for.
pub fn load<'repository>(
    repository: &'repository Repository,
    settings: &Settings,
    query: &StackQuery<'_>,
) -> Result<Stack<'repository>, StackError> {
    let tree = Tree::open(repository, query.revision.as_deref())?;
    let mut files = Vec::new();
    for found in stack_files(&tree, settings, &query.name, &query.files)? {
        files.push(read(&tree, found, query.environment)?);
    }
    let sources = Sources::new(tree, query.allow_plaintext);
    let mut stack = Stack {
        desired: DesiredStack {
            name: query.name.clone(),
            objects: Vec::new(),
            externals: Vec::new(),
            services: services(&files)?,
        },
        made_from: Vec::new(),
        files: Vec::new(),
        sources,
    };
    for placed in merged(&files) {
        stack.add(&placed, settings, query.environment)?;
    }
    stack.check_collisions()?;
    stack.files = files;
    Ok(stack)
}

/// The names of all stacks in the repository, at `revision` or in the work tree: those of the settings, and those found
/// by convention.
pub fn discover(
    repository: &Repository,
    settings: &Settings,
    revision: Option<&str>,
) -> Result<Vec<StackName>, StackError> {
    let tree = Tree::open(repository, revision)?;
    Ok(super::discover::stacks(&tree, settings)?)
}

impl Stack<'_> {
    /// What the stack wants in the Swarm.
    pub fn desired(&self) -> &DesiredStack {
        &self.desired
    }

    /// The plaintext of one of its objects, decrypted in memory.
    pub fn content(&self, object: &DesiredObject) -> Result<SecretBytes, StackError> {
        let same = |desired: &DesiredObject| {
            (desired.kind, &desired.entry) == (object.kind, &object.entry)
        };
        let position = self.desired.objects.iter().position(same);
        let made_from = position
            .map(|position| &self.made_from[position])
            .expect("the object is one that this stack desires");
        self.sources
            .content(&made_from.source)
            .map_err(|source| StackError::Source {
                place: made_from.place.clone(),
                kind: object.kind,
                entry: object.entry.clone(),
                source,
            })
    }

    fn add(
        &mut self,
        placed: &Placed<'_>,
        settings: &Settings,
        environment: Environment<'_>,
    ) -> Result<(), StackError> {
        let Entry {
            kind, key, line, ..
        } = placed.entry;
        let naming = |line: usize| {
            let place = format!("{}:{line}", placed.file);
            let (kind, entry) = (*kind, key.clone());
            move |source| StackError::Naming {
                place,
                kind,
                entry,
                source,
            }
        };
        let managed = match &placed.entry.definition {
            Definition::Plugin => return Ok(()),
            Definition::External { name } => {
                let invalid = |source| naming(*line)(NamingError::Invalid(source));
                self.desired.externals.push(ExternalObject {
                    kind: *kind,
                    entry: key.clone(),
                    name: ObjectName::parse(name).map_err(invalid)?,
                    place: format!("{}:{line}", placed.file),
                });
                return Ok(());
            }
            Definition::Managed(managed) => managed,
        };
        let place = format!("{}:{}", placed.file, managed.file_line);
        let failed = |source| StackError::Source {
            place: place.clone(),
            kind: *kind,
            entry: key.clone(),
            source,
        };
        let source = self
            .sources
            .source(&beside(placed.file, &managed.file), *kind)
            .map_err(failed)?;
        let version = self.version(&source, settings).map_err(failed)?;
        let variable = file_variable(&managed.file);
        let Named { name, pattern } = match &managed.name {
            Some((name, line)) => {
                name_object(name, &variable, &version, environment).map_err(naming(*line))?
            }
            None => Named::by_default(&self.desired.name, key, &version).map_err(naming(*line))?,
        };
        self.desired.objects.push(DesiredObject {
            kind: *kind,
            entry: key.clone(),
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
                let same_variable = from.variable == other_from.variable
                    && from.variable_used
                    && other_from.variable_used;
                if same_variable && object.version != other.version {
                    return Err(StackError::CollidingVariables {
                        variable: from.variable.clone(),
                        place: from.place.clone(),
                        file: object.origin.path.clone(),
                        other_place: other_from.place.clone(),
                        other_file: other.origin.path.clone(),
                    });
                }
                let same_name = object.kind == other.kind && object.name == other.name;
                let same_object = object.origin.blob == other.origin.blob
                    && object.template_driver == other.template_driver
                    && object.labels == other.labels;
                if same_name && !same_object {
                    return Err(StackError::CollidingNames {
                        kind: object.kind,
                        name: object.name.clone(),
                        place: from.place.clone(),
                        entry: object.entry.clone(),
                        other_place: other_from.place.clone(),
                        other: other.entry.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

fn read(
    tree: &Tree<'_>,
    found: Found,
    environment: Environment<'_>,
) -> Result<StackFile, StackError> {
    let file = found.path.clone();
    if tree.len(&found)? > LONGEST_FILE {
        return Err(StackError::TooLong { file });
    }
    let mut bytes = tree.read(&found)?;
    let text = String::from_utf8(bytes.expose().to_vec())
        .map_err(|_| StackError::NotText { file: file.clone() })?;
    let compose = ComposeFile::parse(&text, environment)
        .map_err(|source| StackError::Compose { file, source })?;
    Ok(StackFile {
        path: found.path,
        text,
        compose,
    })
}

/// The entries of all files; one that a later file defines again is replaced whole, as by the docker client.
fn merged(files: &[StackFile]) -> Vec<Placed<'_>> {
    let mut merged: Vec<Placed<'_>> = Vec::new();
    for file in files {
        for entry in &file.compose.entries {
            let placed = Placed {
                file: &file.path,
                entry,
            };
            let same = |known: &&mut Placed<'_>| {
                (known.entry.kind, &known.entry.key) == (entry.kind, &entry.key)
            };
            match merged.iter_mut().find(same) {
                Some(earlier) => *earlier = placed,
                None => merged.push(placed),
            }
        }
    }
    merged
}

/// The services of all files; what they use must be defined in one of them.
fn services(files: &[StackFile]) -> Result<Vec<DesiredService>, StackError> {
    let entries = files.iter().flat_map(|file| &file.compose.entries);
    let defined: HashSet<(ObjectKind, &str)> = entries
        .map(|entry| (entry.kind, entry.key.as_str()))
        .collect();
    let mut services: Vec<DesiredService> = Vec::new();
    for file in files {
        for used in &file.compose.services {
            let DesiredService { name, uses } = &used.service;
            for ((kind, entry), line) in uses.iter().zip(&used.lines) {
                if !defined.contains(&(*kind, entry.as_str())) {
                    return Err(StackError::Undefined {
                        place: format!("{}:{line}", file.path),
                        service: name.clone(),
                        kind: *kind,
                        entry: entry.clone(),
                    });
                }
            }
            match services.iter_mut().find(|known| known.name == *name) {
                None => services.push(used.service.clone()),
                Some(known) => {
                    let new = uses.iter().filter(|used| !known.uses.contains(used));
                    let new: Vec<_> = new.cloned().collect();
                    known.uses.extend(new);
                }
            }
        }
    }
    Ok(services)
}

/// The path of `file` as the stack file at `stack_file` means it, from the top of the repository.
fn beside(stack_file: &str, file: &str) -> String {
    if file.starts_with('/') || file == "~" || file.starts_with("~/") {
        // Absolute: where it leads is for the tree to refuse.
        return format!("/{}", file.trim_start_matches('/'));
    }
    let folder = stack_file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let parts = folder.split('/').chain(file.split('/'));
    let parts: Vec<&str> = parts.filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

fn md5(content: &SecretBytes) -> String {
    use md5::{Digest, Md5};
    let mut hash = Md5::new();
    content.expose_chunks().for_each(|chunk| hash.update(chunk));
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
