//! Everything that a command has at hand: the terminal, the directory, the repository.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::format::KeyName;
use crate::keyring::MemoryError;
use crate::repository::{FilterProgram, Repository, SearchPath};
use crate::terminal::Terminal;

/// The terminal, the current directory, and the name by which the program was called. Opens the repository.
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

    /// Opens the repository. The environment variables in `hidden` are not passed on to any program that runs for it.
    pub(crate) fn repository_without(&self, hidden: Vec<OsString>) -> Result<Repository, Failure> {
        Ok(Repository::of_environment(hidden)?)
    }

    /// How Git's filters are to call this program: by the name that it was called by if `PATH` finds that name,
    /// otherwise by the absolute path. A link `git-crypt` to this program is not resolved, so that its name stays.
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

    /// The folders in which a shell looks for programs.
    pub(crate) fn search_path(&self) -> SearchPath {
        let path = std::env::var_os("PATH").unwrap_or_default();
        SearchPath::new(std::env::split_paths(&path))
    }

    /// Like [`Self::filter_program`], but keeps another program, such as git-crypt, if it is configured already and works.
    pub(crate) fn filter_program_beside_another(&self) -> FilterProgram {
        self.filter_program().keeping_working_filters()
    }

    /// Warns that this clone's memory of a key could not be used, and is replaced by a new one.
    pub(crate) fn warn_of_rebuilt_memory(&self, name: &KeyName, unusable: &MemoryError) {
        self.terminal.warning(format_args!(
            "what this clone remembers of the key `{name}` is written anew, without the people accepted before: {unusable}"
        ));
    }

    /// Says for which keys another program stays configured as the filter.
    pub(crate) fn hint_at_other_filters(&self, kept: &[KeyName]) {
        for key in kept {
            self.terminal.hint(format_args!(
                "filter.{} stays the program's that it is configured for: `lock`, then `unlock` lets this one filter, which is faster",
                key.driver()
            ));
        }
    }
}
