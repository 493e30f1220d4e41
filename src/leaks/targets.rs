//! What to look at: the files and messages that a scope names, as Git stores them.

use std::collections::{HashMap, HashSet};

use super::LeakError;
use super::report::finding::Gap;
use crate::repository::{
    BlobId, Changes, CommitId, CommitRange, HistoricFile, PathBytes, Repository, RepositoryError,
    TagMessage,
};

/// What a check is about.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// What the next commit would bring in.
    Staged,
    /// The whole index; in a bare repository, all of `HEAD`.
    All,
    /// These files, as the index has them.
    Files(HashSet<PathBytes>),
    /// Every commit of a range.
    Range(CommitRange),
    /// What a push to this remote would send.
    Pushed {
        /// The remote's name, or its URL where it has none.
        remote: String,
        /// The references, as Git lists them to its pre-push hook.
        references: Vec<PushedReference>,
    },
    /// Everything that any reference reaches.
    History,
    /// A message before there is a commit.
    Message(Vec<u8>),
}

/// A line that Git gives to a pre-push hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushedReference {
    /// The commit that is pushed; none where a reference is deleted.
    pub commit: Option<String>,
    /// What the remote has there now.
    pub known: String,
}

/// A content at a path.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) path: PathBytes,
    pub(super) blob: BlobId,
    /// What the parents have at this path: only lines that none of them has are looked at.
    pub(super) before: Vec<BlobId>,
    /// What it may have been encrypted as.
    pub(super) past: Vec<BlobId>,
    pub(super) commit: Option<CommitId>,
    /// The content was met before at another path; only its path is looked at.
    pub(super) repeated: bool,
    /// A symbolic link: the content is its target.
    pub(super) is_link: bool,
}

/// Everything that a scope names.
#[derive(Debug, Default)]
pub(super) struct Targets {
    pub(super) files: Vec<Target>,
    pub(super) messages: Vec<CommitId>,
    pub(super) tags: Vec<TagMessage>,
    /// A message that is no commit's yet.
    pub(super) draft: Option<Vec<u8>>,
    /// Files that are gone, by whose content renamed ones are known.
    pub(super) removed: Vec<(PathBytes, BlobId)>,
    pub(super) submodules: usize,
    pub(super) gaps: Vec<Gap>,
}

impl PushedReference {
    /// Reads `<local ref> <local id> <remote ref> <remote id>`.
    pub(crate) fn parse(line: &str) -> Result<Self, LeakError> {
        let bad = || LeakError::BadPushLine {
            line: line.to_owned(),
        };
        let fields: Vec<&str> = line.split(' ').collect();
        let [_, commit, _, known] = fields[..] else {
            return Err(bad());
        };
        if commit.is_empty() {
            return Err(bad());
        }
        let deleted = commit.bytes().all(|digit| digit == b'0');
        Ok(Self {
            commit: (!deleted).then(|| commit.to_owned()),
            known: known.to_owned(),
        })
    }
}

/// Everything that Git has stored for the next commit; in a bare repository, for the last one.
pub(super) struct Stored {
    pub(super) files: Vec<(PathBytes, BlobId)>,
    /// Symbolic links, whose blobs hold their targets.
    pub(super) links: Vec<(PathBytes, BlobId)>,
}

impl Stored {
    pub(super) fn of(repository: &Repository) -> Result<Self, RepositoryError> {
        if repository.work_tree().top().is_none() {
            let all = repository.commits().head_files()?.into_iter();
            let (links, files): (Vec<_>, Vec<_>) = all.partition(|file| file.is_link);
            let pair = |file: HistoricFile| (file.path, file.blob);
            return Ok(Self {
                files: files.into_iter().map(pair).collect(),
                links: links.into_iter().map(pair).collect(),
            });
        }
        let entries = repository.index().entries()?.into_iter();
        Ok(Self {
            files: entries.map(|entry| (entry.path, entry.blob)).collect(),
            links: repository.index().links()?,
        })
    }
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
    /// Lists what `scope` names; `stored` is everything in the index.
    pub(super) fn of(
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
                targets.submodules += beside.submodules;
                Ok(targets)
            }
            Scope::History => Self::of_history(repository),
            Scope::Message(message) => Ok(Self {
                draft: Some(message.clone()),
                ..Self::default()
            }),
        }
    }

    /// Number of files and messages.
    pub(super) fn number(&self) -> usize {
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

    /// Looks up what changed since `HEAD`, for what was encrypted there; what is in conflict can't be told.
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

    fn of_history(repository: &Repository) -> Result<Self, LeakError> {
        let history = repository.commits().every_file()?;
        let mut targets = Self {
            messages: history.commits,
            tags: history.tags,
            submodules: usize::from(history.submodules),
            ..Self::default()
        };
        if repository.commits().is_shallow() {
            targets.gaps.push(Gap {
                what: "the history".into(),
                reason:
                    "this is a shallow clone, older commits are not here (`git fetch --unshallow`)"
                        .into(),
            });
        }
        targets
            .gaps
            .extend(history.unread.into_iter().map(|(what, error)| Gap {
                what,
                reason: error.to_string(),
            }));
        let mut seen = HashSet::new();
        targets
            .files
            .extend(history.files.into_iter().map(|file| Target {
                repeated: !seen.insert(file.blob),
                ..Target::historic(file)
            }));
        // Neighbours in a pack are mostly versions of one file, and cheap to read one after the other.
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
        what: super::report::finding::printable(&path),
        reason: "it is in conflict; resolve it and `git add` it first".into(),
    };
    paths.map(gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_push_names_an_object_or_a_deletion() {
        let zeros = "0".repeat(40);
        let line = format!("refs/heads/a abc refs/heads/b {zeros}");
        let reference = PushedReference::parse(&line).expect("as Git writes it");
        assert_eq!(reference.commit.as_deref(), Some("abc"));
        let line = format!("(delete) {zeros} refs/heads/b abc");
        let reference = PushedReference::parse(&line).expect("as Git writes it");
        assert_eq!(reference.commit, None);
        // With nothing to look at, nothing would be found.
        for line in ["", "a b c", "a  b c", "a b c d e"] {
            assert!(PushedReference::parse(line).is_err(), "{line}");
        }
    }
}
