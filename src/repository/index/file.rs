//! Reading the index file, even in a form that libgit2 does not know: split in two, or sparse (with folders as entries).

use std::fs;
use std::path::PathBuf;

use super::entries::Index;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::run_to_end;
use crate::repository::path::PathBytes;

impl<'repository> Index<'repository> {
    /// The index as it was when it was last read, or as it is now if it was not read yet.
    pub(in crate::repository) fn known(self) -> Result<git2::Index, RepositoryError> {
        match self.git.index() {
            Err(error) if is_unknown_form(&error) => self.rewrite(),
            index => index.map_err(RepositoryError::git("reading the index")),
        }
    }

    /// The index as it is now. libgit2 keeps what it has once read, and git may have written another one since.
    pub(super) fn now(self) -> Result<git2::Index, RepositoryError> {
        if self.rewritten.get() {
            return self.rewrite();
        }
        let index = self.git.index().and_then(|mut index| {
            index.read(false)?;
            Ok(index)
        });
        match index {
            Err(error) if is_unknown_form(&error) => self.rewrite(),
            index => index.map_err(RepositoryError::git("reading the index")),
        }
    }

    /// Lets git write a copy of the index in a form that libgit2 reads.
    fn rewrite(self) -> Result<git2::Index, RepositoryError> {
        let original = self.path()?;
        let temporary = std::env::temp_dir();
        let folder = tempfile::Builder::new()
            .prefix("hs-secrets-index-")
            .tempdir_in(&temporary)
            .map_err(RepositoryError::file("creating a folder in", &temporary))?;
        let copy = folder.path().join("index");
        fs::copy(&original, &copy).map_err(RepositoryError::file("copying", &original))?;
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
        let mut index = git2::Index::open(&copy).map_err(reading())?;
        // libgit2 itself uses it, too, when it compares trees.
        self.git.set_index(&mut index).map_err(reading())?;
        self.rewritten.set(true);
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
    // libgit2 has no code for this.
    error.class() == git2::ErrorClass::Index
        && error.message().contains("unsupported mandatory extension")
}
