//! The view of a repository's attributes: which files are to be encrypted, as Git reads them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::thread;

use super::encryption::Encryption;
use super::of_tree::TreeAttributes;
use super::reader::{AttributeReader, AttributeValues, BUFFERED, ENCRYPTION, FILTER};
use crate::format::KeyName;
use crate::repository::error::RepositoryError;
use crate::repository::git::configuration::Configuration;
use crate::repository::git::program::GitCommand;
use crate::repository::objects::blobs::{BlobId, Objects};
use crate::repository::objects::revision::CommitId;
use crate::repository::path::PathBytes;

/// The attributes of paths as Git reads them in the current work tree: from `.gitattributes` of the work tree (or else
/// of the index), `.git/info/attributes`, and the files of user and system. Without a work tree, those of the tree of
/// `HEAD` count. [`TreeAttributes`] are those of one commit alone.
#[derive(Clone, Copy)]
pub(crate) struct Attributes<'repository> {
    pub(in crate::repository) git: &'repository git2::Repository,
    pub(in crate::repository) program: GitCommand<'repository>,
    /// Started on first use.
    pub(in crate::repository) reader: &'repository RefCell<Option<AttributeReader>>,
}

impl<'repository> Attributes<'repository> {
    /// The attributes that the tree of `commit` alone gives.
    pub(crate) fn of_commit(self, commit: CommitId) -> Result<TreeAttributes, RepositoryError> {
        TreeAttributes::of_tree(self.objects(), &self.objects().tree(commit)?)
    }

    /// The attributes that a tree with `files` would give; `files` come from the index.
    pub(crate) fn of_files<'path>(
        self,
        files: impl Iterator<Item = (&'path PathBytes, BlobId)>,
    ) -> Result<TreeAttributes, RepositoryError> {
        let theirs = files.filter(|(path, _)| path.is_attributes_file());
        let theirs = theirs.map(|(path, blob)| (path.clone(), blob)).collect();
        TreeAttributes::of_files(self.objects(), theirs)
    }

    /// The encryption of `path` (relative to the top of the work tree); `None` if it is not to be encrypted.
    pub(crate) fn encryption_of(
        self,
        path: &PathBytes,
    ) -> Result<Option<Encryption>, RepositoryError> {
        Ok(self.encryptions([path])?.pop().flatten())
    }

    /// The encryption of each of `paths`, in their order; `None` for those that are not to be encrypted.
    pub(crate) fn encryptions<'path>(
        self,
        paths: impl IntoIterator<Item = &'path PathBytes>,
    ) -> Result<Vec<Option<Encryption>>, RepositoryError> {
        if self.git.is_bare() && self.git.workdir().is_none() {
            return self.of_head()?.encryptions(paths);
        }
        self.ask(paths, |answer| answer.encryption())
    }

    /// The keys that are to encrypt `paths`, in their order. Faster than [`Self::encryptions`] for many paths.
    pub(crate) fn keys_in_order(
        self,
        paths: &[PathBytes],
    ) -> Result<Vec<Option<KeyName>>, RepositoryError> {
        if self.git.is_bare() && self.git.workdir().is_none() {
            let encryptions = self.of_head()?.encryptions(paths)?.into_iter();
            return Ok(encryptions.map(|found| Some(found?.key)).collect());
        }
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = self.program.command("check-attr");
        let (variable, value) = BUFFERED;
        command.env(variable, value);
        let reader = AttributeReader::start(command, &[], FILTER)?;
        reader.ask_last(paths, |answer| answer.key())
    }

    /// The keys of those of `files` that are to be encrypted, by the `.gitattributes` of the index or, where these
    /// choose no key, by those of the work tree.
    pub(crate) fn encrypted_paths<'path>(
        self,
        files: impl Iterator<Item = (&'path PathBytes, BlobId)> + Clone,
    ) -> Result<HashMap<&'path PathBytes, KeyName>, RepositoryError> {
        let paths: Vec<&PathBytes> = files.map(|(path, _)| path).collect();
        self.keys_of(&paths)
    }

    /// The keys of those of `paths` that are to be encrypted, by the `.gitattributes` of the index or, where these
    /// choose no key, by those of the work tree.
    pub(crate) fn keys_of<'path>(
        self,
        paths: &[&'path PathBytes],
    ) -> Result<HashMap<&'path PathBytes, KeyName>, RepositoryError> {
        if paths.is_empty() {
            return Ok(HashMap::new());
        }
        let named = |keys: Vec<Option<KeyName>>| {
            let named = paths.iter().zip(keys);
            let named = named.filter_map(|(path, key)| Some((*path, key?)));
            named.collect::<HashMap<&'path PathBytes, KeyName>>()
        };
        if self.git.workdir().is_none() {
            let encryptions = self.of_head()?.encryptions(paths.iter().copied())?;
            let keys = encryptions.into_iter().map(|found| Some(found?.key));
            return Ok(named(keys.collect()));
        }
        let start = |options: &[&str]| {
            AttributeReader::start(self.program.command("check-attr"), options, FILTER)
        };
        let mut index = start(&["--cached"])?;
        if self.work_tree_agrees(paths) {
            return Ok(named(
                index.ask(paths.iter().copied(), |answer| answer.key())?,
            ));
        }
        let asked = paths;
        let (of_index, of_work_tree) = thread::scope(|scope| {
            // Both at the same time, since Git is slow for each.
            let of_index =
                scope.spawn(move || index.ask(asked.iter().copied(), |answer| answer.key()));
            let asked = asked.iter().copied();
            // Use the reader that runs already for the work tree.
            let of_work_tree = match &mut *self.reader.borrow_mut() {
                Some(running) => running.ask(asked, |answer| answer.key()),
                None => start(&[]).and_then(|mut other| other.ask(asked, |answer| answer.key())),
            };
            let of_index = of_index.join().expect("because asking does not panic");
            (of_index, of_work_tree)
        });
        let mut found = named(of_work_tree?);
        found.extend(named(of_index?));
        Ok(found)
    }

    pub(super) fn configuration(self) -> Configuration<'repository> {
        Configuration {
            git: self.git,
            program: self.program,
        }
    }

    pub(super) fn objects(self) -> Objects<'repository> {
        Objects {
            git: self.git,
            program: self.program,
        }
    }

    /// True if an attribute may make Git store other bytes than those of the file at `path`. The conversion of line
    /// ends is not considered.
    pub(in crate::repository) fn is_converted(
        self,
        path: &PathBytes,
    ) -> Result<bool, RepositoryError> {
        let converted = self.ask([path], |answer| answer.convert())?;
        Ok(converted.contains(&true))
    }

    fn ask<'path, Value>(
        self,
        paths: impl IntoIterator<Item = &'path PathBytes>,
        of: impl Fn(AttributeValues<{ ENCRYPTION.len() }>) -> Value,
    ) -> Result<Vec<Value>, RepositoryError> {
        let mut paths = paths.into_iter().peekable();
        if paths.peek().is_none() {
            return Ok(Vec::new());
        }
        let mut reader = self.reader.borrow_mut();
        let reader = match &mut *reader {
            Some(reader) => reader,
            none => none.insert(AttributeReader::start(
                self.program.command("check-attr"),
                &[],
                ENCRYPTION,
            )?),
        };
        reader.ask(paths, of)
    }

    fn of_head(self) -> Result<TreeAttributes, RepositoryError> {
        match self.objects().head_tree()? {
            Some(tree) => TreeAttributes::of_tree(self.objects(), &tree),
            None => TreeAttributes::of_files(self.objects(), Vec::new()),
        }
    }
}
