//! The keys that a set of `.gitattributes` assigns to paths, without regard to other settings of the clone.

use std::collections::{BTreeMap, HashMap};

use super::encrypting_patterns::{EncryptingPattern, encrypting_macros, lines_about_filters};
use crate::format::KeyName;
use crate::repository::{Blob, BlobId, PathBytes, Repository, RepositoryError, TreeAttributes};
use crate::stack::MAXIMUM_FILE_LENGTH;

/// The `.gitattributes` with their contents, and the macros in them that encrypt files.
type Contents<'check, 'files> = (Vec<(&'files PathBytes, Blob<'check>)>, Vec<Vec<u8>>);

/// A set of `.gitattributes`, with the answers that were already asked for.
pub(super) struct TreeKeys<'check> {
    repository: &'check Repository,
    /// The `.gitattributes`, sorted.
    files: Vec<(PathBytes, BlobId)>,
    /// Git's reading of these `.gitattributes`, once it was needed.
    answers: Option<TreeAttributes>,
    /// The keys of the paths that were asked for.
    keys: HashMap<PathBytes, Option<KeyName>>,
}

impl<'check> TreeKeys<'check> {
    /// The keys that the `.gitattributes` among `files` give.
    pub(super) fn of_files(repository: &'check Repository, files: &[(PathBytes, BlobId)]) -> Self {
        let files = files.iter().filter(|(path, _)| path.is_attributes_file());
        let mut files: Vec<(PathBytes, BlobId)> = files.cloned().collect();
        files.sort();
        Self {
            repository,
            files,
            answers: None,
            keys: HashMap::new(),
        }
    }

    /// The `.gitattributes`, sorted.
    pub(super) fn files(&self) -> &[(PathBytes, BlobId)] {
        &self.files
    }

    /// The encrypting patterns in this set.
    pub(super) fn patterns(&self) -> Result<Vec<EncryptingPattern>, RepositoryError> {
        self.patterns_of(&self.files)
    }

    /// The encrypting patterns in `files`, another set of `.gitattributes`.
    pub(super) fn patterns_of(
        &self,
        files: &[(PathBytes, BlobId)],
    ) -> Result<Vec<EncryptingPattern>, RepositoryError> {
        let (contents, macros) = self.contents(files)?;
        let patterns = contents
            .iter()
            .flat_map(|(path, blob)| EncryptingPattern::all_in(path, blob.content(), &macros));
        Ok(patterns.collect())
    }

    /// The lines about filters in `files`, another set of `.gitattributes`. Sets with equal lines encrypt the same paths.
    pub(super) fn about_filters(
        &self,
        files: &[(PathBytes, BlobId)],
    ) -> Result<Vec<u8>, RepositoryError> {
        let (contents, macros) = self.contents(files)?;
        let mut said = Vec::new();
        for (path, blob) in &contents {
            said.extend_from_slice(path.as_bytes());
            for line in lines_about_filters(blob.content(), &macros) {
                said.push(b'\n');
                said.extend_from_slice(line);
            }
            said.push(0);
        }
        Ok(said)
    }

    /// The contents of `files`, and the macros in them that encrypt files.
    fn contents<'files>(
        &self,
        files: &'files [(PathBytes, BlobId)],
    ) -> Result<Contents<'check, 'files>, RepositoryError> {
        let mut contents = Vec::new();
        for (path, blob) in files {
            if self.repository.objects().blob_len(*blob)? > MAXIMUM_FILE_LENGTH {
                return Err(RepositoryError::TooLong {
                    path: path.to_path().to_owned(),
                    maximum: MAXIMUM_FILE_LENGTH,
                });
            }
            let blob = self.repository.objects().blob(*blob)?;
            contents.push((path, blob));
        }
        // Git reads macros only from the topmost `.gitattributes`.
        let top = contents.iter();
        let mut top = top.filter(|(path, _)| path.as_bytes() == b".gitattributes");
        let macros = top
            .next()
            .map(|(_, blob)| encrypting_macros(blob.content()));
        let macros = macros.unwrap_or_default();
        Ok((contents, macros))
    }

    /// The key of a path, which must have been asked for with `ask`.
    pub(super) fn key(&self, path: &PathBytes) -> Option<KeyName> {
        self.keys.get(path).cloned().flatten()
    }

    /// Looks up the keys of `paths`.
    pub(super) fn ask(&mut self, paths: &[&PathBytes]) -> Result<(), RepositoryError> {
        let new = paths.iter().copied();
        let new: Vec<&PathBytes> = new.filter(|path| !self.keys.contains_key(*path)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let answers = match &self.answers {
            Some(answers) => answers,
            None => {
                let answers = answers_of(self.repository, &self.files)?;
                self.answers.insert(answers)
            }
        };
        let keys = keys(answers, &new)?;
        self.keys.extend(new.into_iter().cloned().zip(keys));
        Ok(())
    }

    /// The keys that `files`, another set of `.gitattributes`, assign to `paths`.
    pub(super) fn keys_by(
        &self,
        files: &[(PathBytes, BlobId)],
        paths: &[&PathBytes],
    ) -> Result<Vec<Option<KeyName>>, RepositoryError> {
        keys(&answers_of(self.repository, files)?, paths)
    }
}

/// Each path to ask Git about, with the path to show for it. For a pattern, its sample is asked and the pattern shown. A path of
/// `paths` that a pattern may match is asked and shown as it is.
pub(super) fn to_ask<'path>(
    patterns: &'path [EncryptingPattern],
    paths: &[&'path PathBytes],
) -> BTreeMap<&'path PathBytes, &'path PathBytes> {
    let samples = patterns
        .iter()
        .map(|pattern| (&pattern.sample, &pattern.shown));
    let matched = paths
        .iter()
        .filter(|path| patterns.iter().any(|pattern| pattern.may_match(path)));
    samples.chain(matched.map(|path| (*path, *path))).collect()
}

/// True if files of the `index` are to be encrypted, or there are wrapped keys.
pub(crate) fn is_encrypting(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
) -> Result<bool, RepositoryError> {
    let mut paths = index.iter().map(|(path, _)| path);
    Ok(paths.any(PathBytes::is_of_collaborators)
        || !TreeKeys::of_files(repository, index).patterns()?.is_empty())
}

fn answers_of(
    repository: &Repository,
    files: &[(PathBytes, BlobId)],
) -> Result<TreeAttributes, RepositoryError> {
    let files = files.iter().map(|(path, blob)| (path, *blob));
    repository.attributes().of_files(files)
}

fn keys(
    answers: &TreeAttributes,
    paths: &[&PathBytes],
) -> Result<Vec<Option<KeyName>>, RepositoryError> {
    let answers = answers.encryptions(paths.iter().copied())?.into_iter();
    Ok(answers.map(|found| Some(found?.key)).collect())
}

/// The attribute that assigns `key`.
pub(super) fn filter_words(key: Option<&KeyName>) -> String {
    match key {
        Some(key) => format!("filter={}", key.driver()),
        None => "no filter".to_owned(),
    }
}
