//! The drivers that Git is configured to call for the files of a key.

/// The commands that Git is configured to run for the files of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Driver {
    /// The command that encrypts one file.
    pub clean: Option<String>,
    /// The command that decrypts one file.
    pub smudge: Option<String>,
    /// The command that filters many.
    pub process: Option<String>,
    /// True if Git fails when the filter does. Otherwise it goes on without the filter.
    pub required: bool,
    /// The command that merges.
    pub merge: Option<String>,
    /// True if `git diff` is told to keep the plaintext that it shows, as a note in the repository.
    pub keeps_plaintext: bool,
}

impl Driver {
    /// True if Git has a filter to encrypt with.
    pub(crate) fn filters(&self) -> bool {
        self.clean.is_some() || self.process.is_some()
    }
}
