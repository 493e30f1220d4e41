//! Looks for attributes that would encrypt wrapped keys which do not exist yet.
//!
//! A wrapped key that is itself encrypted can't be used by anybody. An attacker who can push can add such attributes before there
//! is a wrapped key, when the rules about existing files find nothing.

use super::tree_keys::{TreeKeys, filter_words};
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::repository::{CommitId, PathBytes, RepositoryError};

/// Sample paths for each kind of file that a new holder of a key adds.
const KEYS_TO_COME: [&str; 4] = [
    ".git-crypt/keys/default/0/hs-secrets-sample.gpg",
    ".git-crypt/keys/default/0/hs-secrets-sample.age",
    ".git-crypt/keys/default/0/hs-secrets-sample.pub",
    ".git-crypt/hs-secrets/hs-secrets-sample",
];

/// Adds findings for patterns of the attributes `now` that assign a key to wrapped keys. With `are_shared`, wrapped keys exist,
/// and patterns that match any file count as well. Does nothing if an existing file already has such a finding.
pub(super) fn inspect(
    now: &mut TreeKeys<'_>,
    are_shared: bool,
    commit: Option<CommitId>,
    seen: &mut Inspection,
) -> Result<(), RepositoryError> {
    let findings = &mut seen.findings.iter();
    if findings.any(|finding| finding.rule == Rule::FilteredKey) {
        return Ok(());
    }
    let patterns = now.patterns()?;
    if patterns.is_empty() {
        return Ok(());
    }
    // Each path that Git is asked about, with the pattern that a finding shows for it.
    let mut asked = Vec::new();
    for pattern in patterns {
        if pattern.sample.is_of_collaborators() {
            asked.push((pattern.sample, pattern.shown));
        }
    }
    if are_shared {
        let shown = || PathBytes::new(".git-crypt/**");
        asked.extend(KEYS_TO_COME.map(|path| (PathBytes::new(path), shown())));
    }
    let paths: Vec<&PathBytes> = asked.iter().map(|(path, _)| path).collect();
    now.ask(&paths)?;
    let mut told: Vec<&PathBytes> = Vec::new();
    for (path, shown) in &asked {
        let key = now.key(path);
        if key.is_some() && !told.contains(&shown) {
            told.push(shown);
            let hint = format!("{}, for files yet to come", filter_words(key.as_ref()));
            seen.add_path(Rule::FilteredKey, shown, commit, hint);
        }
    }
    Ok(())
}
