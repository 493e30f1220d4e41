//! Files of the index for which the work tree has a symbolic link, or that lie in a linked folder. Git does not follow
//! links here: for Git, these files are deleted.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::top::WorkTree;
use crate::format::{Header, KeyName};
use crate::repository::attributes::encryption::Encryption;
use crate::repository::error::RepositoryError;
use crate::repository::path::PathBytes;

/// Which folders of a work tree are, or lie in, a symbolic link. Each folder is examined once.
#[derive(Default)]
pub(crate) struct SeenFolders(HashMap<PathBuf, bool>);

impl<'repository> WorkTree<'repository> {
    /// True if a folder on the way to `path` is a symbolic link.
    pub(crate) fn is_behind_link(self, path: &PathBytes, seen: &mut SeenFolders) -> bool {
        let path = path.to_path();
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let (Some(work_tree), Some(folder)) = (self.top(), folder) else {
            return false;
        };
        if let Some(known) = seen.0.get(folder) {
            return *known;
        }
        let mut folders = folder.ancestors().filter(|folder| *folder != Path::new(""));
        let behind = folders.any(|folder| work_tree.join(folder).is_symlink());
        seen.0.insert(folder.to_owned(), behind);
        behind
    }

    /// Files for which a symbolic link leads to plaintext. Only those count that one of `keys` is to encrypt, and that
    /// are encrypted in the index.
    pub(crate) fn plaintext_behind_links(
        self,
        keys: &[&KeyName],
    ) -> Result<Vec<PathBytes>, RepositoryError> {
        let work_tree = self.require("looking at links")?;
        let mut seen = SeenFolders::default();
        let mut candidates = Vec::new();
        for entry in self.index.entries()? {
            let place = work_tree.join(entry.path.to_path());
            let linked = place.is_symlink() || self.is_behind_link(&entry.path, &mut seen);
            if linked && is_plaintext(&place) && self.objects.is_encrypted(entry.blob)? {
                candidates.push(entry.path);
            }
        }
        let encryptions = self.attributes.encryptions(&candidates)?;
        let theirs = candidates.into_iter().zip(encryptions);
        let of_keys = |encryption: Encryption| keys.contains(&&encryption.key);
        Ok(theirs
            .filter_map(|(path, encryption)| encryption.is_some_and(of_keys).then_some(path))
            .collect())
    }
}

fn is_plaintext(place: &Path) -> bool {
    let mut beginning = [0; Header::LEN];
    let is_file = fs::metadata(place).is_ok_and(|metadata| metadata.is_file());
    let read = File::open(place).and_then(|mut file| file.read_exact(&mut beginning));
    is_file && (read.is_err() || !Header::is_in(&beginning))
}
