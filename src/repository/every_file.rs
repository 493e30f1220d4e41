//! Every file of the whole history once, however many commits have it.

use std::collections::HashSet;

use super::blobs::BlobId;
use super::index::PathBytes;
use super::open::{Repository, RepositoryError};
use super::revision::CommitId;

/// A content at a path, and the oldest commit that has it there.
#[derive(Debug, Clone)]
pub struct HistoricFile {
    /// Where it lies.
    pub path: PathBytes,
    /// The content.
    pub blob: BlobId,
    /// The first commit with it.
    pub commit: CommitId,
}

/// What the references reach.
#[derive(Debug, Default)]
pub struct EveryFile {
    /// Its commits, oldest first.
    pub commits: Vec<CommitId>,
    /// Its files, each content at each path once.
    pub files: Vec<HistoricFile>,
    /// True where there were submodules on the way.
    pub submodules: bool,
    /// Commits of which a tree is missing, and why.
    pub unread: Vec<(CommitId, RepositoryError)>,
}

/// Subtrees and files seen so far, with their paths: the same tree under another name is looked at again.
#[derive(Default)]
struct Seen {
    submodules: bool,
    trees: HashSet<(git2::Oid, Vec<u8>)>,
    files: HashSet<(git2::Oid, Vec<u8>)>,
}

impl Repository {
    /// Walks through everything that branches, tags and other references reach.
    pub fn every_file(&self) -> Result<EveryFile, RepositoryError> {
        let mut history = EveryFile {
            commits: self.all_commits()?,
            ..EveryFile::default()
        };
        let mut seen = Seen::default();
        for &commit in &history.commits {
            let tree = self.git.find_commit(commit.0).map(|found| found.tree_id());
            let walked = tree.and_then(|tree| {
                self.walk_tree(tree, &mut Vec::new(), commit, &mut seen, &mut history.files)
            });
            if let Err(source) = walked {
                let reading = RepositoryError::git(format!("reading the files of {commit}"));
                history.unread.push((commit, reading(source)));
            }
        }
        history.submodules = seen.submodules;
        Ok(history)
    }

    /// The regular files of `HEAD`, for a bare repository, which has no index.
    pub fn head_files(&self) -> Result<Vec<(PathBytes, BlobId)>, RepositoryError> {
        let Some(tree) = self.head_tree()? else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        // The commit does not matter: only paths and blobs are kept.
        let commit = CommitId(tree.id());
        self.walk_tree(
            tree.id(),
            &mut Vec::new(),
            commit,
            &mut Seen::default(),
            &mut files,
        )
        .map_err(RepositoryError::git("reading the files of HEAD"))?;
        Ok(files
            .into_iter()
            .map(|file| (file.path, file.blob))
            .collect())
    }

    fn walk_tree(
        &self,
        tree: git2::Oid,
        path: &mut Vec<u8>,
        commit: CommitId,
        seen: &mut Seen,
        files: &mut Vec<HistoricFile>,
    ) -> Result<(), git2::Error> {
        if !seen.trees.insert((tree, path.clone())) {
            return Ok(());
        }
        let tree = self.git.find_tree(tree)?;
        let parent = path.len();
        for entry in &tree {
            path.extend_from_slice(entry.name_bytes());
            match entry.kind() {
                Some(git2::ObjectType::Tree) => {
                    path.push(b'/');
                    self.walk_tree(entry.id(), path, commit, seen, files)?;
                }
                Some(git2::ObjectType::Blob) if entry.filemode() != SYMLINK => {
                    let file = (entry.id(), path.clone());
                    if !seen.files.contains(&file) {
                        files.push(HistoricFile {
                            path: PathBytes::new(file.1.clone()),
                            blob: BlobId(file.0),
                            commit,
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

const SYMLINK: i32 = 0o120_000;
