//! Writing files to the work tree at paths that somebody else may have chosen.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::top::WorkTree;
use crate::repository::error::RepositoryError;
use crate::repository::files::door::write_below;

impl<'repository> WorkTree<'repository> {
    /// Writes a file of the work tree at a path that somebody else may have chosen: whole, and through no symbolic link.
    pub(crate) fn write(self, path: &Path, content: &[u8]) -> Result<(), RepositoryError> {
        write_below(self.require("writing files")?, path, content)
    }

    /// Writes a file that the user has named. In the work tree, symbolic links are not followed, since a commit may
    /// have put them there. A place outside of the work tree, or in `.git`, is written as the user says.
    pub(crate) fn write_output(self, place: &Path, content: &[u8]) -> Result<(), RepositoryError> {
        let place = without_parent_steps(place)
            .map_err(RepositoryError::file("finding the place of", place))?;
        match self.path_in_work_tree(&place) {
            Some(path) if !path.starts_with(".git") => self.write(&path, content),
            _ => fs::write(&place, content).map_err(RepositoryError::file("writing", &place)),
        }
    }

    /// The path of `place` from the top of the work tree, if it lies there. Links on the way to the top are followed;
    /// links below the top are not.
    fn path_in_work_tree(self, place: &Path) -> Option<PathBuf> {
        let top = self.top()?.canonicalize().ok()?;
        let is_top = |folder: &&Path| folder.canonicalize().is_ok_and(|folder| folder == top);
        // Take the shortest one: a symbolic link below the top may lead back to the top.
        let base = place.ancestors().filter(is_top).last()?;
        place.strip_prefix(base).ok().map(Path::to_owned)
    }
}

/// The absolute path of `place`. Each `..` removes the part before it, even where that part is a symbolic link.
fn without_parent_steps(place: &Path) -> io::Result<PathBuf> {
    let mut resolved = PathBuf::new();
    for part in std::path::absolute(place)?.components() {
        if part == Component::ParentDir {
            resolved.pop();
        } else {
            resolved.push(part);
        }
    }
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::repository::Repository;

    #[test]
    fn outputs_beside_the_work_tree_are_written_and_no_link_in_it_is_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let top = folder.path().join("top");
        git2::Repository::init(&top).expect("an empty folder");
        fs::create_dir(folder.path().join("home")).expect("a new folder");
        symlink(folder.path().join("home"), top.join("link")).expect("a new link");
        let repository = Repository::open(&top).expect("it is a repository");
        let write = |place: &str| {
            repository
                .work_tree()
                .write_output(&top.join(place), b"text")
        };
        for place in [
            "a.yml",
            "../beside.yml",
            ".git/c.yml",
            "link/../d.yml",
            "link/../../e.yml",
        ] {
            write(place).expect(place);
        }
        for place in [
            "top/a.yml",
            "beside.yml",
            "top/.git/c.yml",
            "top/d.yml",
            "e.yml",
        ] {
            assert!(folder.path().join(place).is_file(), "{place}");
        }
        let refused = write("link/f.yml");
        assert!(matches!(refused, Err(RepositoryError::LinkInTheWay { .. })));
        assert_eq!(
            fs::read_dir(folder.path().join("home"))
                .expect("a folder")
                .count(),
            0
        );
    }
}
