//! The keys that a set of `.gitattributes` gives to paths, whatever else the clone says.

use std::collections::{BTreeMap, HashMap};

use super::encrypting_patterns::{EncryptingPattern, encrypting_macros, lines_about_filters};
use crate::format::KeyName;
use crate::repository::{Blob, BlobId, PathBytes, Repository, RepositoryError, TreeAttributes};
use crate::stack::MAXIMUM_FILE_LENGTH;

/// Files of attributes with what stands in them, and the macros in these that encrypt something.
type Contents<'check, 'files> = (Vec<(&'files PathBytes, Blob<'check>)>, Vec<Vec<u8>>);

/// A set of `.gitattributes`, and its answers so far.
pub(super) struct TreeKeys<'check> {
    repository: &'check Repository,
    /// The `.gitattributes`, sorted.
    files: Vec<(PathBytes, BlobId)>,
    /// Answers of Git, once it was asked.
    answers: Option<TreeAttributes>,
    /// The keys of the paths that were asked about.
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

    /// The patterns in its own `.gitattributes` that encrypt something.
    pub(super) fn patterns(&self) -> Result<Vec<EncryptingPattern>, RepositoryError> {
        self.patterns_of(&self.files)
    }

    /// The patterns in `files`, which are other `.gitattributes`, that encrypt something.
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

    /// Lines about filters in `files`, which are other `.gitattributes`. Files with equal lines encrypt the same paths.
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

    /// Contents of `files`, with the macros in them that encrypt something.
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
        // Git takes macros from the top only.
        let top = contents.iter();
        let mut top = top.filter(|(path, _)| path.as_bytes() == b".gitattributes");
        let macros = top
            .next()
            .map(|(_, blob)| encrypting_macros(blob.content()));
        let macros = macros.unwrap_or_default();
        Ok((contents, macros))
    }

    /// The key of a path that was asked about.
    pub(super) fn key(&self, path: &PathBytes) -> Option<KeyName> {
        self.keys.get(path).cloned().flatten()
    }

    /// Learns the keys of `paths`.
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

    /// The keys that `files`, which are other `.gitattributes`, give to `paths`.
    pub(super) fn keys_by(
        &self,
        files: &[(PathBytes, BlobId)],
        paths: &[&PathBytes],
    ) -> Result<Vec<Option<KeyName>>, RepositoryError> {
        keys(&answers_of(self.repository, files)?, paths)
    }
}

/// Each path that Git is to be asked about, with the one to show for it: each of `paths` that a pattern may match stands for itself,
/// the sample of a pattern for the pattern.
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

/// True if files of the `index` are encrypted, or wrapped keys are there.
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

/// The attribute that chooses `key`.
pub(super) fn filter_words(key: Option<&KeyName>) -> String {
    match key {
        Some(key) => format!("filter={}", key.driver()),
        None => "no filter".to_owned(),
    }
}
