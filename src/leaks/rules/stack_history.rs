//! The rules about the files that stacks name, as each commit had them.
//!
//! Only commits that change a stack file, or a file that any version of one names, are looked at.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::encryption::Encrypted;
use super::stacks::{FileInStack, files_named_by, stack_paths};
use crate::leaks::report::finding::printable;
use crate::leaks::report::inspection::Inspection;
use crate::leaks::targets::Targets;
use crate::repository::{BlobId, CommitId, PathBytes, Repository};
use crate::stack::{StackPaths, is_yaml};

/// Looks at the stacks and their files in those commits among `targets` that change them. The `index` adds stacks that
/// none of these commits changes. Returns the problems in commits that later commits have repaired.
pub(crate) fn inspect_commits(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    targets: &Targets,
    encrypted: &Encrypted<'_>,
    seen: &mut Inspection,
) -> Vec<String> {
    let mut stacks = Stacks::new(repository, stack_paths(repository, index));
    let mut changed: HashMap<CommitId, HashSet<&PathBytes>> = HashMap::new();
    for target in targets.files.iter().filter(|target| !target.is_link) {
        if is_yaml(&target.path.to_string()) {
            stacks.read(&target.path, target.blob);
        }
        if let Some(commit) = target.commit {
            changed.entry(commit).or_default().insert(&target.path);
        }
    }
    for (path, blob) in index {
        if stacks.paths.include(&path.to_string()) {
            stacks.read(path, *blob);
        }
    }
    let mut told = HashSet::new();
    let mut broken: BTreeMap<PathBytes, (BlobId, String)> = BTreeMap::new();
    for commit in &targets.messages {
        let Some(changed) = changed.get(commit) else {
            continue;
        };
        for path in stacks.concerned_by(changed) {
            let stack = match repository.objects().file_in(*commit, &path) {
                Ok(stack) => stack,
                Err(error) => {
                    seen.add_gap(&path, error.to_string());
                    continue;
                }
            };
            let Some(stack) = stack else {
                continue;
            };
            let files = match stacks.read(&path, stack) {
                Ok(files) => files,
                Err(reason) => {
                    let reason = format!("{reason} (in {commit})");
                    broken.insert(path, (stack, reason));
                    continue;
                }
            };
            let concerned =
                |file: &&FileInStack| changed.contains(&path) || changed.contains(&file.path);
            for file in files.iter().filter(concerned) {
                let blob = repository.objects().file_in(*commit, &file.path);
                let broken = blob.and_then(|blob| match blob {
                    Some(blob) if told.insert((file.path.clone(), blob, stack)) => {
                        let broken = file.broken_rule(repository, encrypted, blob)?;
                        Ok(broken.map(|(rule, hint)| (rule, blob, hint)))
                    }
                    _ => Ok(None),
                });
                match broken {
                    Ok(Some((rule, blob, hint))) => {
                        seen.add_file(rule, (&file.path, blob), Some(*commit), hint);
                    }
                    Ok(None) => {}
                    Err(error) => seen.add_gap(&file.path, error.to_string()),
                }
            }
        }
    }
    let mut repaired = Vec::new();
    let last = targets.messages.last();
    for (path, (blob, reason)) in broken {
        let now = last.map(|last| repository.objects().file_in(*last, &path));
        if matches!(now, Some(Ok(now)) if now != Some(blob)) {
            let path = printable(&path);
            repaired.push(format!(
                "{path}: {reason}; the files it named then were not compared with it"
            ));
        } else {
            seen.add_gap(&path, reason);
        }
    }
    repaired
}

/// Stack files by their versions, each read once.
struct Stacks<'check> {
    repository: &'check Repository,
    paths: StackPaths,
    versions: HashMap<(PathBytes, BlobId), Result<Vec<FileInStack>, String>>,
    /// For each stack file, the files that any version of it names.
    named: BTreeMap<PathBytes, HashSet<PathBytes>>,
}

impl<'check> Stacks<'check> {
    fn new(repository: &'check Repository, paths: StackPaths) -> Self {
        Self {
            repository,
            paths,
            versions: HashMap::new(),
            named: BTreeMap::new(),
        }
    }

    fn read(&mut self, path: &PathBytes, blob: BlobId) -> &Result<Vec<FileInStack>, String> {
        let version = (path.clone(), blob);
        self.versions.entry(version).or_insert_with(|| {
            let files = files_named_by(self.repository, path, blob, &self.paths);
            let named = files.iter().flatten().map(|file| file.path.clone());
            self.named.entry(path.clone()).or_default().extend(named);
            files
        })
    }

    /// The stack files that are in `changed`, or that name a file in it.
    fn concerned_by(&self, changed: &HashSet<&PathBytes>) -> Vec<PathBytes> {
        let concerned = self.named.iter().filter(|(path, named)| {
            changed.contains(path) || named.iter().any(|file| changed.contains(file))
        });
        concerned.map(|(path, _)| path.clone()).collect()
    }
}
