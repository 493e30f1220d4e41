//! Reading, writing and removing files whose path a commit can choose. No symbolic link on the way is followed, and a
//! file is written whole or not at all.
//!
//! Anybody who can push can replace a file or folder by a symbolic link, even between a check of the path and its use.
//! Therefore each folder is opened relative to its open parent folder, never by a path of several parts (openat(2),
//! `O_NOFOLLOW`).

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::private_files::TEMPORARY_PREFIX;
use crate::repository::error::RepositoryError;

/// How many names of temporary files are tried. A name is taken if a killed process with the same process id has left its file.
const MAXIMUM_ATTEMPTS: usize = 100;

const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Replaces the content of the file at `path` below the folder `top`, in one step. Missing folders are created. An
/// executable file stays executable.
pub(in crate::repository) fn write_below(
    top: &Path,
    path: &Path,
    content: &[u8],
) -> Result<(), RepositoryError> {
    match Door::to(top, path, Missing::Create)? {
        Some(door) => door.write(content),
        None => Err(failed("creating", &top.join(path), Errno::NOENT)),
    }
}

/// An error if something other than a regular file is at `path` below the folder `top`, or if something on the way
/// there is not a folder. A missing file or folder is not an error.
pub(in crate::repository) fn require_writable_below(
    top: &Path,
    path: &Path,
) -> Result<(), RepositoryError> {
    match Door::to(top, path, Missing::Leave)? {
        Some(door) => door.mode_to_write().map(drop),
        None => Ok(()),
    }
}

/// The content of the regular file at `path` below the folder `top`; `None` if there is none. A file with more than
/// `maximum` bytes is an error.
pub(in crate::repository) fn read_below(
    top: &Path,
    path: &Path,
    maximum: u64,
) -> Result<Option<Vec<u8>>, RepositoryError> {
    match Door::to(top, path, Missing::Leave)? {
        Some(door) => door.read(maximum),
        None => Ok(None),
    }
}

/// Removes the file or symbolic link at `path` below the folder `top`. False if there is none.
pub(in crate::repository) fn remove_below(
    top: &Path,
    path: &Path,
) -> Result<bool, RepositoryError> {
    match Door::to(top, path, Missing::Leave)? {
        Some(door) => door.remove(),
        None => Ok(false),
    }
}

/// Whether a missing folder is created.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Create,
    Leave,
}

/// A name in an open folder.
struct Door {
    folder: OwnedFd,
    name: PathBuf,
    /// The whole path, for messages.
    full: PathBuf,
}

impl Door {
    /// Opens the folders on the way, one by one. `None` if one is missing and `missing` says not to create it.
    fn to(top: &Path, path: &Path, missing: Missing) -> Result<Option<Self>, RepositoryError> {
        let mut parts = parts_of(path)?;
        let name = parts.pop().ok_or_else(|| outside(path))?;
        let mut place = top.to_owned();
        let mut folder = rustix::fs::open(top, FOLDER - OFlags::NOFOLLOW, Mode::empty())
            .map_err(|error| failed("opening", &place, error))?;
        for part in parts {
            place.push(part);
            folder = match rustix::fs::openat(&folder, part, FOLDER, Mode::empty()) {
                Err(Errno::NOENT) if missing == Missing::Leave => return Ok(None),
                Err(Errno::NOENT) => created(&folder, part, &place)?,
                Err(error) => return Err(refused(&folder, part, &place, error)),
                Ok(opened) => opened,
            };
        }
        place.push(name);
        Ok(Some(Self {
            folder,
            name: name.into(),
            full: place,
        }))
    }

    fn write(&self, content: &[u8]) -> Result<(), RepositoryError> {
        let mode = self.mode_to_write()?;
        let (temporary, file) = self
            .temporary(mode)
            .map_err(|error| failed("writing", &self.full, error))?;
        let written = self.put(file, content, &temporary);
        if written.is_err() {
            // The first error is the one to report.
            let _ = rustix::fs::unlinkat(&self.folder, &temporary, AtFlags::empty());
        }
        written.map_err(RepositoryError::file("writing", &self.full))
    }

