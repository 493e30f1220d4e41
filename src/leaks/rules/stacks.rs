//! The rules about the files that stacks name: secrets in plaintext, and encrypted files used as configs.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::encryption::Encrypted;
use crate::leaks::forms::settings::secret_names::is_named_secret;
use crate::leaks::forms::settings::templates::is_template;
use crate::leaks::forms::settings::value::is_public;
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};
use crate::stack::{
    FileUse, MAXIMUM_FILE_LENGTH, SETTINGS_FILE, Settings, StackPaths, beside, is_yaml,
    may_be_stack_file, named_files, without_parents,
};

/// Maximum number of uses of one file that are listed.
const MOST_USES: usize = 3;

/// Looks at the files that the stacks in the index name. With `about`, only if the stack file or the named file is among these.
pub(crate) fn inspect(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    encrypted: &Encrypted<'_>,
    about: Option<&HashSet<&PathBytes>>,
    seen: &mut Inspection,
) {
    let blobs: HashMap<&PathBytes, BlobId> =
        index.iter().map(|(path, blob)| (path, *blob)).collect();
    let stack_paths = stack_paths(repository, index);
    let mut uses: BTreeMap<(PathBytes, BlobId, Rule), Vec<String>> = BTreeMap::new();
    for (path, id) in index {
        let staged = about.is_none_or(|about| about.contains(path));
        let name = path.to_string();
        if !(stack_paths.include(&name) || staged && is_yaml(&name)) {
            continue;
        }
        let files = match files_named_by(repository, path, *id, &stack_paths) {
            Ok(files) => files,
            Err(reason) => {
                // A broken stack file is a gap only for those who change it. A YAML file that is too long for a stack file is taken
                // for data, unless it lies where stack files lie.
                let too_long = repository
                    .objects()
                    .blob_len(*id)
                    .is_ok_and(|length| length > MAXIMUM_FILE_LENGTH);
                if staged && (stack_paths.include(&name) || !too_long) {
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
                match file.broken_rule(repository, encrypted, blob) {
                    Ok(Some((rule, hint))) => {
                        let hints = uses.entry((file.path, blob, rule)).or_default();
                        hints.push(hint);
                    }
                    Ok(None) => {}
                    Err(error) => seen.add_gap(&file.path, error.to_string()),
                }
            }
        }
    }
    for ((path, blob, rule), hints) in uses {
        seen.add_file(rule, (&path, blob), None, joined(hints));
    }
}

/// All uses of one file in one sentence.
fn joined(mut uses: Vec<String>) -> String {
    uses.dedup();
    let named = &uses[..uses.len().min(MOST_USES)];
    match uses.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Where stack files lie, by the settings in the index. If these can't be read, another part of the check fails.
pub(crate) fn stack_paths(repository: &Repository, index: &[(PathBytes, BlobId)]) -> StackPaths {
    let entry = index
        .iter()
        .find(|(path, _)| path.as_bytes() == SETTINGS_FILE.as_bytes());
    let text = entry.and_then(|(_, blob)| {
        let length = repository.objects().blob_len(*blob).ok()?;
        let blob = (length <= MAXIMUM_FILE_LENGTH).then(|| repository.objects().blob(*blob));
        String::from_utf8(blob?.ok()?.content().to_vec()).ok()
    });
    let settings = text.and_then(|text| Settings::parse(&text).ok());
    StackPaths::of(&settings.unwrap_or_default())
}

/// A file that a stack names.
pub(crate) struct FileInStack {
    /// Its path from the top of the repository.
    pub(crate) path: PathBytes,
    usage: FileUse,
    /// The stack file and line that name the file.
    named_in: String,
}

/// The files that the stack file `path` names; empty if its content is no stack file.
pub(crate) fn files_named_by(
    repository: &Repository,
    path: &PathBytes,
    content: BlobId,
    stack_paths: &StackPaths,
) -> Result<Vec<FileInStack>, String> {
    let unread = |error: RepositoryError| error.to_string();
    let length = repository.objects().blob_len(content).map_err(unread)?;
    if length > MAXIMUM_FILE_LENGTH {
        return Err(format!(
            "it has {length} bytes; of a stack file, at most {MAXIMUM_FILE_LENGTH} are read"
        ));
    }
    let blob = repository.objects().blob(content).map_err(unread)?;
    let text = String::from_utf8_lossy(blob.content());
    let name = match std::str::from_utf8(path.as_bytes()) {
        Ok(name) if may_be_stack_file(&text) => name,
        _ => return Ok(Vec::new()),
    };
    let files = named_files(&text)
        .map_err(|error| format!("no stack file that can be read: line {error}"))?;
    let mut placed = Vec::new();
    for first in stack_paths.first_files(name) {
        placed.extend(files.iter().filter_map(|file| {
            Some(FileInStack {
                path: PathBytes::new(from_top(&first, &file.path)?),
                usage: file.usage,
                named_in: format!("{name}:{}", file.line),
            })
        }));
    }
    Ok(placed)
}

impl FileInStack {
    /// Checks whether the stored `blob` of the file fits its use in the stack.
    pub(crate) fn broken_rule(
        &self,
        repository: &Repository,
        encrypted: &Encrypted<'_>,
        blob: BlobId,
    ) -> Result<Option<(Rule, String)>, RepositoryError> {
        let objects = repository.objects();
        let is_encrypted = objects.is_encrypted(blob)?;
        let length = objects.blob_len(blob)?;
        let place = &self.named_in;
        // If a filter is set, `unencrypted-blob` is the better finding. Git does not run filters on empty files.
        let in_the_open = !(is_encrypted || length == 0 || encrypted.is_to_encrypt(&self.path));
        let plaintext = |what: String| Some((Rule::PlaintextStackSecret, what));
        Ok(match self.usage {
            FileUse::Secret if in_the_open => plaintext(format!("a secret in {place}")),
            FileUse::Config if is_encrypted => {
                Some((Rule::SecretAsConfig, format!("a config in {place}")))
            }
            FileUse::Config if in_the_open && is_sensitive_path(&self.path) => {
                plaintext(format!("a config in {place}, with the name of a secret"))
            }
            FileUse::EnvironmentFile if in_the_open && length > MAXIMUM_FILE_LENGTH => {
                return Err(RepositoryError::TooLong {
                    path: self.path.to_path().to_owned(),
                    maximum: MAXIMUM_FILE_LENGTH,
                });
            }
            FileUse::EnvironmentFile
                if in_the_open && sets_secrets(objects.blob(blob)?.content()) =>
            {
                plaintext(format!("an env_file in {place}, and it sets passwords"))
            }
            _ => None,
        })
    }
}

/// True if the file name of a config suggests a secret.
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

/// True if a line assigns a value to a variable with the name of a secret.
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
                && is_named_secret(name)
                && !value.is_empty()
                && !is_template(value)
                && !is_public(value)
        })
}

/// The path from the top of the repository for the path `written` in the stack file at `stack`; `None` if it leads out
/// of the repository or has a variable in it.
fn from_top(stack: &str, written: &str) -> Option<String> {
    if written.contains('$') {
        return None;
    }
    without_parents(&beside(stack, written))
}
