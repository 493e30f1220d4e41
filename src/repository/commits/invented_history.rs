//! A repository with a made-up history, for the tests of this room.

use tempfile::TempDir;

use crate::repository::Repository;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::revision::CommitId;

/// A bare repository in a temporary folder.
pub(super) struct InventedHistory {
    folder: TempDir,
    git: git2::Repository,
}

impl InventedHistory {
    /// A repository without any commit.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let git = git2::Repository::init_bare(folder.path()).expect("an empty folder");
        git.set_head("refs/heads/main").expect("a good name");
        Self { folder, git }
    }

    /// Commits a tree with exactly these files. Each has a path (with one folder at most) and a content.
    pub(super) fn commit(&self, parents: &[CommitId], files: &[(&str, &str)]) -> CommitId {
        let mut index = git2::Index::new().expect("memory for an index");
        for (path, content) in files {
            let entry = git2::IndexEntry {
                ctime: git2::IndexTime::new(0, 0),
                mtime: git2::IndexTime::new(0, 0),
                dev: 0,
                ino: 0,
                mode: 0o100_644,
                uid: 0,
                gid: 0,
                file_size: 0,
                id: self.git.blob(content.as_bytes()).expect("it is written"),
                flags: 0,
                flags_extended: 0,
                path: path.as_bytes().to_vec(),
            };
            index.add(&entry).expect("a good path");
        }
        let tree = index.write_tree_to(&self.git).expect("it is written");
        let tree = self.git.find_tree(tree).expect("it was just written");
        let author = git2::Signature::new("Test", "test@example.org", &git2::Time::new(1_000, 0));
        let author = author.expect("a good name");
        let found = parents.iter().map(|parent| {
            let commit = self.git.find_commit(parent.0.into());
            commit.expect("it was made here")
        });
        let parents: Vec<_> = found.collect();
        let parents: Vec<_> = parents.iter().collect();
        let id = self
            .git
            .commit(None, &author, &author, "commit", &tree, &parents);
        CommitId(id.expect("it is written").into())
    }

    /// Points a reference, such as `refs/heads/main`, to `commit`.
    pub(super) fn point(&self, reference: &str, commit: CommitId) {
        let made = self.git.reference(reference, commit.0.into(), true, "test");
        made.expect("a good name");
    }

    /// Writes a file in the Git directory, such as `MERGE_HEAD`.
    pub(super) fn note(&self, name: &str, text: &str) {
        std::fs::write(self.git.path().join(name), text).expect("it is written");
    }

    /// Opens the repository with the code under test.
    pub(super) fn repository(&self) -> Repository {
        Repository::open(self.folder.path()).expect("it is a repository")
    }

    /// The id of a blob with this content.
    pub(super) fn blob(content: &str) -> BlobId {
        BlobId::of_content(content.as_bytes())
    }
}