    /// The mode that the file has, or will have when it is created. An error if no file can be written here.
    fn mode_to_write(&self) -> Result<Mode, RepositoryError> {
        let failed = |error| failed("writing", &self.full, error);
        match self.kind_and_mode()? {
            None => Ok(Mode::from_raw_mode(0o666)),
            Some((FileType::RegularFile, mode)) => Ok(mode),
            Some((FileType::Symlink, _)) => Err(link(&self.full)),
            Some((FileType::Directory, _)) => Err(failed(Errno::ISDIR)),
            Some(_) => Err(failed(Errno::INVAL)),
        }
    }

    fn put(&self, mut file: File, content: &[u8], temporary: &str) -> io::Result<()> {
        file.write_all(content)?;
        file.sync_all()?;
        rustix::fs::renameat(&self.folder, temporary, &self.folder, &self.name)?;
        Ok(())
    }

    /// Creates a new file in the same folder, to be renamed later.
    fn temporary(&self, mode: Mode) -> Result<(String, File), Errno> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for attempt in 0..MAXIMUM_ATTEMPTS {
            let name = format!("{TEMPORARY_PREFIX}{}-{attempt}", std::process::id());
            match rustix::fs::openat(&self.folder, &name, flags, mode) {
                Err(Errno::EXIST) => {}
                opened => return Ok((name, File::from(opened?))),
            }
        }
        Err(Errno::EXIST)
    }

    fn read(&self, maximum: u64) -> Result<Option<Vec<u8>>, RepositoryError> {
        // `NONBLOCK`: opening a named pipe must not wait for its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.folder, &self.name, flags, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => {
                return Err(refused(
                    &self.folder,
                    self.name.as_os_str(),
                    &self.full,
                    error,
                ));
            }
            Ok(file) => File::from(file),
        };
        let reading = || RepositoryError::file("reading", &self.full);
        if !file.metadata().map_err(reading())?.is_file() {
            return Err(reading()(Errno::INVAL.into()));
        }
        let mut content = Vec::new();
        let length = file.take(maximum + 1).read_to_end(&mut content);
        if length.map_err(reading())? as u64 > maximum {
            let path = self.full.clone();
            return Err(RepositoryError::TooLong { path, maximum });
        }
        Ok(Some(content))
    }

    fn remove(&self) -> Result<bool, RepositoryError> {
        match rustix::fs::unlinkat(&self.folder, &self.name, AtFlags::empty()) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(failed("removing", &self.full, error)),
        }
    }

    /// The type and mode of what has the name, without following a symbolic link; `None` if nothing has it.
    fn kind_and_mode(&self) -> Result<Option<(FileType, Mode)>, RepositoryError> {
        match rustix::fs::statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some((
                FileType::from_raw_mode(found.st_mode),
                Mode::from_raw_mode(found.st_mode),
            ))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(failed("looking at", &self.full, error)),
        }
    }
}

/// The parts of `path`. An error if it leads out of the folder that it starts in, or into `.git`.
fn parts_of(path: &Path) -> Result<Vec<&OsStr>, RepositoryError> {
    let part = |component| match component {
        Component::Normal(name) if !name.eq_ignore_ascii_case(".git") => Ok(name),
        _ => Err(outside(path)),
    };
    path.components().map(part).collect()
}

fn created(folder: &OwnedFd, name: &OsStr, place: &Path) -> Result<OwnedFd, RepositoryError> {
    match rustix::fs::mkdirat(folder, name, Mode::from_raw_mode(0o777)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(failed("creating", place, error)),
    }
    rustix::fs::openat(folder, name, FOLDER, Mode::empty())
        .map_err(|error| refused(folder, name, place, error))
}

/// The error for a `name` that could not be opened without following links.
fn refused(folder: &OwnedFd, name: &OsStr, place: &Path, error: Errno) -> RepositoryError {
    let found = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
    let is_link = found.is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_symlink());
    if is_link {
        link(place)
    } else {
        failed("opening", place, error)
    }
}

fn link(place: &Path) -> RepositoryError {
    RepositoryError::LinkInTheWay {
        path: place.to_owned(),
    }
}

fn outside(path: &Path) -> RepositoryError {
    RepositoryError::OutsideWorkTree {
        path: path.to_owned(),
    }
}

