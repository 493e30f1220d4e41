//! The files that services name with `env_file:`, decrypted and handed to the docker client under other paths.

use std::collections::HashSet;

use crate::secret::SecretBytes;
use crate::stack::error::StackError;
use crate::stack::loaded::Stack;
use crate::stack::source::{SourceError, TreeError};

/// The content of an `env_file` in plaintext.
#[derive(Debug)]
pub struct EnvFile {
    /// Its path from the top of the repository.
    pub path: String,
    pub content: SecretBytes,
    /// True if the file is not plaintext in Git.
    pub is_secret: bool,
}

impl Stack<'_> {
    /// Every file that an `env_file:` of this stack names, each once, decrypted in memory. Files outside of the repository
    /// are skipped: the docker client reads them itself.
    pub fn env_files(&self) -> Result<Vec<EnvFile>, StackError> {
        self.each_env_file(|path| {
            let content = self.sources.plaintext_of(path)?;
            let path = path.to_owned();
            let is_secret = !self.sources.is_plaintext_in_git(&path)?;
            Ok(EnvFile {
                path,
                content,
                is_secret,
            })
        })
    }

    /// The `env_file`s outside of the repository, as written in the stack files.
    pub fn env_files_elsewhere(&self) -> Vec<&str> {
        self.env_files_without(&|path| self.sources.find(path).is_ok())
    }

    /// The `env_file`s with an absolute path outside of the repository. They can't be handed over.
    pub fn absolute_env_files(&self) -> Vec<&str> {
        self.env_files_without(&|_| true)
    }

    /// The `env_file`s, as written in the stack files, except those whose path from the top of the repository satisfies
    /// `others`.
    fn env_files_without(&self, others: &dyn Fn(&str) -> bool) -> Vec<&str> {
        let mut found = Vec::new();
        for file in &self.files {
            for named in file.compose.services.iter().flat_map(|of| &of.env_files) {
                let path = file.inside(&named.file);
                if !path.is_some_and(|path| others(&path)) {
                    found.push(named.written.as_str());
                }
            }
        }
        found
    }

    /// The path of every `env_file`, with its blob id in Git or the id that it would get when added.
    pub fn env_file_blobs(&self) -> Result<Vec<(String, String)>, StackError> {
        self.each_env_file(|path| Ok((path.to_owned(), self.sources.blob_of(path)?.to_string())))
    }

    /// The paths of the `env_file`s that differ from the commit that was read or is checked out.
    pub(super) fn uncommitted_env_files(&self) -> Result<Vec<String>, StackError> {
        let found = self.each_env_file(|path| {
            let is_uncommitted = self.sources.is_uncommitted(path)?;
            Ok(is_uncommitted.then(|| path.to_owned()))
        })?;
        Ok(found.into_iter().flatten().collect())
    }

    fn each_env_file<T>(
        &self,
        read: impl Fn(&str) -> Result<T, SourceError>,
    ) -> Result<Vec<T>, StackError> {
        let mut known: HashSet<String> = HashSet::new();
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for file in &self.files {
            for service in &file.compose.services {
                for named in &service.env_files {
                    let path = file
                        .inside(&named.file)
                        .filter(|path| !known.contains(path));
                    let Some(path) = path else { continue };
                    match read(&path) {
                        Ok(file) => found.push(file),
                        Err(SourceError::Tree(
                            TreeError::Outside { .. } | TreeError::AtHome { .. },
                        )) if self.sources.in_work_tree() => {}
                        Err(source) => problems.push(StackError::EnvFile {
                            place: format!("{}:{}", file.path, named.line),
                            service: service.name.clone(),
                            source: Box::new(file.as_written(source, &named.written)),
                        }),
                    }
                    known.insert(path);
                }
            }
        }
        StackError::of_all(problems)?;
        Ok(found)
    }
}
