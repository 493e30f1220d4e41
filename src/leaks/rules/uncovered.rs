//! Finds ciphertext to which no attribute assigns a key.

use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};

/// Adds a finding for each encrypted file in the `index` to which no attribute assigns a key.
pub(crate) fn inspect(
    repository: &Repository,
    index: &[(PathBytes, BlobId)],
    seen: &mut Inspection,
) -> Result<(), RepositoryError> {
    let files = index.iter().map(|(path, blob)| (path, *blob));
    let covered = repository.attributes().encrypted_paths(files)?;
    let objects = repository.objects();
    let is_partial = objects.is_partial()?;
    for (path, blob) in index.iter().filter(|(path, _)| !covered.contains_key(path)) {
        // In a partial clone, a missing file is skipped: nobody can edit it before it is fetched.
        if is_partial && !objects.has_blob(*blob)? {
            continue;
        }
        match objects.is_encrypted(*blob) {
            Ok(true) => {
                let rule = Rule::UncoveredCiphertext;
                seen.add_file(rule, (path, *blob), None, String::new());
            }
            Ok(false) => {}
            Err(error) => seen.add_gap(path, error.to_string()),
        }
    }
    Ok(())
}