fn failed(doing: &'static str, place: &Path, error: Errno) -> RepositoryError {
    RepositoryError::file(doing, place)(error.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// The top of a work tree, and a file outside of it that must stay untouched.
    struct Scene {
        folder: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs::create_dir(folder.path().join("top")).expect("a new folder");
            fs::create_dir(folder.path().join("home")).expect("a new folder");
            fs::write(folder.path().join("home/profile"), "mine").expect("a new file");
            Self { folder }
        }

        fn top(&self) -> PathBuf {
            self.folder.path().join("top")
        }

        fn link(&self, target: &str, path: &str) {
            symlink(self.folder.path().join(target), self.top().join(path)).expect("a new link");
        }

        fn assert_untouched(&self) {
            let home = self.folder.path().join("home");
            assert_eq!(
                fs::read(home.join("profile")).expect("it is there"),
                b"mine"
            );
            assert_eq!(fs::read_dir(home).expect("it is there").count(), 1);
        }
    }

    #[test]
    fn a_file_is_written_with_the_folders_that_it_needs_and_nothing_is_left_beside_it() {
        let scene = Scene::new();
        let path = Path::new("a/b/c");
        for content in ["one", "two"] {
            write_below(&scene.top(), path, content.as_bytes()).expect("nothing is in the way");
            let there = read_below(&scene.top(), path, 3).expect("it is short");
            assert_eq!(there.as_deref(), Some(content.as_bytes()));
        }
        let beside = fs::read_dir(scene.top().join("a/b")).expect("it is there");
        assert_eq!(beside.count(), 1);
        assert!(remove_below(&scene.top(), path).expect("it is there"));
        assert!(!remove_below(&scene.top(), path).expect("it is gone"));
        assert_eq!(
            read_below(&scene.top(), Path::new("x/y"), 3).expect("nothing"),
            None
        );
        assert!(!scene.top().join("x").exists());
    }

    #[test]
    fn no_link_is_followed_wherever_it_stands() {
        for (target, link, path) in [
            ("home/profile", "file", "file"),
            ("home/new", "file", "file"),
            ("home", "folder", "folder/profile"),
            ("home", "folder", "folder/new"),
            ("home", "folder", "folder/deep/new"),
            ("home/missing", "folder", "folder/new"),
        ] {
            let scene = Scene::new();
            scene.link(target, link);
            let path = Path::new(path);
            let written = write_below(&scene.top(), path, b"theirs");
            let error = written.expect_err("a link is in the way").to_string();
            assert!(
                error.contains(&format!("top/{link} is a symbolic link")),
                "{error}"
            );
            let read = read_below(&scene.top(), path, 100);
            read.expect_err("a link is in the way");
            if path.components().count() > 1 {
                remove_below(&scene.top(), path).expect_err("a link is in the way");
            } else {
                // At this path is the link itself.
                assert!(remove_below(&scene.top(), path).expect("it is there"));
            }
            scene.assert_untouched();
        }
    }

    #[test]
    fn no_path_leads_out_or_into_what_git_keeps() {
        let scene = Scene::new();
        let home = scene.folder.path().join("home/profile");
        let absolute = home.to_str().expect("plain letters");
        for path in [
            "",
            "..",
            "../home/profile",
            "a/../../home/new",
            absolute,
            ".git/config",
            "a/.GIT/hooks/x",
        ] {
            let written = write_below(&scene.top(), Path::new(path), b"theirs");
            assert!(
                matches!(written, Err(RepositoryError::OutsideWorkTree { .. })),
                "{path}: {written:?}"
            );
        }
        scene.assert_untouched();
    }

    #[test]
    fn an_executable_file_stays_one_and_a_folder_is_no_file() {
        let scene = Scene::new();
        let script = scene.top().join("script");
        fs::write(&script, "old").expect("a new file");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("our own file");
        write_below(&scene.top(), Path::new("script"), b"new").expect("nothing is in the way");
        let mode = fs::metadata(&script)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        fs::create_dir(scene.top().join("folder")).expect("a new folder");
        write_below(&scene.top(), Path::new("folder"), b"x").expect_err("a folder");
        read_below(&scene.top(), Path::new("folder"), 9).expect_err("a folder");
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        let scene = Scene::new();
        fs::write(scene.top().join("file"), "four").expect("a new file");
        let read = read_below(&scene.top(), Path::new("file"), 3);
        assert!(matches!(
            read,
            Err(RepositoryError::TooLong { maximum: 3, .. })
        ));
    }
}
