//! Lists the files and messages that a scope names, as Git stores them.

use std::collections::{HashMap, HashSet};

use super::scope::Scope;
use super::stored::Stored;
use crate::leaks::LeakError;
use crate::leaks::report::finding::{Gap, printable};
use crate::repository::{
    BlobId, Changes, CommitId, HistoricFile, PathBytes, Repository, TagMessage,
};

/// A content at a path.
#[derive(Debug)]
pub(in crate::leaks) struct Target {
    pub(in crate::leaks) path: PathBytes,
    pub(in crate::leaks) blob: BlobId,
    /// The contents that the parents have at this path. Only lines that none of them has are checked.
    pub(in crate::leaks) before: Vec<BlobId>,
    /// Earlier contents at this path, which may have been encrypted.
    pub(in crate::leaks) past: Vec<BlobId>,
    pub(in crate::leaks) commit: Option<CommitId>,
    /// True if the content was already met at another path. Only the path is then looked at.
    pub(in crate::leaks) repeated: bool,
    /// True for a symbolic link, whose content is its target.
    pub(in crate::leaks) is_link: bool,
}

/// Everything that a scope names.
#[derive(Debug, Default)]
pub(in crate::leaks) struct Targets {
    pub(in crate::leaks) files: Vec<Target>,
    pub(in crate::leaks) messages: Vec<CommitId>,
    pub(in crate::leaks) tags: Vec<TagMessage>,
    /// The names under which branches and tags are pushed.
    pub(in crate::leaks) references: Vec<String>,
    /// The message of a commit that is not made yet.
    pub(in crate::leaks) draft: Option<Vec<u8>>,
    /// Files that a change removed. A renamed file is recognised by their content.
    pub(in crate::leaks) removed: Vec<(PathBytes, BlobId)>,
    pub(in crate::leaks) submodules: usize,
    pub(in crate::leaks) gaps: Vec<Gap>,
}

impl Target {
    fn new(path: PathBytes, blob: BlobId, is_link: bool) -> Self {
        Self {
            path,
            blob,
            before: Vec::new(),
            past: Vec::new(),
            commit: None,
            repeated: false,
            is_link,
        }
    }

    fn historic(file: HistoricFile) -> Self {
        Self {
            commit: file.commit,
            ..Self::new(file.path, file.blob, file.is_link)
        }
    }
}

impl Targets {
    /// Lists what `scope` names. `stored` is everything in the index.
    pub(in crate::leaks) fn of(
        scope: &Scope,
        repository: &Repository,
        stored: &Stored,
    ) -> Result<Self, LeakError> {
        match scope {
            Scope::Staged => {
                let mut targets = Self::default();
                targets.add_changes(repository.index().changes()?, None);
                Ok(targets)
            }
            Scope::All => {
                let mut targets = Self::of_index(stored, |_| true);
                if repository.work_tree().top().is_some() {
                    targets.remember_head(repository, |_| true)?;
                    targets.submodules = repository.index().submodules()?.len();
                }
                Ok(targets)
            }
            Scope::Files(paths) => {
                let mut targets = Self::of_index(stored, |path| paths.contains(path));
                targets.remember_head(repository, |path| paths.contains(path))?;
                let submodules = repository.index().submodules()?;
                targets.submodules = submodules
                    .iter()
                    .filter(|path| paths.contains(path))
                    .count();
                Ok(targets)
            }
            Scope::Range(range) => {
                Self::of_commits(repository, repository.commits().in_range(range)?)
            }
            Scope::Pushed { remote, references } => {
                let mut commits = Vec::new();
                let mut beside = Self::default();
                let mut seen = HashSet::new();
                for reference in references {
                    if let Some(object) = &reference.commit {
                        beside.references.push(reference.name.clone());
                        let new =
                            repository
                                .commits()
                                .pushed_files(object, &reference.known, remote)?;
                        commits.extend(new.commits.into_iter().filter(|id| seen.insert(*id)));
                        beside
                            .files
                            .extend(new.files.into_iter().map(Target::historic));
                        beside.tags.extend(new.tags);
                        beside.submodules += usize::from(new.submodules);
                    }
                }
                let mut targets = Self::of_commits(repository, commits)?;
                targets.files.extend(beside.files);
                targets.tags = beside.tags;
                targets.references = beside.references;
                targets.submodules += beside.submodules;
                Ok(targets)
            }
            Scope::Commits(commits) => Self::of_commits(repository, commits.clone()),
            Scope::History => Self::of_history(repository, stored),
            Scope::Message(message) => Ok(Self {
                draft: Some(message.clone()),
                ..Self::default()
            }),
        }
    }

