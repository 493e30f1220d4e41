//! Files that only their owner can read, written in one step.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::secret::SecretBytes;

/// What the temporary files begin with, where there must be one with a name.
pub(in crate::repository) const TEMPORARY_PREFIX: &str = ".hs-secrets-";

/// Writes a file of mode 0600, whole or not at all, with the help of `directory` on the same file system. With
/// `replace`, an existing file gives way; without, it is an error of the kind `AlreadyExists`.
pub(crate) fn write_secret_file(
    path: &Path,
    directory: &Path,
    content: &SecretBytes,
    replace: bool,
) -> io::Result<()> {
    // Looked for by itself, since the name of a temporary file tells nobody what is missing.
    std::fs::metadata(directory)?;
    // Where there is nothing yet, the file comes to be with its name and content: a kill leaves nothing behind.
    match link_nameless_file(path, directory, content) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && replace => {}
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        result => return result,
    }
    // A temporary file has mode 0600 from its first moment.
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .tempfile_in(directory)?;
    write_whole(file.as_file_mut(), content)?;
    match replace {
        true => file.persist(path)?,
        false => file.persist_noclobber(path)?,
    };
    Ok(())
}

fn write_whole(file: &mut File, content: &SecretBytes) -> io::Result<()> {
    for chunk in content.expose_chunks() {
        file.write_all(chunk)?;
    }
    file.sync_all()
}

/// Writes a file without a name, then gives it one (open(2), `O_TMPFILE`). `Unsupported` where the system can't.
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
        // No /proc, or a file system without links.
        Err(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Only Linux has files without a name.
#[cfg(not(target_os = "linux"))]
fn link_nameless_file(_: &Path, _: &Path, _: &SecretBytes) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
