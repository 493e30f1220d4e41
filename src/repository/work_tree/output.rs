//! Writing files of the work tree whose place somebody else may have chosen.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::top::WorkTree;
use crate::repository::error::RepositoryError;
use crate::repository::files::door::write_below;

impl<'repository> WorkTree<'repository> {
    /// Writes a file of the work tree whose path somebody else may have chosen: through no link, and whole.
    pub(crate) fn write(self, path: &Path, content: &[u8]) -> Result<(), RepositoryError> {
        write_below(self.require("writing files")?, path, content)
    }

    /// Writes a file that its user has named. In the work tree no link is followed, since a commit may have put one there; a
    /// place outside of it, or in `.git`, is its user's own.
    pub(crate) fn write_output(self, place: &Path, content: &[u8]) -> Result<(), RepositoryError> {
        let place = without_parent_steps(place)
            .map_err(RepositoryError::file("finding the place of", place))?;
        match self.path_in_work_tree(&place) {
            Some(path) if !path.starts_with(".git") => self.write(&path, content),
            _ => fs::write(&place, content).map_err(RepositoryError::file("writing", &place)),
        }
    }

    /// The path from the top of the work tree of what lies at `place`, if that is in it. Links on the way to the top are
    /// followed, those below it are not.
    fn path_in_work_tree(self, place: &Path) -> Option<PathBuf> {
        let top = self.top()?.canonicalize().ok()?;
        let is_top = |folder: &&Path| folder.canonicalize().is_ok_and(|folder| folder == top);
        // The shortest of them: a link below the top may lead back to it.
        let base = place.ancestors().filter(is_top).last()?;
        place.strip_prefix(base).ok().map(Path::to_owned)
    }
}

/// The absolute path of `place`, with each `..` resolved by taking away the part before it: a link there leads nowhere else.
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
