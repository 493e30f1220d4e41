//! The statements in the index, in a commit, or in history.
//!
//! They are never read from the work tree, where symbolic links or a half-done merge could replace them.

use std::path::{Path, PathBuf};

use super::holder_statement::HolderStatement;
use super::sealed_history::MAXIMUM_SEALED;
use super::statement_text::{MAXIMUM_STATEMENT, StatementError};
use super::succession_statement::SuccessionStatement;
use crate::format::{KeyId, KeyName};
use crate::keyring::people::collaborators::Collaborators;
use crate::repository::{BlobId, CommitId, PathBytes, Repository, RepositoryError};

/// Maximum number of sealed retired keys of one key.
const MAXIMUM_FORMER: usize = 1000;

/// Where statements are read from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reading<'commits> {
    /// The index, or the last commit if the index is empty.
    Index,
    /// Everything that these commits and their ancestors ever had.
    Ever(&'commits [CommitId]),
}

/// A statement with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Committed<Statement> {
    /// The statement. Its signatures are valid.
    pub statement: Statement,
    pub path: PathBytes,
    /// The oldest commit with this statement; `None` if it was read from the index.
    pub commit: Option<CommitId>,
}

/// The statements about one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundStatements<Statement> {
    /// The valid statements.
    pub good: Vec<Committed<Statement>>,
    /// Files in the folder that are not valid statements, with the reason.
    pub refused: Vec<(PathBytes, StatementError)>,
}

/// The folders of statements, relative to the top of the work tree.
pub(crate) struct StatementFolders {
    directory: PathBuf,
    key: KeyName,
}

impl StatementFolders {
    /// The folders of statements about `key`.
    pub(crate) fn of(repository: &Repository, key: &KeyName) -> Result<Self, RepositoryError> {
        Ok(Self {
            directory: Collaborators::of(repository)?
                .directory()
                .join("hs-secrets"),
            key: key.clone(),
        })
    }

    /// The folder of statements about holders.
    pub(crate) fn holders(&self) -> PathBuf {
        self.directory.join("holders").join(self.key.file_name())
    }

    /// The folder of statements about successions.
    pub(crate) fn successions(&self) -> PathBuf {
        self.directory
            .join("successions")
            .join(self.key.file_name())
    }

    /// The folder of sealed retired keys.
    pub(crate) fn history(&self) -> PathBuf {
        self.directory.join("history").join(self.key.file_name())
    }

    /// The path of a statement about a holder.
    pub(crate) fn path_of_holder(&self, statement: &HolderStatement) -> PathBytes {
        PathBytes::of_path(&self.holders().join(statement.file_name()))
    }

    /// The path of a statement about a succession.
    pub(crate) fn path_of_succession(&self, statement: &SuccessionStatement) -> PathBytes {
        self.path_between(statement.from, statement.to)
    }

    /// The path of the statement that the key `to` follows the key `from`.
    pub(crate) fn path_between(&self, from: KeyId, to: KeyId) -> PathBytes {
        let name = SuccessionStatement::file_name_between(from, to);
        PathBytes::of_path(&self.successions().join(name))
    }

    /// The path of a sealed retired key.
    pub(crate) fn path_of_former(&self, id: KeyId) -> PathBytes {
        PathBytes::of_path(&self.history().join(id.to_string()))
    }

    /// Reads the statements about holders.
    pub(crate) fn read_holders(
        &self,
        repository: &Repository,
        reading: Reading<'_>,
    ) -> Result<FoundStatements<HolderStatement>, RepositoryError> {
        read(repository, reading, &self.holders(), |bytes| {
            let statement = HolderStatement::parse(bytes)?;
            let expected = self.path_of_holder(&statement);
            Ok((statement.key == self.key, expected, statement))
        })
    }

