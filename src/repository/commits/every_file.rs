//! Every file of the whole history. Each content at each path is listed once.

use std::collections::{HashMap, HashSet};

use super::tags::TagMessage;
use super::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::id::ObjectId;
use crate::repository::objects::revision::CommitId;
use crate::repository::path::PathBytes;

/// A content at a path, with the oldest commit that has it.
#[derive(Debug, Clone)]
pub(crate) struct HistoricFile {
    pub path: PathBytes,
    /// The content.
    pub blob: BlobId,
    /// The oldest commit with this content; `None` if a tag leads to the file without a commit.
    pub commit: Option<CommitId>,
    /// True for a symbolic link, whose content is its target.
    pub is_link: bool,
}

/// All that can be reached from the references.
#[derive(Debug, Default)]
pub(crate) struct EveryFile {
    /// The commits, oldest first.
    pub commits: Vec<CommitId>,
    /// The annotated tags.
    pub tags: Vec<TagMessage>,
    /// The files; each content at each path is listed once.
    pub files: Vec<HistoricFile>,
    /// True if a tree contains a submodule.
    pub submodules: bool,
    /// The name of everything that could not be read, with the reason.
    pub unread: Vec<(String, RepositoryError)>,
}

/// Maximum number of files in one walk. Without a limit, a few small trees that contain each other many times could
/// stand for an unlimited number of paths.
const MAXIMUM_FILES: usize = 2_000_000;

/// The subtrees and files that were visited, with their paths. A tree that occurs at two paths is visited at both.
struct Seen {
    submodules: bool,
    trees: HashSet<(ObjectId, u32)>,
    files: HashSet<(ObjectId, u32)>,
    /// The number of each path, which saves memory: there are few paths, and each has many contents.
    paths: HashMap<Vec<u8>, u32>,
    /// Maximum number of files, and of subtrees.
    maximum: usize,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            submodules: false,
            trees: HashSet::new(),
            files: HashSet::new(),
            paths: HashMap::new(),
            maximum: MAXIMUM_FILES,
        }
    }
}

impl Seen {
    /// The number of a path.
    fn number(&mut self, path: &[u8]) -> u32 {
        if let Some(number) = self.paths.get(path) {
            return *number;
        }
        let number = u32::try_from(self.paths.len()).expect("because there are fewer than files");
        self.paths.insert(path.to_vec(), number);
        number
    }

    /// An error if there are too many files or subtrees to keep in memory.
    fn require_room(&self) -> Result<(), git2::Error> {
        if self.files.len() < self.maximum && self.trees.len() < self.maximum {
            return Ok(());
        }
        let told = format!("there are more than {} files or folders", self.maximum);
        Err(git2::Error::new(
            git2::ErrorCode::GenericError,
            git2::ErrorClass::Tree,
            told,
        ))
    }
}

impl<'repository> Commits<'repository> {
    /// Walks through everything that branches, tags and other references reach.
    pub(crate) fn every_file(self) -> Result<EveryFile, RepositoryError> {
        let mut history = EveryFile {
            commits: self.all_commits()?,
            ..EveryFile::default()
        };
        self.objects().fetch_trees(&history.commits)?;
        let mut seen = Seen::default();
        for &commit in &history.commits {
            let tree = self
                .git
                .find_commit(commit.0.into())
                .map(|found| found.tree_id());
            let walked = tree.and_then(|tree| {
                let path = &mut Vec::new();
                self.walk_tree(
                    tree.into(),
                    path,
                    Some(commit),
                    &mut seen,
                    &mut history.files,
                )
            });
            if let Err(source) = walked {
                let reading = RepositoryError::git(format!("reading the files of {commit}"));
                history.unread.push((commit.to_string(), reading(source)));
            }
        }
        for (name, target) in self.objects().references("refs/")? {
            if let Err(source) = self.add_named(&name, target, &mut seen, &mut history) {
                let reading = RepositoryError::git(format!("reading what {name} leads to"));
                history.unread.push((name, reading(source)));
            }
        }
        history.submodules = seen.submodules;
        Ok(history)
    }

    /// The objects that pushing `object` would send to `remote`, as far as this clone knows. `files` does not contain
    /// the files of the commits.
    pub(crate) fn pushed_files(
        self,
        object: &str,
        known: &str,
        remote: &str,
    ) -> Result<EveryFile, RepositoryError> {
        let reading = || RepositoryError::git(format!("reading {object}, which is to be pushed"));
        let mut pushed = EveryFile::default();
        let mut seen = Seen::default();
        let target = self.objects().named(object).map_err(reading())?;
        let commit = self
            .add_named(object, target, &mut seen, &mut pushed)
            .map_err(reading())?;
        if let Some(commit) = commit {
            pushed.commits = self.commits_to_push(commit, known, remote)?;
        }
        pushed.submodules = seen.submodules;
        Ok(pushed)
    }

