//! The names of commits: `HEAD`, branches, tags, and everything else that `git rev-parse` reads.
//!
//! libgit2 can only read references in files. If they are in a table (reftable), `git` is asked.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use super::blobs::Objects;
use super::id::ObjectId;
use crate::repository::error::RepositoryError;
use crate::repository::git::program::run_to_end;

/// Maximum number of bytes that are read of the file of a reference. Git writes an id, or a name of a few hundred bytes.
const MAXIMUM_REFERENCE: u64 = 4096;

impl Objects<'_> {
    /// The object that `name` stands for, as `git rev-parse` reads it.
    pub(in crate::repository) fn named(self, name: &str) -> Result<ObjectId, git2::Error> {
        if !self.has_reference_table()? {
            return Ok(self.git.revparse_single(name)?.id().into());
        }
        let arguments = ["--verify", "--quiet", "--end-of-options", name];
        let printed = self.ask("rev-parse", &arguments).unwrap_or_default();
        let not_found = || git2::Error::from_str(&format!("git knows no `{name}`"));
        ObjectId::parse(printed.trim()).ok_or_else(not_found)
    }

    /// The commit that is checked out; `None` before the first commit.
    pub(in crate::repository) fn head(self) -> Result<Option<ObjectId>, git2::Error> {
        if self.has_reference_table()? {
            return match self.named("HEAD^{commit}") {
                Ok(commit) => Ok(Some(commit)),
                // The branch exists, but has no commit yet.
                Err(_) if self.head_branch().is_some() => Ok(None),
                Err(error) => Err(error),
            };
        }
        match self.git.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => Ok(Some(commit.id().into())),
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The references whose names begin with `prefix`, with the objects that they point to. Symbolic references are left out.
    pub(in crate::repository) fn references(
        self,
        prefix: &str,
    ) -> Result<Vec<(String, ObjectId)>, RepositoryError> {
        let reading = || RepositoryError::git("reading the references");
        if self.has_reference_table().map_err(reading())? {
            return self.references_in_table(prefix);
        }
        let mut direct = Vec::new();
        for reference in self.git.references().map_err(reading())? {
            let reference = reference.map_err(reading())?;
            if let Some(target) = reference.target() {
                let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
                if name.starts_with(prefix) {
                    direct.push((name, target.into()));
                }
            }
        }
        Ok(direct)
    }

    /// Fails if the file of a reference below `folder` names no object, as when a power cut has emptied it.
    /// [`Self::references`] leaves out such a reference, because libgit2 does.
    pub(in crate::repository) fn refuse_broken_references(
        self,
        folder: &str,
    ) -> Result<(), RepositoryError> {
        let reading = || RepositoryError::git("reading the references");
        if self.has_reference_table().map_err(reading())? {
            return Ok(());
        }
        let mut folders = vec![self.git.commondir().join(folder)];
        while let Some(folder) = folders.pop() {
            let of_folder = || RepositoryError::file("reading", &folder);
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.map_err(of_folder())?,
            };
            for entry in entries {
                let entry = entry.map_err(of_folder())?;
                let kind = entry.file_type().map_err(of_folder())?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    self.refuse_broken_reference(&entry.path())?;
                }
            }
        }
        Ok(())
    }

    fn refuse_broken_reference(self, file: &Path) -> Result<(), RepositoryError> {
        let name = file.strip_prefix(self.git.commondir()).unwrap_or(file);
        let name = name.to_string_lossy();
        // Git ignores files that can be no branches, such as `x.lock`.
        if !git2::Reference::is_valid_name(&name) {
            return Ok(());
        }
        let mut content = Vec::new();
        let read = File::open(file)
            .and_then(|file| file.take(MAXIMUM_REFERENCE).read_to_end(&mut content));
        read.map_err(RepositoryError::file("reading", file))?;
        let content = String::from_utf8_lossy(&content);
        let id = content.split_ascii_whitespace().next();
        if content.starts_with("ref:") || id.and_then(ObjectId::parse).is_some() {
            return Ok(());
        }
        let broken = git2::Error::from_str("its file is empty or damaged");
        Err(RepositoryError::git(format!("reading the branch {name}"))(
            broken,
        ))
    }

    /// The short names of branches and tags.
    pub(crate) fn branches_and_tags(self) -> Result<Vec<String>, RepositoryError> {
        let mut names = Vec::new();
        for prefix in ["refs/heads/", "refs/tags/", "refs/remotes/"] {
            for (name, _) in self.references(prefix)? {
                names.extend(name.strip_prefix(prefix).map(str::to_owned));
            }
        }
        Ok(names)
    }

    /// The upstream of the branch that is checked out: its short name and commit; `None` if there is none.
    pub(in crate::repository) fn upstream(self) -> Option<(String, ObjectId)> {
        if self.has_reference_table().ok()? {
            let branch = self.head_branch()?;
            let format = "--format=%(upstream) %(upstream:short)";
            let printed = self.ask("for-each-ref", &[format, &branch]).ok()?;
            let (upstream, short) = printed.trim().split_once(' ')?;
            return Some((short.to_owned(), self.named(upstream).ok()?));
        }
        let head = self.git.head().ok().filter(git2::Reference::is_branch)?;
        let upstream = git2::Branch::wrap(head).upstream().ok()?;
        let name = upstream.get().shorthand().ok()?.to_owned();
        Some((name, upstream.get().peel_to_commit().ok()?.id().into()))
    }

    fn references_in_table(self, prefix: &str) -> Result<Vec<(String, ObjectId)>, RepositoryError> {
        let format = "--format=%(objectname) %(refname) %(symref)";
        let printed = self.ask("for-each-ref", &[format])?;
        let direct = printed.lines().filter_map(|line| {
            let mut fields = line.split(' ');
            let (id, name, target) = (fields.next()?, fields.next()?, fields.next());
            let is_direct = target.is_none_or(str::is_empty) && name.starts_with(prefix);
            is_direct.then_some((name.to_owned(), ObjectId::parse(id)?))
        });
        Ok(direct.collect())
    }

    /// The full name of the branch that is checked out, even if it has no commit yet.
    fn head_branch(self) -> Option<String> {
        let printed = self.ask("symbolic-ref", &["--quiet", "HEAD"]).ok()?;
        Some(printed.trim().to_owned())
    }

    fn ask(self, subcommand: &str, arguments: &[&str]) -> Result<String, RepositoryError> {
        let mut command = self.program.command(subcommand);
        let printed = run_to_end(subcommand, command.args(arguments))?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }

    /// True if the references are kept in a table, which libgit2 can't read.
    fn has_reference_table(self) -> Result<bool, git2::Error> {
        let config = self.git.config()?;
        let is_table = |set: String| set.starts_with("reftable");
        Ok(config
            .get_string("extensions.refstorage")
            .is_ok_and(is_table))
    }
}