    /// Reads the statements about successions.
    pub(crate) fn read_successions(
        &self,
        repository: &Repository,
        reading: Reading<'_>,
    ) -> Result<FoundStatements<SuccessionStatement>, RepositoryError> {
        read(repository, reading, &self.successions(), |bytes| {
            let statement = SuccessionStatement::parse(bytes)?;
            let expected = self.path_of_succession(&statement);
            Ok((statement.key == self.key, expected, statement))
        })
    }

    /// Reads the sealed retired keys, with the ids in their file names.
    pub(crate) fn read_history(
        &self,
        repository: &Repository,
    ) -> Result<Vec<(KeyId, Vec<u8>)>, RepositoryError> {
        let mut sealed = Vec::new();
        let folder = self.history();
        let files = files(repository, Reading::Index, &folder)?;
        if files.len() > MAXIMUM_FORMER {
            return Err(RepositoryError::TooMany {
                path: folder,
                maximum: MAXIMUM_FORMER,
            });
        }
        repository
            .objects()
            .fetch_blobs(files.iter().map(|(_, blob, _)| *blob))?;
        for (path, blob, _) in files {
            let name = path.to_path().file_name().map(|name| name.to_owned());
            let id = name.and_then(|name| KeyId::parse(name.to_str()?));
            if let Some(id) = id.filter(|id| self.path_of_former(*id) == path)
                && repository.objects().blob_len(blob)? <= MAXIMUM_SEALED as u64
            {
                sealed.push((id, repository.objects().blob(blob)?.content().to_vec()));
            }
        }
        Ok(sealed)
    }
}

impl<Statement: Clone> FoundStatements<Statement> {
    /// The valid statements, without their origins.
    pub(crate) fn statements(&self) -> Vec<Statement> {
        let good = self.good.iter();
        good.map(|committed| committed.statement.clone()).collect()
    }
}

fn read<Statement>(
    repository: &Repository,
    reading: Reading<'_>,
    folder: &Path,
    parse: impl Fn(&[u8]) -> Result<(bool, PathBytes, Statement), StatementError>,
) -> Result<FoundStatements<Statement>, RepositoryError> {
    let mut found = FoundStatements {
        good: Vec::new(),
        refused: Vec::new(),
    };
    let files = files(repository, reading, folder)?;
    repository
        .objects()
        .fetch_blobs(files.iter().map(|(_, blob, _)| *blob))?;
    for (path, blob, commit) in files {
        let parsed = if repository.objects().blob_len(blob)? > MAXIMUM_STATEMENT as u64 {
            Err(StatementError::TooLong)
        } else {
            parse(repository.objects().blob(blob)?.content())
        };
        match parsed {
            Ok((true, expected, statement)) if expected == path => found.good.push(Committed {
                statement,
                path,
                commit,
            }),
            Ok((_, expected, _)) => {
                let expected = expected.to_string();
                found
                    .refused
                    .push((path, StatementError::Misplaced { expected }));
            }
            Err(error) => found.refused.push((path, error)),
        }
    }
    Ok(found)
}

fn files(
    repository: &Repository,
    reading: Reading<'_>,
    folder: &Path,
) -> Result<Vec<(PathBytes, BlobId, Option<CommitId>)>, RepositoryError> {
    let prefix = [folder.as_os_str().as_encoded_bytes(), b"/"].concat();
    match reading {
        Reading::Index => {
            let mut entries = repository.index().entries()?;
            if entries.is_empty() {
                let committed = repository.shared_files().committed(None, folder)?;
                let blobs = committed
                    .into_iter()
                    .filter_map(|file| Some((file.path, file.committed?, None)));
                return Ok(blobs.collect());
            }
            entries.retain(|entry| entry.path.as_bytes().starts_with(&prefix));
            let files = entries.into_iter();
            Ok(files.map(|entry| (entry.path, entry.blob, None)).collect())
        }
        Reading::Ever(tips) => {
            let versions = repository
                .commits()
                .versions_below(tips, folder)?
                .into_iter();
            Ok(versions
                .map(|version| (version.path, version.blob, Some(version.commit)))
                .collect())
        }
    }
}
