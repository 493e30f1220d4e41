//! Why a stack could not be read.

use thiserror::Error;

use crate::repository::RepositoryError;
use crate::stack::compose::{ComposeError, InterpolationError};
use crate::stack::desired::NamingError;
use crate::stack::find::{DiscoverError, SETTINGS_FILE};
use crate::stack::names::ObjectKind;
use crate::stack::names::{EntryPlace, ObjectName};
use crate::stack::source::TreeError;
use crate::stack::source::{SourceError, VariablesError};

/// Why a stack could not be read, or why its files can't become secrets and configs.
#[derive(Debug, Error)]
pub enum StackError {
    /// The stack's files were not found.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A stack file could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A stack file is too long.
    #[error("{file} has {length} bytes, and can be no stack file")]
    TooLong {
        /// The stack file.
        file: String,
        length: u64,
    },
    /// A stack has too many files.
    #[error("the stack has {count} files; the maximum is {maximum}")]
    TooManyFiles {
        count: usize,
        /// How many files a stack may have.
        maximum: usize,
    },
    /// A stack file that is encrypted and can't be decrypted.
    #[error("{source}")]
    Unreadable {
        /// The stack file.
        file: String,
        source: Box<SourceError>,
    },
    /// A stack file that is not text.
    #[error("{file} is not UTF-8 text, and can be no stack file")]
    NotText {
        /// The stack file.
        file: String,
    },
    /// A stack file has an error.
    #[error("{file}:{source}")]
    Compose {
        /// The stack file.
        file: String,
        /// The reason, which begins with its line.
        source: ComposeError,
    },
    /// A managed file can't become what the stack file says.
    #[error("{entry}: {source}")]
    Source {
        /// The entry that names the file.
        entry: Box<EntryPlace>,
        source: SourceError,
    },
    /// An object can't have the name that the stack file gives it.
    #[error("{entry}: {source}")]
    Naming {
        /// The entry of the object.
        entry: Box<EntryPlace>,
        source: Box<NamingError>,
    },
    /// One variable stands for two files with different content.
    #[error("{entry}: the variable `{variable}` stands for {file} here and for {other_file} in {}, and they differ; rename one of the files", other.place)]
    CollidingVariables {
        variable: String,
        /// One entry that uses it.
        entry: Box<EntryPlace>,
        /// The file that the variable stands for there.
        file: String,
        /// Another entry that uses it.
        other: Box<EntryPlace>,
        /// The file that the variable stands for there.
        other_file: String,
    },
    /// Two entries have one name and would be different objects.
    #[error("{entry}: `{}` in {} is called {name} too, and they differ; change one of the names", other.key, other.place)]
    CollidingNames {
        /// The name of both.
        name: ObjectName,
        /// One of them.
        entry: Box<EntryPlace>,
        other: Box<EntryPlace>,
    },
    /// A service uses a secret or config that the stack does not define.
    #[error(
        "{place}: service `{service}` uses the {kind} `{key}`, which the stack does not define"
    )]
    Undefined {
        /// Stack file and line.
        place: String,
        service: String,
        /// Secret or config.
        kind: ObjectKind,
        /// The key in the service, as written.
        key: String,
    },
    /// The `env_file` of a service can't be used.
    #[error("{place}: env_file of service `{service}`: {source}")]
    EnvFile {
        /// Stack file and line.
        place: String,
        service: String,
        source: Box<SourceError>,
    },
    /// A file of variables that the settings name can't be used.
    #[error("{source} (`variables` of the stack in {SETTINGS_FILE})")]
    Variables {
        /// The reason.
        #[from]
        source: VariablesError,
    },
    /// Several problems, found at once.
    #[error("{}", problems.iter().map(Self::to_string).collect::<Vec<_>>().join("; "))]
    Several {
        /// Each of them.
        problems: Vec<StackError>,
    },
    /// A stack file could not be rendered.
    #[error("{place}: {reason}")]
    Render {
        /// Stack file and line.
        place: String,
        /// The obstacle, and how to change it.
        reason: &'static str,
    },
}

