//! The attributes that the `.gitattributes` of one tree alone give: `.git/info/attributes` and the files of user and
//! system are ignored.
//!
//! Git answers, in an empty repository in a temporary folder, whose index holds only the `.gitattributes` of the tree.
//! (`git check-attr --source` came with Git 2.40, and also reads `.git/info/attributes`.)

use std::cell::RefCell;

use super::encryption::Encryption;
use super::reader::{AttributeReader, ENCRYPTION};
use super::temporary_folder::TemporaryFolder;
use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::{BlobId, Objects};
use crate::repository::objects::id::ObjectId;
use crate::repository::path::{ATTRIBUTES_FILE, PathBytes};

/// Maximum length in bytes of a `.gitattributes`. Real ones have a few hundred bytes.
const MAXIMUM_LENGTH: u64 = 4 << 20;
/// Setting that the temporary repository copies from the real one: whether patterns ignore case.
const IGNORE_CASE: &str = "core.ignorecase";

/// The attributes that a tree gives to paths.
pub(crate) struct TreeAttributes {
    /// `None` if the tree has no `.gitattributes`.
    reader: Option<RefCell<AttributeReader>>,
    /// The temporary repository. It is removed after the reader has ended.
    _folder: Option<TemporaryFolder>,
}

impl TreeAttributes {
    pub(super) fn of_tree(
        objects: Objects<'_>,
        tree: &git2::Tree<'_>,
    ) -> Result<Self, RepositoryError> {
        let mut files = Vec::new();
        let regular = [git2::FileMode::Blob, git2::FileMode::BlobExecutable].map(i32::from);
        tree.walk(git2::TreeWalkMode::PreOrder, |parents, entry| {
            // Git does not follow a symbolic link to attributes.
            if entry.name_bytes() == ATTRIBUTES_FILE && regular.contains(&entry.filemode()) {
                let path = [parents.as_bytes(), ATTRIBUTES_FILE].concat();
                files.push((PathBytes::new(path), BlobId(entry.id().into())));
            }
            git2::TreeWalkResult::Ok
        })
        .map_err(RepositoryError::git("looking for .gitattributes"))?;
        Self::of_files(objects, files)
    }

    pub(super) fn of_files(
        objects: Objects<'_>,
        files: Vec<(PathBytes, BlobId)>,
    ) -> Result<Self, RepositoryError> {
        if files.is_empty() {
            return Ok(Self {
                reader: None,
                _folder: None,
            });
        }
        let (git, program) = (objects.git, objects.program);
        let temporary = std::env::temp_dir();
        let folder = TemporaryFolder::create_in(&temporary)
            .map_err(RepositoryError::file("creating a folder in", &temporary))?;
        let index = folder.join("index");
        let mut options = git2::RepositoryInitOptions::new();
        options
            .bare(true)
            .external_template(false)
            .object_format(git.object_format());
        let alone = git2::Repository::init_opts(&*folder, &options)
            .map_err(RepositoryError::git("creating a repository for attributes"))?;
        write_index(objects, &alone, &index, files)?;
        let ignore_case = git
            .config()
            .and_then(|config| config.get_bool(IGNORE_CASE))
            .unwrap_or(false);
        let mut command = program.command_with(
            &[
                format!("{IGNORE_CASE}={ignore_case}"),
                "core.attributesFile=/dev/null".to_owned(),
                "attr.tree=".to_owned(),
            ],
            "check-attr",
        );
        command
            .current_dir(&*folder)
            .env("GIT_DIR", &*folder)
            .env("GIT_INDEX_FILE", &index)
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        for variable in REDIRECTING_VARIABLES {
            command.env_remove(variable);
        }
        let reader = AttributeReader::start(command, &["--cached"], ENCRYPTION)?;
        Ok(Self {
            reader: Some(RefCell::new(reader)),
            _folder: Some(folder),
        })
    }

    /// The encryption of `path` (from the top of the tree); `None` if it is not to be encrypted.
    pub(crate) fn encryption_of(
        &self,
        path: &PathBytes,
    ) -> Result<Option<Encryption>, RepositoryError> {
        Ok(self.encryptions([path])?.pop().flatten())
    }

