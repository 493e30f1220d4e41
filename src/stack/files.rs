//! The files of one stack, merged by the rules of the docker client.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::stack::compose::{ComposeFile, Environment, StackEntry, StackService};
use crate::stack::desired::DesiredService;
use crate::stack::error::StackError;
use crate::stack::find::{MAXIMUM_FILE_LENGTH, beside};
use crate::stack::names::{EntryPlace, ObjectKind};
use crate::stack::source::{FoundFile, SourceError, Sources};

/// One of a stack's files.
pub(super) struct StackFile {
    /// Its path from the top of the repository.
    pub(super) path: String,
    /// The path of the stack's first file. Relative paths in all of the stack's files start from the folder of this one.
    first: String,
    /// The path of the work tree, if there is one.
    top: Option<PathBuf>,
    pub(super) text: String,
    pub(super) compose: ComposeFile,
}

/// An entry, with the file that declares it.
pub(super) struct Placed<'a> {
    pub(super) file: &'a StackFile,
    pub(super) entry: &'a StackEntry,
}

impl StackFile {
    /// Reads a stack file. If the file is encrypted, it is decrypted in memory.
    pub(super) fn read(
        sources: &Sources<'_>,
        found: FoundFile,
        first: &str,
        environment: Environment<'_>,
    ) -> Result<Self, StackError> {
        let file = found.path.clone();
        let length = sources.tree.len(&found)?;
        if length > MAXIMUM_FILE_LENGTH {
            return Err(StackError::TooLong { file, length });
        }
        let bytes = sources.tree.read(&found)?;
        let mut bytes =
            sources
                .plaintext(&file, bytes)
                .map_err(|source| StackError::Unreadable {
                    file: file.clone(),
                    source: Box::new(source),
                })?;
        let text = String::from_utf8(bytes.expose().to_vec())
            .map_err(|_| StackError::NotText { file: file.clone() })?;
        let compose = ComposeFile::parse(&text, environment)
            .map_err(|source| StackError::Compose { file, source })?;
        Ok(Self {
            path: found.path,
            first: first.to_owned(),
            top: sources
                .tree
                .repository
                .work_tree()
                .top()
                .map(Path::to_owned),
            text,
            compose,
        })
    }

    /// Resolves the path `file`, as this stack file writes it, to a path from the top of the repository. A path outside the
    /// work tree stays absolute.
    pub(super) fn beside(&self, file: &str) -> String {
        let top = self.top.as_deref();
        let below = top.and_then(|top| Path::new(file).strip_prefix(top).ok()?.to_str());
        match below {
            Some(below) => below.to_owned(),
            None => beside(&self.first, file),
        }
    }

    /// The error about a file, with the path as written in this stack file: the values of its variables may be secret.
    pub(super) fn as_written(&self, error: SourceError, written: &str) -> SourceError {
        if written.contains('$') {
            error.with_path(self.beside(written))
        } else {
            error
        }
    }

    /// The path of `file` from the top of the repository. `None` if the path is absolute.
    pub(super) fn inside(&self, file: &str) -> Option<String> {
        let path = self.beside(file);
        (!path.starts_with('/')).then_some(path)
    }
}

impl Placed<'_> {
    /// The place of the entry in its file, at this line.
    pub(super) fn place(&self, line: usize) -> EntryPlace {
        EntryPlace {
            place: format!("{}:{line}", self.file.path),
            kind: self.entry.kind,
            key: self.entry.key.clone(),
        }
    }
}

/// The entries of all files. If several files declare an entry, the last one replaces the others as a whole.
pub(super) fn entries(files: &[StackFile]) -> Vec<Placed<'_>> {
    let mut merged: Vec<Placed<'_>> = Vec::new();
    let mut known = HashMap::new();
    for file in files {
        for entry in &file.compose.entries {
            let placed = Placed { file, entry };
            match known.entry((entry.kind, entry.key.as_str())) {
                Entry::Occupied(position) => merged[*position.get()] = placed,
                Entry::Vacant(vacant) => {
                    vacant.insert(merged.len());
                    merged.push(placed);
                }
            }
        }
    }
    merged
}

/// The errors for uses of entries that no file defines. If the section of a kind can't be read in some file, uses of that
/// kind are not checked.
pub(super) fn undefined_uses(files: &[StackFile]) -> Vec<StackError> {
    let entries = files.iter().flat_map(|file| &file.compose.entries);
    let defined: HashSet<(ObjectKind, &str)> = entries
        .map(|entry| (entry.kind, entry.key.as_str()))
        .collect();
    let is_unread = |kind| files.iter().any(|file| file.compose.unread.contains(&kind));
    let mut undefined = Vec::new();
    for file in files {
        for service in &file.compose.services {
            let uses = service.uses.iter().filter(|used| {
                !defined.contains(&(used.kind, used.key.as_str())) && !is_unread(used.kind)
            });
            undefined.extend(uses.map(|used| StackError::Undefined {
                place: format!("{}:{}", file.path, used.line),
                service: service.name.clone(),
                kind: used.kind,
                key: used.written.clone(),
            }));
        }
    }
    undefined
}

/// The services of all files.
pub(super) fn services(files: &[StackFile]) -> Vec<DesiredService> {
    let mut services: Vec<DesiredService> = Vec::new();
    let mut known = HashMap::new();
    for file in files {
        for service in &file.compose.services {
            match known.entry(service.name.as_str()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(services.len());
                    services.push(desired(service));
                }
                Entry::Occupied(position) => add_uses(&mut services[*position.get()], service),
            }
        }
    }
    services
}

fn desired(service: &StackService) -> DesiredService {
    let uses = service.uses.iter();
    DesiredService {
        name: service.name.clone(),
        uses: uses.map(|used| (used.kind, used.key.clone())).collect(),
    }
}

/// Adds what the same service uses according to a later file.
fn add_uses(service: &mut DesiredService, later: &StackService) {
    let known: HashSet<&(ObjectKind, String)> = service.uses.iter().collect();
    let later = desired(later).uses.into_iter();
    let new: Vec<_> = later.filter(|used| !known.contains(used)).collect();
    service.uses.extend(new);
}