impl StackError {
    /// True if the only problem is a missing key. The file itself may be right.
    pub(crate) fn is_missing_key(&self) -> bool {
        matches!(
            self,
            Self::Source {
                source: SourceError::Locked { .. } | SourceError::KeyNotHere { .. },
                ..
            }
        )
    }

    /// The path of the file, if the problem is that no available key opens it.
    pub(crate) fn unopened_file(&self) -> Option<&str> {
        match self {
            Self::Source { source, .. } => source.unopened_file(),
            Self::Unreadable { source, .. } | Self::EnvFile { source, .. } => {
                source.unopened_file()
            }
            Self::Several { problems } => problems.iter().find_map(Self::unopened_file),
            _ => None,
        }
    }

    /// True if only files, names or uses of secrets and configs are wrong. The docker client does not see those parts when
    /// it is asked about the rest.
    pub(crate) fn is_about_entries(&self) -> bool {
        match self {
            Self::Source { .. }
            | Self::Naming { .. }
            | Self::CollidingVariables { .. }
            | Self::CollidingNames { .. }
            | Self::Undefined { .. } => true,
            Self::Several { problems } => problems.iter().all(Self::is_about_entries),
            _ => false,
        }
    }

    /// True if the problem is that a variable is unknown because a file of variables can't be read.
    pub(super) fn is_about_unread_variable(&self) -> bool {
        let source = match self {
            Self::Compose {
                source: ComposeError::Interpolation { source, .. },
                ..
            } => &**source,
            Self::Naming { source, .. } => match &**source {
                NamingError::Interpolation(source) => source,
                _ => return false,
            },
            _ => return false,
        };
        matches!(source, InterpolationError::Unread { .. })
    }

    /// True if the file that the stack file names does not exist or can't be used.
    pub(super) fn is_missing_file(&self) -> bool {
        matches!(
            self,
            Self::Source {
                source: SourceError::Missing { .. } | SourceError::Tree(_),
                ..
            }
        )
    }

    /// True if a name contains a variable that is not set in the place of its file's variable.
    pub(super) fn is_foreign_variable(&self) -> bool {
        matches!(self, Self::Naming { source, .. } if matches!(**source, NamingError::ForeignVariable { .. }))
    }

    /// True if every following entry would have the same problem, which makes further reading useless.
    pub(super) fn ends_reading(&self) -> bool {
        matches!(
            self,
            Self::Source {
                source: SourceError::TooMuch { .. },
                ..
            }
        )
    }

    /// Keeps only the first error about a missing key: without that key, every encrypted file has the same error.
    pub(crate) fn keep_first_of_missing_keys(problems: &mut Vec<Self>) {
        let mut is_told = false;
        problems
            .retain(|problem| !problem.is_missing_key() || !std::mem::replace(&mut is_told, true));
    }

    /// An error if there are any problems.
    pub(crate) fn of_all(problems: Vec<Self>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self::together(problems))
        }
    }

    /// Joins problems into one error.
    pub(crate) fn together(mut problems: Vec<Self>) -> Self {
        if problems.len() == 1 {
            problems.remove(0)
        } else {
            Self::Several { problems }
        }
    }

    /// The `version-length` with which the name in this error would fit. `None` if the error is another one, or no length
    /// would do.
    pub(crate) fn fits_with(&self) -> Option<usize> {
        match self {
            Self::Naming { source, .. } => match **source {
                NamingError::TooLong { fits_with, .. } => Some(fits_with),
                _ => None,
            },
            Self::Several { problems } => problems.iter().filter_map(Self::fits_with).min(),
            _ => None,
        }
    }

    /// The error for an entry whose file can't be used.
    pub(super) fn of_source(entry: &EntryPlace, source: SourceError) -> Self {
        let entry = Box::new(entry.clone());
        Self::Source { entry, source }
    }

    /// The error for an entry whose name can't be used.
    pub(super) fn of_naming(entry: &EntryPlace, source: NamingError) -> Self {
        Self::Naming {
            entry: Box::new(entry.clone()),
            source: Box::new(source),
        }
    }
}
