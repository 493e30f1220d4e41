//! Reading the index file, even in a form that libgit2 does not support: a split index, or a sparse one (with folders
//! as entries).

use std::cell::{Cell, RefCell};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::repository::error::RepositoryError;
use crate::repository::git::program::{GitCommand, run_to_end};
use crate::repository::path::PathBytes;

/// The index of a work tree.
#[derive(Clone, Copy)]
pub(crate) struct Index<'repository> {
    pub(in crate::repository) git: &'repository git2::Repository,
    pub(in crate::repository) program: GitCommand<'repository>,
    pub(in crate::repository) memory: &'repository IndexMemory,
}

/// Notes about the index file that this process has read.
#[derive(Default)]
pub(in crate::repository) struct IndexMemory {
    /// True once the index was read.
    was_read: Cell<bool>,
    /// The stamp of the file when it was read; `None` if there was no file.
    stamp: Cell<Option<Stamp>>,
    /// The path of the index file, if libgit2 can't read it and was given a copy that Git has converted.
    rewritten: RefCell<Option<PathBuf>>,
}

/// Metadata that changes when a file is replaced or written again.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    place: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        Some(Self {
            place: (found.dev(), found.ino()),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

impl<'repository> Index<'repository> {
    /// The index as it is now. It is read again only if its file has changed since the last call.
    pub(in crate::repository) fn now(self) -> Result<git2::Index, RepositoryError> {
        let reading = || RepositoryError::git("reading the index");
        let rewritten = self.memory.rewritten.borrow().clone();
        if let Some(original) = rewritten {
            if self.is_known(Stamp::of(&original)) {
                return self.git.index().map_err(reading());
            }
            return self.rewrite(&original);
        }
        // Take the stamp before reading: if the file changes in between, the next call reads it again.
        let usual = self.git.path().join("index");
        let before = Stamp::of(&usual);
        let mut index = match self.git.index() {
            Err(error) if is_unknown_form(&error) => return self.rewrite(&self.path()?),
            index => index.map_err(reading())?,
        };
        let is_first = !self.memory.was_read.replace(true);
        let is_usual = index.path() == Some(&usual);
        let stamp = if is_usual {
            before
        } else {
            index.path().and_then(Stamp::of)
        };
        // On the first call, `self.git.index()` has just read the file.
        let is_new = is_first && is_usual;
        if !self.is_known(stamp) && !is_new {
            match index.read(false) {
                Err(error) if is_unknown_form(&error) => return self.rewrite(&self.path()?),
                read => read.map_err(reading())?,
            }
        }
        self.memory.stamp.set(stamp);
        Ok(index)
    }

    /// True if libgit2 uses a copy of the index that Git has converted.
    pub(super) fn is_rewritten(self) -> bool {
        self.memory.rewritten.borrow().is_some()
    }

    /// When the index file was written that was last read.
    pub(in crate::repository) fn written(self) -> Option<SystemTime> {
        let (seconds, nanoseconds) = self.memory.stamp.get()?.modified;
        let since = Duration::new(
            u64::try_from(seconds).ok()?,
            u32::try_from(nanoseconds).ok()?,
        );
        Some(UNIX_EPOCH + since)
    }

    fn is_known(self, stamp: Option<Stamp>) -> bool {
        stamp.is_some() && stamp == self.memory.stamp.get()
    }

    /// Makes git convert a copy of the index to a form that libgit2 can read.
    fn rewrite(self, original: &Path) -> Result<git2::Index, RepositoryError> {
        let stamp = Stamp::of(original);
        let temporary = std::env::temp_dir();
        let folder = tempfile::Builder::new()
            .prefix("hs-secrets-index-")
            .tempdir_in(&temporary)
            .map_err(RepositoryError::file("creating a folder in", &temporary))?;
        let copy = folder.path().join("index");
        fs::copy(original, &copy).map_err(RepositoryError::file("copying", original))?;
        let settings = [
            "core.splitIndex=false",
            "index.sparse=false",
            "index.skipHash=false",
            "advice.sparseIndexExpanded=false",
        ]
        .map(str::to_owned);
        let mut command = self.program.command_with(&settings, "update-index");
        command.env("GIT_INDEX_FILE", &copy);
        command.args(["--no-split-index", "--force-write-index"]);
        run_to_end("update-index", &mut command)?;
        let reading = || RepositoryError::git("reading the index that git has rewritten");
        let mut index = git2::Index::open_ext(&copy, self.git.object_format()).map_err(reading())?;
        // libgit2 itself uses this index, too, when it compares trees with the index.
        self.git.set_index(&mut index).map_err(reading())?;
        self.memory.stamp.set(stamp);
        *self.memory.rewritten.borrow_mut() = Some(original.to_owned());
        Ok(index)
    }

    fn path(self) -> Result<PathBuf, RepositoryError> {
        let mut command = self.program.command("rev-parse");
        let path = run_to_end("rev-parse", command.args(["--git-path", "index"]))?;
        let path = path.strip_suffix(b"\n").unwrap_or(&path);
        let from = self.program.work_tree.unwrap_or(self.program.git_dir);
        Ok(from.join(PathBytes::new(path).to_path()))
    }
}

fn is_unknown_form(error: &git2::Error) -> bool {
    // libgit2 has no error code for this.
    error.class() == git2::ErrorClass::Index
        && error.message().contains("unsupported mandatory extension")
}
