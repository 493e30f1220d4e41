//! The distinct sets of `.gitattributes` in the history of a commit.
//!
//! A clone remembers what it has read of the history of `HEAD`, so only new commits are read. Each tree is read once.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use super::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::files::door::{read_below, write_below};
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::id::ObjectId;
use crate::repository::objects::revision::CommitId;
use crate::repository::path::{ATTRIBUTES_FILE, PathBytes};

/// Maximum depth of folders that are searched.
const DEEPEST: usize = 256;
/// The file in which a clone remembers the states, relative to Git's common directory.
const MEMORY: &str = "hs-secrets/attribute-states";
/// Maximum size of the memory in bytes.
const LARGEST_MEMORY: u64 = 64 << 20;
/// First line of the memory, which names its format.
const MEMORY_HEADING: &str = "attribute states, version 1";

/// All `.gitattributes` of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttributeState {
    /// The newest known commit that has them.
    pub commit: CommitId,
    /// Their paths and contents, sorted by path.
    pub files: Vec<(PathBytes, BlobId)>,
}

/// The states in the history of a commit.
#[derive(Debug, Default)]
pub(crate) struct AttributeHistory {
    /// Each state once, newest first.
    pub states: Vec<AttributeState>,
    /// True if every commit that this clone has was read.
    pub complete: bool,
}

type Files = Rc<Vec<(Vec<u8>, ObjectId)>>;

impl<'repository> Commits<'repository> {
    /// The states of the `.gitattributes` in the history of `tip`, newest first. Reads at most `most` new commits.
    pub(crate) fn attribute_states(
        self,
        tip: CommitId,
        most: usize,
    ) -> Result<AttributeHistory, RepositoryError> {
        let remembered = self.remembered_states(tip, most);
        let known = remembered.as_ref().map(|(known, _)| *known);
        let mut history = self.new_states(tip, known, most)?;
        if let Some((_, old)) = remembered {
            let mut seen: HashSet<Vec<(PathBytes, BlobId)>> = HashSet::new();
            history.states.extend(old.states);
            history
                .states
                .retain(|state| seen.insert(state.files.clone()));
            history.complete &= old.complete;
        }
        // Nothing is remembered of a shallow clone, which may get earlier commits later.
        if known != Some(tip) && !self.is_shallow() && self.objects().head_commit()? == Some(tip) {
            // If writing fails, the next call takes longer but finds the same.
            let memory = written(tip, &history);
            let _ = write_below(self.git.commondir(), Path::new(MEMORY), &memory);
        }
        Ok(history)
    }

