//! Reads `[repositories.NAME]`.

use std::path::PathBuf;
use std::sync::Mutex;

use super::error::SettingProblem;
use super::layout::RepositoryLayout;
use super::reader::SettingsReader;
use super::repository_names::{full_name, is_repository_name};
use super::served::{GitAccess, ServedRepository};
use super::userinfo::without_userinfo;
use crate::serve::deliveries::{HookSecret, HookTrust};

const BRANCH: &str = "main";

impl SettingsReader<'_> {
    /// Reads the table of the repository `name`.
    pub(super) fn repository(
        &mut self,
        name: String,
        layout: RepositoryLayout,
        is_receiver: bool,
    ) -> Option<ServedRepository> {
        if !is_repository_name(&name) {
            self.problems.push(SettingProblem::RepositoryName { name });
            return None;
        }
        let branch = layout.branch.unwrap_or_else(|| BRANCH.to_owned());
        let url = layout.url.unwrap_or_default();
        if url.is_empty() && !is_receiver {
            self.problems.push(SettingProblem::NoUrl { name });
            return None;
        }
        let addressed = [("url", &url)]
            .into_iter()
            .filter(|(_, url)| !url.is_empty());
        for (setting, value) in addressed.chain([("branch", &branch)]) {
            let is_bad = |letter: char| letter.is_control() || letter == ' ';
            if value.is_empty() || value.starts_with('-') || value.contains(is_bad) {
                self.problems.push(SettingProblem::RepositoryValue {
                    name: name.clone(),
                    setting,
                    value: without_userinfo(value),
                });
            }
        }
        let is_web = url.to_ascii_lowercase().starts_with("http");
        if is_web && without_userinfo(&url) != url {
            let name = name.clone();
            self.problems.push(SettingProblem::UrlWithUser { name });
        }
        let of = |setting: &str| format!("repositories.{name}.{setting}");
        let secrets = layout.secret_files.into_iter();
        let secrets: Vec<HookSecret> = secrets
            .filter_map(|path| self.secret(&of("secret-files"), path))
            .collect();
        let mut existing = |setting: &str, path: Option<PathBuf>| {
            path.map(|path| self.existing(&of(setting), path))
        };
        let key_file = existing("key-file", layout.key_file);
        let access = GitAccess {
            ssh_key_file: existing("ssh-key-file", layout.ssh_key_file),
            known_hosts_file: existing("known-hosts-file", layout.known_hosts_file),
            user: layout.user,
            token_file: existing("token-file", layout.token_file),
        };
        let full_names = if layout.full_names.is_empty() {
            vec![full_name(&url)]
        } else {
            layout.full_names
        };
        let trust = HookTrust {
            secrets,
            allows_sha1: layout.allow_sha1,
        };
        Some(ServedRepository {
            name,
            url,
            branch,
            full_names,
            key_file,
            trust: Mutex::new(trust),
            access,
        })
    }

    /// Notes a problem for every two repositories that a delivery can't tell apart.
    pub(super) fn tell_of_same(&mut self, repositories: &[ServedRepository]) {
        for (place, one) in repositories.iter().enumerate() {
            for other in &repositories[place + 1..] {
                let mut names = one.full_names.iter();
                let is_shared = names.any(|name| {
                    let mut others = other.full_names.iter();
                    others.any(|other| other.eq_ignore_ascii_case(name))
                });
                if is_shared && one.branch == other.branch {
                    self.problems.push(SettingProblem::SameRepository {
                        one: one.name.clone(),
                        other: other.name.clone(),
                    });
                }
            }
        }
    }
}
