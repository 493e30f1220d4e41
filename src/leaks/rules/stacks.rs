//! The rules about the files that stacks name: secrets in plaintext, and encrypted files as configs.

use std::collections::{HashMap, HashSet};

use super::encryption::Encrypted;
use crate::format::Header;
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};
use crate::stack::{FileUse, has_stack_file_name, may_be_stack_file, named_files};

/// Looks at the files that the stacks in the index name; with `about`, only where stack file or named file is one of
/// these.
pub(crate) fn inspect(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    encrypted: &Encrypted<'_>,
    about: Option<&HashSet<&PathBytes>>,
    seen: &mut Inspection,
) {
    let blobs: HashMap<&PathBytes, BlobId> =
        index.iter().map(|(path, blob)| (path, *blob)).collect();
    for (path, id) in index {
        let staged = about.is_none_or(|about| about.contains(path));
        if !(has_stack_file_name(&path.to_string()) || staged && is_yaml(path)) {
            continue;
        }
        let files = match files_named_by(repository, path, *id) {
            Ok(files) => files,
            Err(reason) => {
                // What a broken stack uses can't be told, but only those who touch it are kept up by it.
                if staged {
                    seen.add_gap(path, reason);
                }
                continue;
            }
        };
        for file in files {
            let Some(&blob) = blobs.get(&file.path) else {
                continue;
            };
            if staged || about.is_none_or(|about| about.contains(&file.path)) {
                match file.judge(repository, encrypted, blob) {
                    Ok(Some((rule, hint))) => seen.add_file(rule, &file.path, None, hint),
                    Ok(None) => {}
                    Err(error) => seen.add_gap(&file.path, error.to_string()),
                }
            }
        }
    }
}

/// A file that a stack names.
pub(crate) struct StackFile {
    /// Its path from the top of the repository.
    pub(crate) path: PathBytes,
    usage: FileUse,
    /// Stack file and line that name it.
    named_in: String,
}

/// The files that the stack file `path` names; none where its content is of another kind.
pub(crate) fn files_named_by(
    repository: &Repository,
    path: &PathBytes,
    content: BlobId,
) -> Result<Vec<StackFile>, String> {
    let blob = repository
        .blob(content)
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(blob.content());
    let name = match std::str::from_utf8(path.as_bytes()) {
        Ok(name) if may_be_stack_file(&text) => name,
        _ => return Ok(Vec::new()),
    };
    let files = named_files(&text)
        .map_err(|error| format!("no stack file that can be read: line {error}"))?;
    let placed = files.into_iter().filter_map(|file| {
        Some(StackFile {
            path: PathBytes::new(beside(name, &file.path)?),
            usage: file.usage,
            named_in: format!("{name}:{}", file.line),
        })
    });
    Ok(placed.collect())
}

impl StackFile {
    /// What is wrong with the file as `blob` stores it.
    pub(crate) fn judge(
        &self,
        repository: &Repository,
        encrypted: &Encrypted<'_>,
        blob: BlobId,
    ) -> Result<Option<(Rule, String)>, RepositoryError> {
        let blob = repository.blob(blob)?;
        let is_encrypted = Header::is_in(blob.content());
        let place = &self.named_in;
        // Where a filter is set, `unencrypted-blob` says more. Git does not run filters on empty files.
        let in_the_open =
            !(is_encrypted || blob.content().is_empty() || encrypted.is_to_encrypt(&self.path));
        let plaintext = |what: String| Some((Rule::PlaintextStackSecret, what));
        Ok(match self.usage {
            FileUse::Secret if in_the_open => plaintext(format!("a secret in {place}")),
            FileUse::Config if is_encrypted => {
                Some((Rule::SecretAsConfig, format!("a config in {place}")))
            }
            FileUse::Config if in_the_open && is_sensitive_path(&self.path) => {
                plaintext(format!("a config in {place}, with the name of a secret"))
            }
            FileUse::EnvironmentFile if in_the_open && sets_secrets(blob.content()) => {
                plaintext(format!("an env_file in {place}, and it sets passwords"))
            }
            _ => None,
        })
    }
}

pub(crate) fn is_yaml(path: &PathBytes) -> bool {
    path.as_bytes().ends_with(b".yml") || path.as_bytes().ends_with(b".yaml")
}

/// True where the name of a config says that it is a secret.
fn is_sensitive_path(path: &PathBytes) -> bool {
    let name = path.to_string().to_lowercase();
    let name = name.rsplit('/').next().unwrap_or(&name);
    let words = [
        "password",
        "passwd",
        "secret",
        "credential",
        "htpasswd",
        "private",
        "token",
    ];
    let endings = [".pem", ".key", ".p12", ".pfx"];
    words.iter().any(|word| name.contains(word))
        || endings.iter().any(|ending| name.ends_with(ending))
}

/// True where a line sets a variable with the name of a secret to a value of its own.
fn sets_secrets(environment: &[u8]) -> bool {
    environment
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .any(|line| {
            let Some(split) = line.iter().position(|&byte| byte == b'=') else {
                return false;
            };
            let (name, value) = (&line[..split], line[split + 1..].trim_ascii());
            !line.starts_with(b"#")
                && crate::leaks::forms::sensitive_key::is_named_secret(name)
                && !value.is_empty()
                && !crate::leaks::forms::value::is_template(value)
                && !crate::leaks::forms::value::is_public(value)
        })
}

/// The path from the top of what a stack file calls `path`; none where that leads out of the repository.
fn beside(stack: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('$') {
        return None;
    }
    let folder = stack.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_stack_file() {
        assert_eq!(
            beside("web/stack.yml", "./config/a").as_deref(),
            Some("web/config/a")
        );
        assert_eq!(beside("stack.yml", "config/a").as_deref(), Some("config/a"));
        assert_eq!(
            beside("web/stack.yml", "../shared/a").as_deref(),
            Some("shared/a")
        );
        assert_eq!(beside("stack.yml", "../a"), None);
        assert_eq!(beside("stack.yml", "/etc/a"), None);
    }
}
