//! Files that exist in this process's memory only, for a child to read.

use std::io;

/// A file without a name in any file system. It is gone once this process has ended, and with it the children that it started
/// meanwhile.
#[derive(Debug)]
pub(crate) struct AnonymousFile {
    #[cfg(target_os = "linux")]
    file: std::fs::File,
}

#[cfg(target_os = "linux")]
impl AnonymousFile {
    /// A sealed file that holds `chunks` one after another (`memfd_create(2)`).
    pub(crate) fn holding<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> io::Result<Self> {
        use std::io::Write;

        use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

        // Not close-on-exec: the docker client opens the file by this descriptor's number.
        let descriptor = memfd_create("hs-secrets", MemfdFlags::ALLOW_SEALING)?;
        let mut file = std::fs::File::from(descriptor);
        for chunk in chunks {
            file.write_all(chunk)?;
        }
        fcntl_add_seals(
            &file,
            SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE,
        )?;
        Ok(Self { file })
    }

    /// The path under which a child can open it.
    pub(crate) fn path(&self) -> String {
        use std::os::fd::AsRawFd;

        format!("/dev/fd/{}", self.file.as_raw_fd())
    }
}

#[cfg(not(target_os = "linux"))]
impl AnonymousFile {
    /// Fails, since this system has no files in memory.
    pub(crate) fn holding<'a>(_: impl Iterator<Item = &'a [u8]>) -> io::Result<Self> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this system has no files in memory, and nothing is decrypted to others",
        ))
    }

    /// Never called: `holding` always fails on this system.
    pub(crate) fn path(&self) -> String {
        String::new()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_child_reads_it_as_often_as_it_likes() {
        let file = AnonymousFile::holding([&b"first "[..], b"second"].into_iter())
            .expect("Linux has files in memory");
        let path = file.path();
        let read = std::process::Command::new("cat")
            .args([&path, &path])
            .output()
            .expect("cat can be run");
        assert_eq!(read.stdout, b"first secondfirst second");
        let written = std::fs::write(&path, "other");
        assert!(written.is_err());
    }
}
