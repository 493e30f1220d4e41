//! The files of variables that services name with `env_file:`, decrypted and handed on under other paths.

use std::collections::HashSet;

use super::compose::env_file_nodes;
use super::error::StackError;
use super::files::StackFile;
use super::loaded::Stack;
use super::render::RenderedFile;
use super::render::{Edit, apply};
use super::source::SourceError;
use super::source::TreeError;
use super::yaml::Document;
use crate::secret::SecretBytes;

/// A file of variables, plaintext.
#[derive(Debug)]
pub struct EnvFile {
    /// Its path from the top of the repository.
    pub path: String,
    /// What it holds.
    pub content: SecretBytes,
}

impl Stack<'_> {
    /// Every file that an `env_file:` of this stack names, once each, decrypted in memory. Left out are those that lie
    /// outside of the repository: the docker client reads these where they are.
    pub fn env_files(&self) -> Result<Vec<EnvFile>, StackError> {
        self.each_env_file(|path| {
            let content = self.sources.plaintext_of(path)?;
            let path = path.to_owned();
            Ok(EnvFile { path, content })
        })
    }

    /// The id of each of them, as the commit has it: needs no key. In a work tree, that of what lies there.
    pub fn env_file_blobs(&self) -> Result<Vec<String>, StackError> {
        self.each_env_file(|path| self.sources.blob_of(path))
    }

    fn each_env_file<T>(
        &self,
        read: impl Fn(&str) -> Result<T, SourceError>,
    ) -> Result<Vec<T>, StackError> {
        let mut known: HashSet<String> = HashSet::new();
        let mut found = Vec::new();
        for file in &self.files {
            for service in &file.compose.services {
                for named in &service.env_files {
                    let path = inside(file, &named.file).filter(|path| !known.contains(path));
                    let Some(path) = path else { continue };
                    match read(&path) {
                        Ok(it) => found.push(it),
                        Err(SourceError::Tree(TreeError::Outside { .. }))
                            if self.sources.in_work_tree() => {}
                        Err(source) => {
                            return Err(StackError::EnvFile {
                                place: format!("{}:{}", file.path, named.line),
                                service: service.service.name.clone(),
                                source: Box::new(source),
                            });
                        }
                    }
                    known.insert(path);
                }
            }
        }
        Ok(found)
    }

    /// As [`Stack::render`], with the path that `handed_over` gives for each file of variables.
    pub fn render_handing_over(
        &self,
        handed_over: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Vec<RenderedFile>, StackError> {
        let mut rendered = self.render()?;
        for (file, rendered) in self.files.iter().zip(&mut rendered) {
            let services = file.compose.services.iter();
            let named: Vec<_> = services.flat_map(|service| &service.env_files).collect();
            if named.is_empty() {
                continue;
            }
            let line = named[0].line;
            let refused = |_| StackError::Render {
                place: format!("{}:{line}", file.path),
                reason: "an `env_file` that an anchor shares can't be handed over; write it out",
            };
            let document = Document::parse(&rendered.text).map_err(refused)?;
            let nodes = env_file_nodes(&document).map_err(refused)?;
            let mut edits: Vec<Edit> = Vec::new();
            let mut edited = HashSet::new();
            for (node, named) in nodes.into_iter().zip(named) {
                let bytes = document.node(node).bytes.clone();
                let path = inside(file, &named.file).and_then(|path| handed_over(&path));
                let replacement = path.map(|path| format!("\"{path}\""));
                // Services that share a list share its bytes.
                if let Some(replacement) = replacement
                    && edited.insert(bytes.clone())
                {
                    edits.push(Edit { bytes, replacement });
                }
            }
            rendered.text = apply(&rendered.text, edits);
            Document::parse(&rendered.text).map_err(refused)?;
        }
        Ok(rendered)
    }
}

/// The path from the top of the repository, unless it is absolute.
fn inside(file: &StackFile, named: &str) -> Option<String> {
    let path = file.beside(named);
    (!path.starts_with('/')).then_some(path)
}
