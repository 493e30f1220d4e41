//! Changing the shared files (committed for everybody), and committing them separately from other changes.

use std::path::Path;

use super::reading::{SharedFiles, files_below};
use crate::repository::error::RepositoryError;
use crate::repository::files::door::{remove_below, require_writable_below, write_below};
use crate::repository::files::private_files::TEMPORARY_PREFIX;
use crate::repository::git::program::run_to_end;
use crate::repository::path::PathBytes;

impl<'repository> SharedFiles<'repository> {
    /// Writes a shared file to the work tree.
    pub(crate) fn write(self, path: &PathBytes, content: &[u8]) -> Result<(), RepositoryError> {
        let top = self.require_top()?;
        write_below(top, path.to_path(), content)
    }

    /// An error if a shared file can't be written, because something else is at its path or on the way.
    pub(crate) fn require_writable(self, path: &PathBytes) -> Result<(), RepositoryError> {
        let top = self.require_top()?;
        require_writable_below(top, path.to_path())
    }

    /// Removes temporary files below `directory` in the work tree, which a killed process has left.
    pub(crate) fn sweep(self, directory: &Path) -> Result<(), RepositoryError> {
        let top = self.require_top()?;
        let full = top.join(directory);
        if !full.is_dir() {
            return Ok(());
        }
        let mut files = Vec::new();
        files_below(&full, directory.as_os_str().as_encoded_bytes(), &mut files)?;
        for file in files {
            let path = file.path.to_path();
            let name = path.file_name().unwrap_or_default();
            if name
                .as_encoded_bytes()
                .starts_with(TEMPORARY_PREFIX.as_bytes())
            {
                remove_below(top, path)?;
            }
        }
        Ok(())
    }

    /// Stages these files, even if they are ignored.
    pub(crate) fn stage(self, paths: &[PathBytes]) -> Result<(), RepositoryError> {
        let mut command = self.program.command("add");
        // `--sparse`: even if a sparse checkout leaves them out.
        command.args(["--force", "--sparse", "--"]);
        command.args(paths.iter().map(|path| path.to_path()));
        run_to_end("add", &mut command).map(drop)
    }

    /// Removes these files from the work tree and the index.
    pub(crate) fn remove(self, paths: &[PathBytes]) -> Result<(), RepositoryError> {
        let top = self.require_top()?;
        if paths.is_empty() {
            return Ok(());
        }
        let mut command = self.program.command("rm");
        command.args(["--quiet", "--force", "--sparse", "--ignore-unmatch", "--"]);
        command.args(paths.iter().map(|path| path.to_path()));
        run_to_end("rm", &mut command)?;
        // `git rm` leaves untracked files.
        for path in paths {
            remove_below(top, path.to_path())?;
        }
        Ok(())
    }

    /// Commits the staged changes of these files, and no others. False if none of them has changed.
    pub(crate) fn commit(
        self,
        paths: &[PathBytes],
        message: &str,
    ) -> Result<bool, RepositoryError> {
        let mut command = self.program.command("status");
        command.args([
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=no",
            "--",
        ]);
        command.args(paths.iter().map(|path| path.to_path()));
        let changed = run_to_end("status", &mut command)?;
        // Each line has two characters of state and a space, then the path.
        let changed: Vec<PathBytes> = changed
            .split(|&byte| byte == 0)
            .filter_map(|line| line.get(3..))
            .map(PathBytes::new)
            .collect();
        if changed.is_empty() {
            return Ok(false);
        }
        let mut command = self.program.command("commit");
        command.args(["--quiet", "--only", "--message", message, "--"]);
        command.args(changed.iter().map(|path| path.to_path()));
        run_to_end("commit", &mut command).map(|_| true)
    }

    /// Restores everything below `directory` from the last commit, in the index and the work tree.
    pub(crate) fn restore(self, directory: &Path) -> Result<(), RepositoryError> {
        let mut command = self.program.command("rm");
        command.args(["-r", "--quiet", "--force", "--ignore-unmatch", "--"]);
        run_to_end("rm", command.arg(directory))?;
        let mut command = self.program.command("checkout");
        command.args(["--quiet", "HEAD", "--"]);
        let committed = self.objects.head_tree()?;
        if committed.is_some_and(|tree| tree.get_path(directory).is_ok()) {
            run_to_end("checkout", command.arg(directory))?;
        }
        Ok(())
    }
}
