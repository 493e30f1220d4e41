//! Attributes that no commit brings: `.git/info/attributes`, and the user's own file.

use std::fs;
use std::path::PathBuf;

use super::encryption::Attributes;
use crate::repository::error::RepositoryError;

impl Attributes<'_> {
    /// The files outside of the tree that give attributes to something, as far as they can be read. A line need not name a
    /// filter to take one away: it can take a macro away that does.
    pub(crate) fn files_outside_the_tree(self) -> Result<Vec<PathBuf>, RepositoryError> {
        let own = self
            .configuration()
            .snapshot()?
            .get_path("core.attributesFile")
            .ok();
        let all = [
            Some(self.git.commondir().join("info").join("attributes")),
            own.or_else(users_attributes),
            Some(PathBuf::from("/etc/gitattributes")),
        ];
        let says_something = |path: &PathBuf| {
            fs::read(path).is_ok_and(|text| {
                let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
                lines.any(|line| !line.is_empty() && !line.starts_with(b"#"))
            })
        };
        Ok(all.into_iter().flatten().filter(says_something).collect())
    }
}

/// Where Git looks for a user's attributes if nothing is configured.
fn users_attributes() -> Option<PathBuf> {
    let config = git2::Config::find_xdg().ok()?;
    Some(config.with_file_name("attributes"))
}
