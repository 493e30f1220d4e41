//! All files that Git has stored for the next commit.

use crate::repository::{BlobId, HistoricFile, PathBytes, Repository, RepositoryError};

/// All files in the index, which are stored for the next commit; in a bare repository, the files of `HEAD`.
pub(in crate::leaks) struct Stored {
    pub(in crate::leaks) files: Vec<(PathBytes, BlobId)>,
    /// Symbolic links, whose blobs hold the paths that they lead to.
    pub(in crate::leaks) links: Vec<(PathBytes, BlobId)>,
}

impl Stored {
    pub(in crate::leaks) fn of(repository: &Repository) -> Result<Self, RepositoryError> {
        if repository.work_tree().top().is_none() {
            let all = repository.commits().head_files()?.into_iter();
            let (links, files): (Vec<_>, Vec<_>) = all.partition(|file| file.is_link);
            let pair = |file: HistoricFile| (file.path, file.blob);
            return Ok(Self {
                files: files.into_iter().map(pair).collect(),
                links: links.into_iter().map(pair).collect(),
            });
        }
        let entries = repository.index().entries()?.into_iter();
        Ok(Self {
            files: entries.map(|entry| (entry.path, entry.blob)).collect(),
            links: repository.index().links()?,
        })
    }
}