    /// Number of files and messages.
    pub(in crate::leaks) fn number(&self) -> usize {
        let drafts = usize::from(self.draft.is_some());
        self.files.len() + self.messages.len() + self.tags.len() + drafts
    }

    fn of_index(stored: &Stored, named: impl Fn(&PathBytes) -> bool) -> Self {
        let kinds = [(&stored.files, false), (&stored.links, true)];
        let all = kinds.into_iter().flat_map(|(entries, is_link)| {
            let entries = entries.iter().filter(|(path, _)| named(path));
            entries.map(move |(path, blob)| Target::new(path.clone(), *blob, is_link))
        });
        Self {
            files: all.collect(),
            ..Self::default()
        }
    }

    /// Looks up the contents in `HEAD` of the files that changed since, and which files were removed. Files in conflict become gaps.
    fn remember_head(
        &mut self,
        repository: &Repository,
        named: impl Fn(&PathBytes) -> bool,
    ) -> Result<(), LeakError> {
        let changes = repository.index().changes()?;
        let mut past: HashMap<PathBytes, Vec<BlobId>> = HashMap::new();
        for change in changes.changed {
            past.insert(change.path, change.before);
        }
        for target in &mut self.files {
            target.past = past.remove(&target.path).unwrap_or_default();
        }
        self.removed = changes.removed;
        self.gaps
            .extend(conflicts(changes.conflicts.into_iter().filter(named)));
        Ok(())
    }

    fn of_commits(repository: &Repository, commits: Vec<CommitId>) -> Result<Self, LeakError> {
        let mut targets = Self::default();
        for &commit in &commits {
            targets.add_changes(repository.commits().changes(commit)?, Some(commit));
        }
        let mut seen = HashSet::new();
        targets
            .files
            .retain(|target| seen.insert((target.path.clone(), target.blob)));
        targets.messages = commits;
        Ok(targets)
    }

    fn of_history(repository: &Repository, stored: &Stored) -> Result<Self, LeakError> {
        let mut history = repository.commits().every_file()?;
        let mut targets = Self {
            messages: history.commits,
            tags: history.tags,
            submodules: usize::from(history.submodules),
            ..Self::default()
        };
        if repository.commits().is_shallow() {
            targets.gaps.push(Gap::of_shallow_clone());
        }
        targets
            .gaps
            .extend(history.unread.into_iter().map(|(what, error)| Gap {
                what,
                reason: error.to_string(),
            }));
        // A content that occurs at several paths is looked at under its present path, if it has one.
        let now: HashSet<(&PathBytes, BlobId)> = stored
            .files
            .iter()
            .map(|(path, blob)| (path, *blob))
            .collect();
        history
            .files
            .sort_by_cached_key(|file| !now.contains(&(&file.path, file.blob)));
        let mut seen = HashSet::new();
        targets
            .files
            .extend(history.files.into_iter().map(|file| Target {
                repeated: !seen.insert(file.blob),
                ..Target::historic(file)
            }));
        // Versions of the same file are close to each other in a pack, so reading them in sequence is fast.
        targets
            .files
            .sort_by(|one, other| one.path.cmp(&other.path));
        Ok(targets)
    }

    fn add_changes(&mut self, changes: Changes, commit: Option<CommitId>) {
        self.files
            .extend(changes.changed.into_iter().map(|change| Target {
                past: change.before.clone(),
                before: change.before,
                commit,
                ..Target::new(change.path, change.blob, change.is_link)
            }));
        self.removed.extend(changes.removed);
        self.gaps.extend(conflicts(changes.conflicts.into_iter()));
        self.submodules += changes.submodules.len();
    }
}

fn conflicts(paths: impl Iterator<Item = PathBytes>) -> Vec<Gap> {
    let gap = |path: PathBytes| Gap {
        what: printable(&path),
        reason: "it is in conflict; resolve it and `git add` it first".into(),
    };
    paths.map(gap).collect()
}
