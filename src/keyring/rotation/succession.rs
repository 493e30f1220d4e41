//! Rotations of another clone: the keys that a commit about to be pulled has wrapped, and what they open.

use std::collections::HashSet;

use crate::format::{KeyFile, KeyName};
use crate::keyring::files::opens;
use crate::keyring::people::collaborators::{Collaborators, WrappedKey};
use crate::repository::{BlobId, Incoming, Repository, RepositoryError, stop_if_interrupted};

/// Keys that a commit about to be pulled has wrapped again. Their wrapped files differ from those of the last commit here.
#[derive(Debug)]
pub(crate) struct Rewrapped {
    pub incoming: Incoming,
    /// All wrapped files of these keys in that commit.
    pub wrapped: Vec<WrappedKey>,
}

/// The first commit about to be pulled that has wrapped keys of this clone again.
pub(crate) fn rewrapped(repository: &Repository) -> Result<Option<Rewrapped>, RepositoryError> {
    let collaborators = Collaborators::of(repository)?;
    let here = repository.keys().names()?;
    let before = collaborators.committed_keys(repository, None)?;
    for incoming in repository.commits().incoming()? {
        let after = collaborators.committed_keys(repository, Some(incoming.commit))?;
        let wrapped = wrapped_anew(&here, &before, after);
        if !wrapped.is_empty() {
            return Ok(Some(Rewrapped { incoming, wrapped }));
        }
    }
    Ok(None)
}

/// All wrapped files in `after` of keys that have at least one new file there: one that `before` does not have. Only
/// keys in `here` count.
fn wrapped_anew(
    here: &[KeyName],
    before: &[WrappedKey],
    mut after: Vec<WrappedKey>,
) -> Vec<WrappedKey> {
    let is_new = |after: &&WrappedKey| before.iter().all(|before| before.file != after.file);
    let changed = after.iter().filter(is_new).map(|new| new.key.clone());
    let changed: HashSet<KeyName> = changed.filter(|name| here.contains(name)).collect();
    after.retain(|wrapped| changed.contains(&wrapped.key));
    after
}

/// The first commit with a file that `key` opens. Commits about to be pulled are tried first, then all branches, since
/// Git may have been stopped while changing to one of them.
pub(crate) fn proof(
    repository: &Repository,
    key: &KeyFile,
) -> Result<Option<Incoming>, RepositoryError> {
    let mut tried = HashSet::new();
    let pulled = repository.commits().incoming()?;
    for incoming in pulled
        .into_iter()
        .chain(repository.commits().branches_ahead()?)
    {
        let mut files = repository.commits().brought_by(incoming.commit)?;
        files.retain(|file| tried.insert(file.clone()));
        let encryptions = repository
            .attributes()
            .encryptions(files.iter().map(|(path, _)| path))?;
        let of_key = files.into_iter().zip(encryptions).filter(|(_, asked)| {
            let asked = asked.as_ref();
            asked.is_some_and(|encryption| encryption.key == *key.name())
        });
        let blobs: Vec<BlobId> = of_key.map(|((_, blob), _)| blob).collect();
        repository.objects().fetch_blobs(blobs.iter().copied())?;
        for blob in blobs {
            stop_if_interrupted()?;
            if opens(key, repository.objects().blob(blob)?.content()) {
                return Ok(Some(incoming));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring::people::Holder;
    use crate::repository::{PathBytes, SharedFile};

    fn wrapped(key: &str, holder: &str, content: &str) -> WrappedKey {
        let name = format!("{holder:0>40}.age");
        WrappedKey {
            key: KeyName::of_file_name(key).expect("a key name"),
            version: 0,
            holder: Holder::of_file_name(&name).expect("a holder"),
            file: SharedFile {
                path: PathBytes::new(format!("keys/{key}/0/{name}")),
                committed: Some(BlobId::of_content(content.as_bytes())),
            },
            beside: None,
        }
    }

    #[test]
    fn a_key_that_is_wrapped_otherwise_comes_with_all_that_is_wrapped_of_it() {
        let default = [KeyName::default()];
        let before = [wrapped("default", "a", "old"), wrapped("low", "a", "low")];
        let kept = wrapped("default", "b", "kept");
        let rotated = wrapped("default", "a", "new");
        let low = wrapped("low", "a", "low");
        let [_, known] = &before;
        for (after, expected) in [
            (before.to_vec(), vec![]),
            // Somebody was removed: no file is new.
            (vec![known.clone()], vec![]),
            (
                vec![rotated.clone(), kept.clone(), low.clone()],
                vec![rotated.clone(), kept],
            ),
            // A key that this clone does not have was not rotated.
            (vec![wrapped("ops", "a", "new"), low], vec![]),
        ] {
            assert_eq!(wrapped_anew(&default, &before, after), expected);
        }
        let anew = wrapped_anew(&[], &before, vec![rotated]);
        assert!(anew.is_empty(), "no key is here");
    }
}
