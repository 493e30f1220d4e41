//! Looks for attributes that would encrypt wrapped keys which are yet to come.
//!
//! A wrapped key that is encrypted itself lets nobody in. Whoever can push can cover such files before there is one, when no rule
//! about a file has anything to say.

use super::tree_keys::{TreeKeys, filter_words};
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::repository::{CommitId, PathBytes, RepositoryError};

/// Paths of the kinds of files that a new holder of a key brings, with invented names.
const KEYS_TO_COME: [&str; 4] = [
    ".git-crypt/keys/default/0/hs-secrets-sample.gpg",
    ".git-crypt/keys/default/0/hs-secrets-sample.age",
    ".git-crypt/keys/default/0/hs-secrets-sample.pub",
    ".git-crypt/hs-secrets/hs-secrets-sample",
];

/// Writes down the patterns of the attributes `now` that give wrapped keys to a filter. With `are_shared`, there are wrapped keys,
/// and patterns that match anything count as well. A file that is there and covered says it already.
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
    // Each path that is asked about, with what is shown for it.
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
