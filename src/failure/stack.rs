//! The next steps when a stack file, or a file that it names, can't be used.

use super::Failure;
use super::written_path::{encrypting_line, shell_word};
use crate::repository::RepositoryError;
use crate::stack::{
    ComposeError, DiscoverError, InterpolationError, LONGEST_VERSION, NameError, NamingError,
    SETTINGS_FILE, SettingsError, SourceError, StackError, TreeError, VariablesError,
};

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::usage(error)
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        let failure = Self::new(&error);
        match error {
            SettingsError::Tree(TreeError::Repository(error)) => error.into(),
            SettingsError::Tree(TreeError::Blob { path, source }) => {
                Self::new(format_args!("{path}: {source}")).hints_of(source)
            }
            SettingsError::Several { problems } => {
                Self::several(problems.into_iter().map(Self::from)).unwrap_or(failure)
            }
            _ => failure,
        }
    }
}

impl From<StackError> for Failure {
    fn from(error: StackError) -> Self {
        let failure = Self::new(&error);
        let fits_with = error.fits_with();
        match error {
            StackError::Several { problems } => {
                let problems = problems.into_iter().map(Self::from);
                let mut failure = Self::several(problems).unwrap_or(failure);
                // Of the hints at a `version-length`, keep only the one with the shortest length: with it, all names fit.
                if let Some(fits_with) = fits_with {
                    let others = (fits_with + 1..).take(LONGEST_VERSION).map(length_hint);
                    let others: Vec<String> = others.collect();
                    failure.hints.retain(|hint| !others.contains(hint));
                }
                failure
            }
            StackError::Repository(error) | StackError::Tree(TreeError::Repository(error)) => {
                error.into()
            }
            StackError::Discover(DiscoverError::NotFound { name, .. }) => {
                failure.hint(format_args!(
                    "`--file FILE` names a stack's file, and `[stacks.{name}]` with `files = [...]` in {SETTINGS_FILE} for good"
                ))
            }
            StackError::Tree(TreeError::Blob { source, .. }) => failure.hints_of(source),
            StackError::Source {
                source: SourceError::Tree(TreeError::Blob { source, .. }),
                ..
            } => failure.hints_of(source),
            StackError::Source { source, .. } => failure.source_hint(&source),
            StackError::Variables {
                source: VariablesError::Source(source),
            } => failure.source_hint(&source),
            StackError::EnvFile { source, .. } | StackError::Unreadable { source, .. } => {
                failure.source_hint(&source)
            }
            StackError::Naming { source, .. } => match *source {
                NamingError::TooLong { fits_with, .. } => failure.hint(length_hint(fits_with)),
                NamingError::Interpolation(source) => failure.interpolation_hint(&source),
                _ => failure,
            },
            StackError::Compose {
                source: ComposeError::Interpolation { source, .. },
                ..
            } => failure.interpolation_hint(&source),
            _ => failure,
        }
    }
}

fn length_hint(fits_with: usize) -> String {
    format!("`version-length = {fits_with}` in {SETTINGS_FILE} makes it fit")
}

/// Advice for a secret that may be in the history in plaintext. A file that was only moved away from its pattern in
/// `.gitattributes` was committed as ciphertext.
const IF_COMMITTED: &str = "where a commit has it in plaintext, it stays readable in the history: change the secret; an encrypted file that was only moved is in none";

impl Failure {
    /// Adds the hints for `error`, which is the cause of this failure.
    fn hints_of(mut self, error: RepositoryError) -> Self {
        self.hints.extend(Self::from(error).hints);
        self
    }

    fn source_hint(self, error: &SourceError) -> Self {
        match error {
            SourceError::NotEncrypted { path } => self
                .hint(format_args!(
                    "add `{}` to .gitattributes, then `git add {}` (with `--renormalize` if Git has it already), and commit both",
                    encrypting_line(path),
                    shell_word(path)
                ))
                .hint(IF_COMMITTED),
            SourceError::StoredInPlaintext { .. } => self
                .hint("`status --fix` stages encrypted versions of such files; commit them")
                .hint(IF_COMMITTED),
            SourceError::Untracked { path } => self.hint(format_args!("`git add {}`", shell_word(path))),
            SourceError::Locked { .. } => self.hint("`unlock KEYFILE` first"),
            SourceError::KeyNotHere { .. } => self.hint("`unlock KEYFILE` with that key"),
            SourceError::Decrypt { path, .. } => self.hint(format_args!(
                "whoever committed it had another key, or none: `git log -- {}` says who; a colleague with the key can stage the file anew",
                shell_word(path)
            )),
            SourceError::NotNamed { path, revision } => {
                let of_commit = if revision.is_some() {
                    " (that of the commit counts, not .git/info/attributes)"
                } else {
                    ""
                };
                self.hint(format_args!(
                    "if it is meant to be encrypted, add `{}` to .gitattributes{of_commit}",
                    encrypting_line(path)
                ))
                .hint(format_args!(
                    "if not, somebody may have copied a secret there to have it published: `git log -- {}` says who",
                    shell_word(path)
                ))
            }
            SourceError::Retired { path, .. } => self
                .hint(format_args!(
                    "who was removed by the rotation can still make such a file: `git log -- {}` says who committed it",
                    shell_word(path)
                ))
                .hint("if it is good, `status -f` stages it anew with the key of today; `--allow-retired` takes it as it is"),
            SourceError::Converted { .. } => self.hint("commit the file, then use `--rev HEAD`"),
            SourceError::Missing { .. }
            | SourceError::Tree(TreeError::Outside { .. } | TreeError::AtHome { .. }) => {
                self.hint("paths in a stack file are relative to it, and stay within the repository")
            }
            _ => self,
        }
    }

    fn interpolation_hint(self, error: &InterpolationError) -> Self {
        match error {
            InterpolationError::Unset { .. }
            | InterpolationError::Blank { .. }
            | InterpolationError::Required { .. } => {
                self.hint("variables come from the environment; as with `docker stack deploy`, no .env file is read")
            }
            InterpolationError::Secret { variable, .. } => self.hint(format_args!(
                "set `{variable}` in the environment, or in a file of `variables` that is committed unencrypted"
            )),
            _ => self,
        }
    }
}
