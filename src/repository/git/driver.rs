//! The drivers that are configured for the files of a key.

/// The commands that Git is configured to run for the files of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Driver {
    /// The command that encrypts one file.
    pub clean: Option<String>,
    /// The command that decrypts one file.
    pub smudge: Option<String>,
    /// The command of the long-running process that filters many files.
    pub process: Option<String>,
    /// True if `git` fails when the filter fails. Otherwise git continues without the filter.
    pub required: bool,
    pub merge: Option<String>,
    /// True if `git diff` is configured to store the plaintext in the repository, as a note (`cachetextconv`).
    pub keeps_plaintext: bool,
}

impl Driver {
    /// True if a command that encrypts is configured.
    pub(crate) fn filters(&self) -> bool {
        self.clean.is_some() || self.process.is_some()
    }
}
