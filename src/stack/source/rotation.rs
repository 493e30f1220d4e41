//! Finds out whether a commit is older than the rotation of the key that its files are encrypted with.
//!
//! People who lost access through a rotation still have the old key, and can push files that are encrypted with it. Such
//! files must not be published. The files of a commit from before the rotation may be published, since going back to that
//! commit is a rollback.

use std::collections::HashMap;

use super::error::SourceError;
use super::keys::Keys;
use crate::format::KeyName;
use crate::repository::{BlobId, CommitId, Repository};
use crate::secret::SecretBytes;

/// True if the file at `path` was rotated to a new key, and `commit` is older than all its rotations in the history of this
/// clone's HEAD and branches.
///
/// A rotation is a commit in which a blob that the current key decrypts replaces one that it does not decrypt. Nobody can
/// create such a blob without the current key. An attacker may copy such a blob into another commit, which then looks like a
/// second rotation. But that does not make the attacker's commits older than the first rotation.
pub(crate) fn is_before_rotation(
    repository: &Repository,
    keys: &Keys<'_>,
    commit: CommitId,
    path: &str,
    key: &KeyName,
) -> Result<bool, SourceError> {
    let mut known: HashMap<BlobId, bool> = HashMap::new();
    let mut is_current = |blob: BlobId| {
        if let Some(known) = known.get(&blob) {
            return *known;
        }
        let content = repository.objects().blob(blob).ok();
        let content = content.map(|blob| SecretBytes::copy_of(blob.content()));
        let opened = content.and_then(|content| keys.open(path, content, key).ok());
        let current = opened.is_some_and(|opened| !opened.by_retired);
        known.insert(blob, current);
        current
    };
    let mut rotations = 0;
    for change in repository.commits().changes_of_path(path)? {
        let begins = change.blob.is_some_and(&mut is_current)
            && !change.before.is_empty()
            && !change.before.iter().any(|&before| is_current(before));
        if !begins {
            continue;
        }
        rotations += 1;
        if !repository
            .history(Some(change.commit))
            .contains(&commit.to_string())
        {
            return Ok(false);
        }
    }
    Ok(rotations > 0)
}