    fn new_states(
        self,
        head: CommitId,
        known: Option<CommitId>,
        most: usize,
    ) -> Result<AttributeHistory, RepositoryError> {
        let reading = || RepositoryError::git("reading the history of .gitattributes");
        let mut walk = self.git.revwalk().map_err(reading())?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL)
            .map_err(reading())?;
        walk.push(head.0.into()).map_err(reading())?;
        if let Some(known) = known {
            walk.hide(known.0.into()).map_err(reading())?;
        }
        if self.objects().is_partial()? {
            let hidden: Vec<CommitId> = known.into_iter().collect();
            let mut commits = self.walk(&[head], &hidden).map_err(reading())?;
            commits.drain(..commits.len().saturating_sub(most));
            self.objects().fetch_trees(&commits)?;
        }
        let mut trees = HashMap::new();
        let mut seen: HashSet<Files> = HashSet::new();
        let mut history = AttributeHistory {
            states: Vec::new(),
            complete: true,
        };
        for (number, id) in walk.enumerate() {
            if number == most {
                history.complete = false;
                break;
            }
            let id = id.map_err(reading())?;
            let commit = self.git.find_commit(id).map_err(reading())?;
            let files = self
                .attribute_files(commit.tree_id().into(), 0, &mut trees)
                .map_err(reading())?;
            if seen.insert(Rc::clone(&files)) {
                let files = files.iter();
                let files = files.map(|(path, blob)| (PathBytes::new(path.clone()), BlobId(*blob)));
                history.states.push(AttributeState {
                    commit: CommitId(id.into()),
                    files: files.collect(),
                });
            }
        }
        Ok(history)
    }

    /// The `.gitattributes` in a tree, sorted by path.
    fn attribute_files(
        self,
        tree: ObjectId,
        depth: usize,
        trees: &mut HashMap<ObjectId, Files>,
    ) -> Result<Files, git2::Error> {
        if let Some(files) = trees.get(&tree) {
            return Ok(Rc::clone(files));
        }
        let regular = [git2::FileMode::Blob, git2::FileMode::BlobExecutable].map(i32::from);
        let mut files = Vec::new();
        for entry in &self.git.find_tree(tree.into())? {
            let name = entry.name_bytes();
            // Git does not follow a symbolic link to attributes.
            if name == ATTRIBUTES_FILE && regular.contains(&entry.filemode()) {
                files.push((name.to_vec(), entry.id().into()));
            } else if entry.filemode() == i32::from(git2::FileMode::Tree) && depth < DEEPEST {
                let below = self.attribute_files(entry.id().into(), depth + 1, trees)?;
                let below = below.iter();
                files.extend(below.map(|(path, blob)| ([name, path].join(&b'/'), *blob)));
            }
        }
        files.sort();
        let files = Rc::new(files);
        trees.insert(tree, Rc::clone(&files));
        Ok(files)
    }

    /// The remembered states, with the commit up to which they were read. `None` if that commit is not an ancestor of
    /// `head`. `None`, too, if only a part of the history was read then, and all of it is wanted now.
    fn remembered_states(
        self,
        head: CommitId,
        most: usize,
    ) -> Option<(CommitId, AttributeHistory)> {
        let text = read_below(self.git.commondir(), Path::new(MEMORY), LARGEST_MEMORY);
        let (tip, history) = read(&text.ok()??)?;
        let leads_here = tip == head || self.objects().is_before(tip, head).unwrap_or(false);
        (leads_here && (history.complete || most < usize::MAX)).then_some((tip, history))
    }
}

/// The text that is remembered: a heading, then the tip, then each state with its commit and files. NUL ends each record.
fn written(tip: CommitId, history: &AttributeHistory) -> Vec<u8> {
    let mut text = format!("{MEMORY_HEADING}\0{tip} {}\0", history.complete).into_bytes();
    for state in &history.states {
        text.extend(format!("{}\0", state.commit).bytes());
        for (path, blob) in &state.files {
            text.extend(format!("{blob} ").bytes());
            text.extend_from_slice(path.as_bytes());
            text.push(0);
        }
    }
    text
}

fn read(text: &[u8]) -> Option<(CommitId, AttributeHistory)> {
    let mut records = text.strip_suffix(b"\0")?.split(|&byte| byte == 0);
    if records.next()? != MEMORY_HEADING.as_bytes() {
        return None;
    }
    let id = |text: &[u8]| ObjectId::parse(std::str::from_utf8(text).ok()?);
    let (tip, complete) = split(records.next()?)?;
    let mut history = AttributeHistory {
        states: Vec::new(),
        complete: complete == b"true",
    };
    for record in records {
        match split(record) {
            None => history.states.push(AttributeState {
                commit: CommitId(id(record)?),
                files: Vec::new(),
            }),
            Some((blob, path)) => {
                let state = history.states.last_mut()?;
                state.files.push((PathBytes::new(path), BlobId(id(blob)?)));
            }
        }
    }
    Some((CommitId(id(tip)?), history))
}

/// Splits at the first space.
fn split(record: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = record.iter().position(|&byte| byte == b' ')?;
    Some((&record[..blank], &record[blank + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_back_and_what_is_broken_is_not() {
        let blob = BlobId::of_content(b"* filter=git-crypt\n");
        let commit = CommitId(BlobId::of_content(b"a commit").0);
        let history = AttributeHistory {
            states: vec![AttributeState {
                commit,
                files: vec![(PathBytes::new("a b\nc/.gitattributes"), blob)],
            }],
            complete: true,
        };
        let text = written(commit, &history);
        let (tip, back) = read(&text).expect("as it was written");
        assert_eq!(tip, commit);
        assert_eq!(back.states, history.states);
        assert!(back.complete);
        for broken in [&text[..text.len() - 1], &text[1..], b"", b"\0\0\0"] {
            assert!(read(broken).is_none());
        }
    }
}
