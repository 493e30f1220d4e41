//! The rules about the files that stacks name: secrets in plaintext, and encrypted files as configs.

use std::collections::{HashMap, HashSet};

use super::LeakError;
use super::encryption::Encrypted;
use super::inspection::Inspection;
use super::rule::Rule;
use crate::format::Header;
use crate::repository::{BlobId, PathBytes, Repository};
use crate::stack::{FileUse, NamedFile, has_stack_file_name, may_be_stack_file, named_files};

/// Looks at the files that the stacks in the index name; with `about`, only where stack file or named file is one of
/// these.
pub(super) fn inspect(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    encrypted: &Encrypted<'_>,
    about: Option<&HashSet<&PathBytes>>,
    seen: &mut Inspection,
) -> Result<(), LeakError> {
    let blobs: HashMap<&[u8], BlobId> = index
        .iter()
        .map(|(path, blob)| (path.as_bytes(), *blob))
        .collect();
    for (path, id) in index {
        let Some(name) = std::str::from_utf8(path.as_bytes())
            .ok()
            .filter(|name| is_yaml(name))
        else {
            continue;
        };
        let staged = about.is_none_or(|about| about.contains(path));
        if !(staged || has_stack_file_name(name)) {
            continue;
        }
        let blob = match repository.blob(*id) {
            Ok(blob) => blob,
            Err(error) => {
                seen.add_gap(path, error.to_string());
                continue;
            }
        };
        let text = String::from_utf8_lossy(blob.content());
        if !may_be_stack_file(&text) {
            continue;
        }
        let files = match named_files(&text) {
            Ok(files) => files,
            Err(error) => {
                // What a broken stack uses can't be told, but only those who touch it are kept up by it.
                if staged {
                    seen.add_gap(
                        path,
                        format!("no stack file that can be read: line {error}"),
                    );
                }
                continue;
            }
        };
        for file in files {
            let Some(named) = beside(name, &file.path) else {
                continue;
            };
            let Some(&blob) = blobs.get(named.as_bytes()) else {
                continue;
            };
            let named = PathBytes::new(named);
            let concerned =
                about.is_none_or(|about| about.contains(path) || about.contains(&named));
            if concerned
                && let Some((rule, hint)) = judge(repository, encrypted, &named, blob, name, &file)?
            {
                seen.add_file(rule, &named, None, hint);
            }
        }
    }
    Ok(())
}

fn judge(
    repository: &Repository,
    encrypted: &Encrypted<'_>,
    path: &PathBytes,
    blob: BlobId,
    stack: &str,
    file: &NamedFile,
) -> Result<Option<(Rule, String)>, LeakError> {
    let blob = repository.blob(blob)?;
    let is_encrypted = Header::is_in(blob.content());
    let line = file.line;
    // Where a filter is set, `unencrypted-blob` says more.
    let in_the_open = !is_encrypted && !encrypted.is_to_encrypt(path);
    Ok(match file.usage {
        FileUse::Secret if in_the_open => Some((
            Rule::PlaintextStackSecret,
            format!("a secret in {stack}:{line}"),
        )),
        FileUse::Config if is_encrypted => {
            Some((Rule::SecretAsConfig, format!("a config in {stack}:{line}")))
        }
        FileUse::Config if in_the_open && is_sensitive_path(path) => Some((
            Rule::PlaintextStackSecret,
            format!("a config in {stack}:{line}, with the name of a secret"),
        )),
        FileUse::EnvironmentFile if in_the_open && sets_secrets(blob.content()) => Some((
            Rule::PlaintextStackSecret,
            format!("an env_file in {stack}:{line}, and it sets passwords"),
        )),
        _ => None,
    })
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yml") || path.ends_with(".yaml")
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
                && super::sensitive_key::is_named_secret(name)
                && !value.is_empty()
                && !super::value::is_template(value)
                && !super::value::is_public(value)
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
