//! Paths as Git stores them.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The name of the files with attributes.
pub(in crate::repository) const ATTRIBUTES_FILE: &[u8] = b".gitattributes";

/// A path relative to the top of the work tree, as Git stores it: any bytes except NUL, with `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PathBytes(Vec<u8>);

impl PathBytes {
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Converts a path of the operating system, which must be relative to the top of the work tree.
    pub(crate) fn of_path(path: &Path) -> Self {
        Self::new(path.as_os_str().as_encoded_bytes())
    }

    /// Parses a list in which NUL follows each path, as Git prints it with `-z`.
    pub(crate) fn listed(list: &[u8]) -> impl Iterator<Item = Self> {
        let paths = list.split(|&byte| byte == 0);
        paths.filter(|path| !path.is_empty()).map(Self::new)
    }

    /// Writes a list in which NUL follows each path, as Git reads it with `-z`.
    pub(crate) fn list<'path>(paths: impl IntoIterator<Item = &'path Self>) -> Vec<u8> {
        let mut list = Vec::new();
        for path in paths {
            list.extend_from_slice(&path.0);
            list.push(0);
        }
        list
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// True for wrapped keys and the signed statements beside them. Git must store them without encrypting them.
    pub(crate) fn is_of_collaborators(&self) -> bool {
        self.as_bytes().starts_with(b".git-crypt/")
    }

    /// True if Git reads attributes from a file at this path.
    pub(crate) fn is_attributes_file(&self) -> bool {
        let name = self.0.rsplit(|&byte| byte == b'/').next();
        name == Some(ATTRIBUTES_FILE)
    }

    /// The path as the operating system takes it.
    pub(crate) fn to_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }
}

impl fmt::Display for PathBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(&self.0).fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_paths_is_read_as_it_was_written() {
        let paths = [&b"a"[..], b"web/se cret", b"new\nline", b"\xff"].map(PathBytes::new);
        let list = PathBytes::list(&paths);
        assert_eq!(PathBytes::listed(&list).collect::<Vec<_>>(), paths);
        assert_eq!(PathBytes::listed(b"").count(), 0);
    }
}
