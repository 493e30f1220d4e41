//! Whether the `.gitattributes` of the index alone decide about paths.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::view::Attributes;
use crate::repository::error::RepositoryError;
use crate::repository::files::door::read_below;
use crate::repository::objects::blobs::BlobId;
use crate::repository::path::{ATTRIBUTES_FILE, PathBytes};

/// Maximum length in bytes of a `.gitattributes` that is compared. Git ignores files longer than 100 MB.
const LONGEST_FILE: u64 = 4 << 20;

impl Attributes<'_> {
    /// True if only the `.gitattributes` of the index decide about `paths`: no file outside of the tree has attributes,
    /// and the `.gitattributes` of the work tree are the same.
    pub(crate) fn are_those_of_index(self, paths: &[&PathBytes]) -> Result<bool, RepositoryError> {
        Ok(self.work_tree_agrees(paths) && self.files_outside_the_tree()?.is_empty())
    }

    /// True if the `.gitattributes` of the work tree that apply to `paths` are those of the index.
    pub(super) fn work_tree_agrees(self, paths: &[&PathBytes]) -> bool {
        // If libgit2 can't read the index, the caller asks Git.
        let (Some(top), Ok(index)) = (self.git.workdir(), self.git.index()) else {
            return false;
        };
        let agrees = |folder: &[u8]| {
            let path = match folder {
                b"" => ATTRIBUTES_FILE.to_vec(),
                _ => [folder, ATTRIBUTES_FILE].join(&b'/'),
            };
            let path = Path::new(std::ffi::OsStr::from_bytes(&path));
            // Most folders have none, and this check is faster than `read_below`.
            if is_missing(&top.join(path)) {
                return true;
            }
            match read_below(top, path, LONGEST_FILE) {
                Ok(Some(content)) => index.get_path(path, 0).is_some_and(|entry| {
                    let staged = BlobId(entry.id.into());
                    staged.is_of(&content)
                }),
                // The file does not exist: Git then reads the one in the index.
                Ok(None) => true,
                // Git does not follow a symbolic link here. A file that is too long can't be compared.
                Err(_) => false,
            }
        };
        folders_of(paths).into_iter().all(agrees)
    }
}

/// True if nothing exists at `path`.
fn is_missing(path: &Path) -> bool {
    let found = path.symlink_metadata();
    found.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// The folders that `paths` lie in, and all their parents up to the top (`""`).
fn folders_of<'path>(paths: &[&'path PathBytes]) -> HashSet<&'path [u8]> {
    let mut folders = HashSet::from([&b""[..]]);
    for path in paths {
        let mut rest = path.as_bytes();
        while let Some(slash) = rest.iter().rposition(|&byte| byte == b'/') {
            rest = &rest[..slash];
            if !folders.insert(rest) {
                break;
            }
        }
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_on_the_way_is_named_once() {
        let paths = ["a/b/c", "a/b/d", "a/e", "f"].map(PathBytes::new);
        let paths: Vec<&PathBytes> = paths.iter().collect();
        let mut folders: Vec<&[u8]> = folders_of(&paths).into_iter().collect();
        folders.sort_unstable();
        assert_eq!(folders, [&b""[..], b"a", b"a/b"]);
    }
}
