//! Attributes that do not come from a commit: those of `.git/info/attributes`, the user and the system.

use std::fs;
use std::path::{Path, PathBuf};

use super::view::Attributes;
use crate::repository::error::RepositoryError;

/// Where Git looks for the attributes of the system. The place depends on how Git was built.
const SYSTEM_FILES: [&str; 3] = [
    "/etc/gitattributes",
    "/usr/local/etc/gitattributes",
    "/opt/homebrew/etc/gitattributes",
];

impl Attributes<'_> {
    /// The readable files outside of the tree that set attributes. Any line counts, even one that does not name a
    /// filter: it may redefine a macro that does.
    pub(crate) fn files_outside_the_tree(self) -> Result<Vec<PathBuf>, RepositoryError> {
        let own = self
            .configuration()
            .snapshot()?
            .get_path("core.attributesFile")
            .ok();
        let all = [
            Some(self.git.commondir().join("info").join("attributes")),
            own.or_else(users_attributes),
        ];
        let of_system = SYSTEM_FILES.iter().map(|path| Some(PathBuf::from(path)));
        let says_something = |path: &PathBuf| {
            fs::read(path).is_ok_and(|text| {
                let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
                lines.any(|line| !line.is_empty() && !line.starts_with(b"#"))
            })
        };
        let all = all.into_iter().chain(of_system);
        Ok(all.flatten().filter(says_something).collect())
    }
}

/// Where Git looks for a user's attributes if nothing is configured.
fn users_attributes() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let folder = set("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| Some(Path::new(&set("HOME")?).join(".config")));
    Some(folder?.join("git/attributes"))
}