    /// The encryption of each of `paths`, in their order; `None` for those that are not to be encrypted.
    pub(crate) fn encryptions<'path>(
        &self,
        paths: impl IntoIterator<Item = &'path PathBytes>,
    ) -> Result<Vec<Option<Encryption>>, RepositoryError> {
        match &self.reader {
            Some(reader) => reader.borrow_mut().ask(paths, |answer| answer.encryption()),
            None => Ok(paths.into_iter().map(|_| None).collect()),
        }
    }
}

/// Environment variables that would make Git use another repository or other attributes.
const REDIRECTING_VARIABLES: [&str; 7] = [
    "GIT_ATTR_SOURCE",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG_COUNT",
    "GIT_NAMESPACE",
];

/// Copies `files` into the temporary repository `alone`, and lists them in its index.
fn write_index(
    objects: Objects<'_>,
    alone: &git2::Repository,
    index: &std::path::Path,
    files: Vec<(PathBytes, BlobId)>,
) -> Result<(), RepositoryError> {
    objects.fetch_blobs(files.iter().map(|(_, blob)| *blob))?;
    let mut entries = git2::Index::open_ext(index, objects.git.object_format())
        .map_err(RepositoryError::git("creating an index for attributes"))?;
    for (path, blob) in files {
        let copying = || RepositoryError::git(format!("copying {path}"));
        let length = objects.blob_len(blob)?;
        if length > MAXIMUM_LENGTH {
            return Err(RepositoryError::TooLong {
                path: path.to_path().to_owned(),
                maximum: MAXIMUM_LENGTH,
            });
        }
        let content = objects.blob(blob)?;
        let id = alone.blob(content.content()).map_err(copying())?;
        let entry = listed(&path, id.into(), content.content().len());
        entries.add(&entry).map_err(copying())?;
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "an index of our own, in a temporary folder"
    )]
    entries
        .write()
        .map_err(RepositoryError::git("writing an index for attributes"))
}

