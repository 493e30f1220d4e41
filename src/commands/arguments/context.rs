//! The things that every command has at hand.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::format::KeyName;
use crate::keyring::MemoryError;
use crate::repository::{FilterProgram, Repository, SearchPath};
use crate::terminal::Terminal;

/// Terminal, directory, repository, and how the program was called.
pub(crate) struct Context {
    pub(crate) terminal: Terminal,
    /// The directory the user is in.
    pub(crate) directory: PathBuf,
    /// The first argument: how the program was called.
    pub(crate) called_as: OsString,
}

impl Context {
    pub(crate) fn repository(&self) -> Result<Repository, Failure> {
        Ok(Repository::of_environment(Vec::new())?)
    }

    /// The repository, for which no program is run that sees the variables of `hidden`.
    pub(crate) fn repository_without(&self, hidden: Vec<OsString>) -> Result<Repository, Failure> {
        Ok(Repository::of_environment(hidden)?)
    }

    /// How Git's filters are to call this program: by the name it was called by if `PATH` found it, else by the
    /// absolute path of that name (not of what a link leads to, so that `git-crypt` stays `git-crypt`).
    pub(crate) fn filter_program(&self) -> FilterProgram {
        let path = Path::new(&self.called_as);
        if path.components().count() == 1 {
            return FilterProgram::new(path, self.search_path());
        }
        let absolute = path.parent().and_then(|parent| parent.canonicalize().ok());
        let absolute = absolute
            .zip(path.file_name())
            .map_or_else(|| path.to_owned(), |(parent, name)| parent.join(name));
        FilterProgram::new(&absolute, self.search_path())
    }

    /// Where a shell looks for programs.
    pub(crate) fn search_path(&self) -> SearchPath {
        let path = std::env::var_os("PATH").unwrap_or_default();
        SearchPath::new(std::env::split_paths(&path))
    }

    /// As [`Self::filter_program`], but git-crypt, or another program that is configured already and works, stays.
    pub(crate) fn filter_program_beside_another(&self) -> FilterProgram {
        self.filter_program().beside_another()
    }

    /// Says that what this clone remembered of a key could not be used, and is made anew for the one that counts now.
    pub(crate) fn tell_rebuilt(&self, name: &KeyName, unusable: &MemoryError) {
        self.terminal.warning(format_args!(
            "what this clone remembers of the key `{name}` is written anew, without the people accepted before: {unusable}"
        ));
    }

    /// Says which filters stay another program's.
    pub(crate) fn tell_kept(&self, kept: &[KeyName]) {
        for key in kept {
            self.terminal.hint(format_args!(
                "filter.{} stays the program's that it is configured for: `lock`, then `unlock` lets this one filter, which is faster",
                key.driver()
            ));
        }
    }
}
