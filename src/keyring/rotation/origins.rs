//! The commits that added wrapped keys. History is read once for all holders.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;

use super::error::RotationError;
use crate::format::KeyName;
use crate::keyring::people::{Collaborators, Holder};
use crate::repository::{BlobId, CommitId, CommitOrigin, PathBytes, Repository};

/// The commits of one key, cached.
#[derive(Default)]
pub(super) struct Origins {
    /// For the name of each file in `HEAD`, the oldest commit that has the file with this content.
    brought: Option<HashMap<OsString, CommitId>>,
    described: HashMap<CommitId, CommitOrigin>,
}

impl Origins {
    /// The commit that added the file of the key `name` that is now wrapped for a holder; `None` if it is not committed.
    pub(super) fn of(
        &mut self,
        repository: &Repository,
        name: &KeyName,
        holder: &Holder,
    ) -> Result<Option<CommitOrigin>, RotationError> {
        let brought = match &mut self.brought {
            Some(brought) => brought,
            unread => unread.insert(brought(repository, name)?),
        };
        let file_name = OsString::from(holder.file_name());
        let Some(commit) = brought.get(&file_name) else {
            return Ok(None);
        };
        if let Some(known) = self.described.get(commit) {
            return Ok(Some(known.clone()));
        }
        let origin = repository.commits().origin(*commit)?;
        self.described.insert(*commit, origin.clone());
        Ok(Some(origin))
    }
}

fn brought(
    repository: &Repository,
    name: &KeyName,
) -> Result<HashMap<OsString, CommitId>, RotationError> {
    let Some(head) = repository.objects().head_commit()? else {
        return Ok(HashMap::new());
    };
    let directory = Collaborators::of(repository)?.directory_of(name);
    let now = repository.objects().files_below(Some(head), &directory)?;
    let now: HashSet<(PathBytes, BlobId)> = now.into_iter().collect();
    let versions = repository.commits().versions_below(&[head], &directory)?;
    let mut brought = HashMap::new();
    // The newest versions come last and overwrite older ones: with several versions of a key, the newest counts.
    for version in versions {
        let file_name = version.path.to_path().file_name().map(OsString::from);
        let is_now = now.contains(&(version.path, version.blob));
        brought.extend(
            file_name
                .filter(|_| is_now)
                .map(|name| (name, version.commit)),
        );
    }
    Ok(brought)
}
