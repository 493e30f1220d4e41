//! Files and folders that only their owner can read, written in one step.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use crate::repository::error::RepositoryError;
use crate::secret::SecretBytes;

/// Beginning of the names of temporary files.
pub(in crate::repository) const TEMPORARY_PREFIX: &str = ".hs-secrets-";

/// Creates a folder of mode 0700 whatever the umask is, and its missing parents. An existing folder keeps its mode,
/// except that it loses the permission for everybody to write.
pub(crate) fn create_private_folder(path: &Path) -> Result<(), RepositoryError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .and_then(|()| refuse_writers(path))
        .map_err(RepositoryError::file("creating", path))
}

fn refuse_writers(path: &Path) -> io::Result<()> {
    const WRITABLE_BY_ALL: u32 = 0o002;
    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & WRITABLE_BY_ALL == 0 {
        return Ok(());
    }
    permissions.set_mode(permissions.mode() & !WRITABLE_BY_ALL);
    fs::set_permissions(path, permissions)
}

/// Removes the temporary files of a process that was killed. Only the process that holds the setup lock creates such
/// files, so none of them is in use.
pub(in crate::repository) fn remove_leftovers(directory: &Path, prefix: &str) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes from a private folder the temporary files of a process that was killed.
pub(crate) fn sweep_private_folder(folder: &Path) -> io::Result<()> {
    remove_leftovers(folder, TEMPORARY_PREFIX)
}

/// Writes a file of mode 0600, whole or not at all. Temporary files lie in `directory`, which is on the same file
/// system. With `replace`, an existing file is replaced; otherwise it is an error of the kind `AlreadyExists`.
pub(crate) fn write_secret_file(
    path: &Path,
    directory: &Path,
    content: &SecretBytes,
    replace: bool,
) -> io::Result<()> {
    // Report a missing folder by its own name, not by that of a temporary file in it.
    fs::metadata(directory)?;
    // A new file gets its name only when its content is complete, so a killed process leaves nothing behind.
    match link_nameless_file(path, directory, content) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && replace => {}
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        result => return result,
    }
    // The temporary file has mode 0600 from the beginning.
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .tempfile_in(directory)?;
    write_whole(file.as_file_mut(), content)?;
    if replace {
        file.persist(path)?;
    } else {
        file.persist_noclobber(path)?;
    }
    Ok(())
}

fn write_whole(file: &mut File, content: &SecretBytes) -> io::Result<()> {
    for chunk in content.expose_chunks() {
        file.write_all(chunk)?;
    }
    file.sync_all()
}

/// Writes a file without a name, then links it to `path` (open(2), `O_TMPFILE`). Fails with `Unsupported` if the system
/// or the file system can't do this.
#[cfg(target_os = "linux")]
fn link_nameless_file(path: &Path, directory: &Path, content: &SecretBytes) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use std::os::fd::AsRawFd;

    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let unsupported = |_| io::Error::from(io::ErrorKind::Unsupported);
    let nameless = open(directory, flags, Mode::RUSR | Mode::WUSR).map_err(unsupported)?;
    let mut nameless = File::from(nameless);
    write_whole(&mut nameless, content)?;
    let itself = format!("/proc/self/fd/{}", nameless.as_raw_fd());
    match linkat(CWD, itself, CWD, path, AtFlags::SYMLINK_FOLLOW) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::EXIST) => Err(io::ErrorKind::AlreadyExists.into()),
        // There is no /proc, or the file system has no links.
        Err(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Only Linux has files without a name.
#[cfg(not(target_os = "linux"))]
fn link_nameless_file(_: &Path, _: &Path, _: &SecretBytes) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
