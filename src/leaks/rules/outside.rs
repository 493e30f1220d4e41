//! Finds attributes that are overridden in this clone from outside of the tree, for example by `.git/info/attributes`.

use std::collections::BTreeMap;

use super::tree_keys::{TreeKeys, filter_words, to_ask};
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};

/// Looks for keys that the `.gitattributes` in the `index` assign to `paths`, or to what their patterns match, but that do
/// not apply in this clone. Returns a remark if that could not be found out.
pub(crate) fn inspect(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    paths: &[&PathBytes],
    seen: &mut Inspection,
) -> Option<String> {
    match taken_away(repository, index, paths) {
        Ok(lost) => {
            for (path, hint) in lost {
                // If the tree itself no longer assigns the key, there is a finding already.
                if !seen.has(Rule::LostAttribute, &path) {
                    seen.add_path(Rule::LostAttribute, &path, None, hint);
                }
            }
            None
        }
        Err(error) => Some(format!(
            "the attributes could not be compared with those outside of the tree: {error}"
        )),
    }
}

/// Each path or pattern that has lost its key, with a description of what changed.
fn taken_away(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    paths: &[&PathBytes],
) -> Result<BTreeMap<PathBytes, String>, RepositoryError> {
    let mut lost = BTreeMap::new();
    let attributes = repository.attributes();
    let outside = attributes.files_outside_the_tree()?;
    let Some(first) = outside.first() else {
        return Ok(lost);
    };
    let place = first.display();
    let mut tree = TreeKeys::of_files(repository, index);
    let patterns = tree.patterns()?;
    if patterns.is_empty() {
        return Ok(lost);
    }
    let shown = to_ask(&patterns, paths);
    let questions: Vec<&PathBytes> = shown.keys().copied().collect();
    tree.ask(&questions)?;
    let here = attributes.keys_of(&questions)?;
    for path in questions {
        let (wanted, here) = (tree.key(path), here.get(path));
        if wanted.is_some() && wanted.as_ref() != here {
            let hint = format!(
                "{} in the repository, {} in this clone: see {place}",
                filter_words(wanted.as_ref()),
                filter_words(here)
            );
            lost.insert(shown[path].clone(), hint);
        }
    }
    Ok(lost)
}
