//! Scripts, written in one step.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::private_files::TEMPORARY_PREFIX;
use crate::repository::error::RepositoryError;

/// Writes a script that everybody may execute, in one step.
pub(crate) fn write_script(path: &Path, content: &[u8]) -> Result<(), RepositoryError> {
    replace(path, content, 0o755).map_err(RepositoryError::file("writing", path))
}

fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(content)?;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(mode))?;
    file.persist(path)?;
    Ok(())
}