fn listed(path: &PathBytes, id: ObjectId, length: usize) -> git2::IndexEntry {
    let never = git2::IndexTime::new(0, 0);
    git2::IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: u32::from(git2::FileMode::Blob),
        uid: 0,
        gid: 0,
        file_size: u32::try_from(length).unwrap_or(u32::MAX),
        id: id.into(),
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::format::KeyName;
    use crate::repository::Repository;
    use crate::repository::objects::revision::CommitId;

    const FILE: u32 = 0o100_644;
    const LINK: u32 = 0o120_000;

    /// A repository with one commit of these files: mode, path, content.
    fn committed(files: &[(u32, &str, &str)]) -> (TempDir, Repository, CommitId) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let git = git2::Repository::init(folder.path()).expect("an empty folder");
        let mut index = git2::Index::new().expect("memory");
        for (mode, path, content) in files {
            let id = git.blob(content.as_bytes()).expect("it is stored");
            let mut entry = listed(&PathBytes::new(*path), id.into(), content.len());
            entry.mode = *mode;
            index.add(&entry).expect("a good path");
        }
        let tree = index.write_tree_to(&git).expect("it is stored");
        let tree = git.find_tree(tree).expect("it was just written");
        let author = git2::Signature::now("Test", "test@example.org").expect("a good name");
        let commit = git
            .commit(Some("HEAD"), &author, &author, "commit", &tree, &[])
            .expect("it is stored");
        let repository = Repository::open(folder.path()).expect("it is a repository");
        (folder, repository, CommitId(commit.into()))
    }

    fn keys(attributes: &TreeAttributes, paths: &[&str]) -> Vec<Option<KeyName>> {
        let paths: Vec<PathBytes> = paths.iter().map(|path| PathBytes::new(*path)).collect();
        let encryptions = attributes.encryptions(&paths).expect("git answers");
        let keys = encryptions.into_iter().map(|found| Some(found?.key));
        keys.collect()
    }

    #[test]
    fn what_is_not_in_the_tree_changes_nothing() {
        let (folder, repository, commit) = committed(&[
            (
                FILE,
                ".gitattributes",
                "*.key filter=git-crypt diff=git-crypt\n",
            ),
            (
                FILE,
                "low/.gitattributes",
                "*.key filter=git-crypt-low\nopen.key !filter\n",
            ),
            (LINK, "link/.gitattributes", "*.txt filter=git-crypt"),
            (FILE, "a.key", "secret"),
        ]);
        let own = folder.path().join(".git/own-attributes");
        fs::create_dir_all(folder.path().join(".git/info")).expect("a folder");
        fs::write(
            folder.path().join(".git/info/attributes"),
            "*.key !filter\n*.txt filter=git-crypt\n",
        )
        .expect("a new file");
        fs::write(&own, "*.md filter=git-crypt\n").expect("a new file");
        let mut config = repository.git.config().expect("it has one");
        config
            .set_str("core.attributesFile", &own.to_string_lossy())
            .expect("a setting");
        fs::write(
            folder.path().join(".gitattributes"),
            "*.md filter=git-crypt\n",
        )
        .expect("a new file");
        let attributes = repository.attributes();
        let alone = attributes.of_commit(commit).expect("it has a tree");
        let (default, low) = (
            KeyName::default(),
            KeyName::named("low").expect("a good name"),
        );
        let paths = [
            "a.key",
            "low/b.key",
            "low/open.key",
            "link/c.txt",
            "d.txt",
            "e.md",
        ];
        let expected = [Some(default), Some(low), None, None, None, None];
        assert_eq!(keys(&alone, &paths), expected);
        assert!(
            alone
                .encryption_of(&PathBytes::new("x/y/z.key"))
                .expect("git answers")
                .is_some()
        );
        let there = attributes
            .encryptions(&paths.map(PathBytes::new))
            .expect("git answers");
        let there: Vec<bool> = there.iter().map(Option::is_some).collect();
        assert_eq!(
            there,
            [false, false, false, true, true, true],
            "all that Git reads"
        );
    }

    #[test]
    fn a_tree_without_attributes_encrypts_nothing() {
        let (_folder, repository, commit) = committed(&[(FILE, "a.key", "secret")]);
        let alone = repository.attributes().of_commit(commit).expect("a tree");
        assert_eq!(keys(&alone, &["a.key", "b"]), [None, None]);
    }

    #[test]
    fn more_questions_than_a_pipe_holds_are_answered() {
        let (_folder, repository, commit) =
            committed(&[(FILE, ".gitattributes", "**/secret/** filter=git-crypt\n")]);
        let alone = repository.attributes().of_commit(commit).expect("a tree");
        let paths: Vec<String> = (0..20_000)
            .map(|number| {
                format!(
                    "stacks/{}/{number}",
                    if number % 2 == 0 { "secret" } else { "open" }
                )
            })
            .collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let keys = keys(&alone, &paths);
        assert!(keys.iter().step_by(2).all(Option::is_some));
        assert!(keys.iter().skip(1).step_by(2).all(Option::is_none));
    }

    #[test]
    fn the_files_of_an_index_answer_too_and_an_endless_one_is_refused() {
        let (_folder, repository, _) = committed(&[(FILE, "a.key", "secret")]);
        let attributes = repository.attributes();
        let staged = |content: &[u8]| {
            let id = repository.git.blob(content).expect("it is stored");
            let files = [
                (PathBytes::new("web/.gitattributes"), BlobId(id.into())),
                (PathBytes::new("x"), BlobId(id.into())),
            ];
            attributes.of_files(files.iter().map(|(path, blob)| (path, *blob)))
        };
        let alone = staged(b"*.key filter=git-crypt\n").expect("short");
        assert_eq!(
            keys(&alone, &["web/a.key", "a.key"]),
            [Some(KeyName::default()), None]
        );
        let endless = vec![b'\n'; usize::try_from(MAXIMUM_LENGTH).expect("4 MiB") + 1];
        assert!(staged(&endless).is_err());
    }
}
