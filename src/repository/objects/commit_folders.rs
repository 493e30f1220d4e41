//! The folders of one commit. Each is read once, however many paths are asked for.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::blobs::Objects;
use super::id::ObjectId;
use super::revision::{CommitId, TreeEntry, kind};
use crate::repository::error::RepositoryError;

/// The folders of one commit, for asking about many paths of large folders. For a single path, [`Objects`] are faster.
pub(crate) struct CommitFolders {
    commit: CommitId,
    root: ObjectId,
    read: RefCell<HashMap<ObjectId, Rc<Folder>>>,
}

/// The entries of a folder: name, id, kind.
type Folder = HashMap<Vec<u8>, (ObjectId, TreeEntry)>;

impl CommitFolders {
    /// The folders of `commit`.
    pub(crate) fn new(objects: Objects<'_>, commit: CommitId) -> Result<Self, RepositoryError> {
        Ok(Self {
            commit,
            root: objects.tree(commit)?.id().into(),
            read: RefCell::default(),
        })
    }

    pub(crate) fn commit(&self) -> CommitId {
        self.commit
    }

    /// The entry at `path`, which is relative to the top and has `/` between its parts; the empty path is the top.
    /// `objects` must be those of the repository that has the commit.
    pub(crate) fn entry(
        &self,
        objects: Objects<'_>,
        path: &str,
    ) -> Result<Option<TreeEntry>, RepositoryError> {
        let (mut id, mut entry) = (self.root, TreeEntry::Directory);
        for part in path.split('/').filter(|_| !path.is_empty()) {
            if entry != TreeEntry::Directory {
                return Ok(None);
            }
            match self.folder(objects, id)?.get(part.as_bytes()) {
                Some(&found) => (id, entry) = found,
                None => return Ok(None),
            }
        }
        Ok(Some(entry))
    }

    fn folder(&self, objects: Objects<'_>, id: ObjectId) -> Result<Rc<Folder>, RepositoryError> {
        if let Some(known) = self.read.borrow().get(&id) {
            return Ok(Rc::clone(known));
        }
        let reading = format!("reading a folder of the commit {}", self.commit);
        let tree = objects.read_or_fetch(id, &reading, || objects.git.find_tree(id.into()))?;
        let entries = tree.iter();
        let folder: Folder = entries
            .map(|entry| {
                (
                    entry.name_bytes().to_vec(),
                    (entry.id().into(), kind(&entry)),
                )
            })
            .collect();
        let folder = Rc::new(folder);
        self.read.borrow_mut().insert(id, Rc::clone(&folder));
        Ok(folder)
    }
}
