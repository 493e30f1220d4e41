//! The rules for the settings of a receiver, which has few and none of an updater's.

use std::sync::PoisonError;

use super::error::SettingProblem;
use super::layout::{RepositoryLayout, ServiceLayout};
use super::reader::SettingsReader;
use super::served::ServedRepository;

impl SettingsReader<'_> {
    /// Notes a problem for each setting that only an updater uses. Files that a receiver does not need are safer on a machine that the
    /// internet can't reach.
    pub(super) fn refuse_of_updater(&mut self, layout: &ServiceLayout) {
        let top = [
            ("poll", layout.poll.is_some()),
            ("drift", layout.drift.is_some()),
            ("docker-config", layout.docker_config.is_some()),
            ("docker-arguments", !layout.docker_arguments.is_empty()),
            ("stacks", !layout.stacks.is_empty()),
            ("notify", layout.notify.is_some()),
        ];
        let top = top.into_iter().filter(|(_, is_set)| *is_set);
        let mut found: Vec<String> = top.map(|(name, _)| name.to_owned()).collect();
        for (name, repository) in &layout.repositories {
            let RepositoryLayout {
                key_file,
                ssh_key_file,
                known_hosts_file,
                user,
                token_file,
                ..
            } = repository;
            let own = [
                ("key-file", key_file.is_some()),
                ("ssh-key-file", ssh_key_file.is_some()),
                ("known-hosts-file", known_hosts_file.is_some()),
                ("user", user.is_some()),
                ("token-file", token_file.is_some()),
            ];
            let own = own.into_iter().filter(|(_, is_set)| *is_set);
            found.extend(own.map(|(setting, _)| format!("repositories.{name}.{setting}")));
        }
        let problems = found.into_iter();
        let problems = problems.map(|setting| SettingProblem::OfUpdater { setting });
        self.problems.extend(problems);
    }

    /// Notes a problem if no repository has a secret, so that no delivery can be verified.
    pub(super) fn refuse_without_secrets(&mut self, repositories: &[ServedRepository]) {
        let has_secret = |repository: &ServedRepository| {
            let trust = repository.trust.lock();
            !trust
                .unwrap_or_else(PoisonError::into_inner)
                .secrets
                .is_empty()
        };
        // A file that can't be used is among the problems already.
        if self.problems.is_empty() && !repositories.iter().any(has_secret) {
            self.problems.push(SettingProblem::ReceiverWithoutSecrets);
        }
    }
}