    /// The files and links of `HEAD`, for a bare repository, which has no index.
    pub(crate) fn head_files(self) -> Result<Vec<HistoricFile>, RepositoryError> {
        let Some(tree) = self.objects().head_tree()? else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        let (path, seen) = (&mut Vec::new(), &mut Seen::default());
        self.walk_tree(tree.id().into(), path, None, seen, &mut files)
            .map_err(RepositoryError::git("reading the files of HEAD"))?;
        Ok(files)
    }

    /// Adds the annotated tags that `target` leads to, and the tree or blob behind them. A commit behind them is
    /// returned instead.
    fn add_named(
        self,
        name: &str,
        target: ObjectId,
        seen: &mut Seen,
        found: &mut EveryFile,
    ) -> Result<Option<CommitId>, git2::Error> {
        let (tags, object) = self.behind_tags(target)?;
        found.tags.extend(tags);
        match object.kind() {
            Some(git2::ObjectType::Commit) => return Ok(Some(CommitId(object.id().into()))),
            Some(git2::ObjectType::Tree) => {
                self.walk_tree(
                    object.id().into(),
                    &mut Vec::new(),
                    None,
                    seen,
                    &mut found.files,
                )?;
            }
            _ => found.files.push(HistoricFile {
                path: PathBytes::new(name),
                blob: BlobId(object.id().into()),
                commit: None,
                is_link: false,
            }),
        }
        Ok(None)
    }

    fn walk_tree(
        self,
        tree: ObjectId,
        path: &mut Vec<u8>,
        commit: Option<CommitId>,
        seen: &mut Seen,
        files: &mut Vec<HistoricFile>,
    ) -> Result<(), git2::Error> {
        let number = seen.number(path);
        if !seen.trees.insert((tree, number)) {
            return Ok(());
        }
        seen.require_room()?;
        let tree = self.git.find_tree(tree.into())?;
        let parent = path.len();
        for entry in &tree {
            path.extend_from_slice(entry.name_bytes());
            match entry.kind() {
                Some(git2::ObjectType::Tree) => {
                    path.push(b'/');
                    self.walk_tree(entry.id().into(), path, commit, seen, files)?;
                }
                Some(git2::ObjectType::Blob) => {
                    let file = (entry.id().into(), seen.number(path));
                    if !seen.files.contains(&file) {
                        seen.require_room()?;
                        files.push(HistoricFile {
                            path: PathBytes::new(path.clone()),
                            blob: BlobId(file.0),
                            commit,
                            is_link: entry.filemode() == i32::from(git2::FileMode::Link),
                        });
                        seen.files.insert(file);
                    }
                }
                Some(git2::ObjectType::Commit) => seen.submodules = true,
                _ => {}
            }
            path.truncate(parent);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::invented_history::InventedHistory;
    use super::*;

    #[test]
    fn an_id_is_the_same_whatever_memory_libgit2_has_read_it_into() {
        let invented = InventedHistory::new();
        let files: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|name| (name.as_str(), name.as_str()))
            .collect();
        let commit = invented.commit(&[], &files);
        invented.point("refs/heads/main", commit);
        let mut blobs = HashSet::new();
        for used in [0_u8, 0x55, 0xAA] {
            // libgit2 takes its memory from what is freed here. An id of SHA-1 leaves some of the bytes as they are.
            drop(
                (1..2_000)
                    .map(|length| vec![used; 8 * length])
                    .collect::<Vec<_>>(),
            );
            let repository = invented.repository();
            let history = repository.commits().every_file().expect("it is all here");
            blobs.extend(history.files.into_iter().map(|file| file.blob));
        }
        assert_eq!(blobs.len(), files.len());
    }

    #[test]
    fn trees_that_stand_for_too_many_files_are_refused() {
        let invented = InventedHistory::new();
        let files: Vec<String> = (0..10)
            .map(|number| format!("folder{number}/file"))
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|path| (path.as_str(), "same")).collect();
        let commit = invented.commit(&[], &files);
        let repository = invented.repository();
        let commits = repository.commits();
        let tree = repository.objects().tree(commit).expect("it is here").id();
        let walk = |maximum| {
            let mut seen = Seen {
                maximum,
                ..Seen::default()
            };
            let mut found = Vec::new();
            let walked =
                commits.walk_tree(tree.into(), &mut Vec::new(), None, &mut seen, &mut found);
            walked.map(|()| found.len())
        };
        assert_eq!(walk(12).ok(), Some(10));
        assert!(walk(9).is_err());
    }
}
