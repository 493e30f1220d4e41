//! Unfinished attempts to deploy, on the disk: a deployment may replace this service itself in the middle of a run.
//! The new version of the service then repeats the run. If Docker has rolled the service back, the old version finds
//! the run instead. Repeating it would replace the service again, in an endless loop.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::swarm::{ServiceState, UpdatePhase};

/// Name of the folder with the attempts, in the state folder.
const FOLDER: &str = "attempts";

/// The attempts of all stacks.
pub(crate) struct Attempts {
    folder: PathBuf,
}

/// An attempt to bring a stack to a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Attempt {
    commit: String,
    /// The versions of the stack's services before the attempt.
    versions: BTreeMap<String, u64>,
}

impl Attempts {
    pub(crate) fn new(state: &Path) -> Self {
        Self {
            folder: state.join(FOLDER),
        }
    }

    /// Begins an attempt, or resumes an interrupted one for the same commit. Returns a service that Docker has rolled
    /// back since the interrupted attempt began.
    /// If the disk is full, the attempt is not remembered.
    pub(super) fn begin(
        &self,
        stack: &str,
        commit: &str,
        services: &[ServiceState],
    ) -> Option<String> {
        let path = self.folder.join(stack);
        let before = fs::read(&path).ok();
        let before: Option<Attempt> = before.and_then(|text| serde_json::from_slice(&text).ok());
        if let Some(before) = before.filter(|before| before.commit == commit) {
            return before.rolled_back(services).map(str::to_owned);
        }
        let versions = services.iter();
        let versions = versions.map(|service| (service.name.clone(), service.version));
        let attempt = Attempt {
            commit: commit.to_owned(),
            versions: versions.collect(),
        };
        let text = serde_json::to_vec(&attempt).expect("because its keys are strings");
        let _ = fs::create_dir(&self.folder);
        let new = path.with_extension("new");
        let _ = fs::write(&new, text).and_then(|()| fs::rename(&new, &path));
        None
    }

    /// Forgets the attempt of a stack, since it has ended.
    pub(super) fn forget(&self, stack: &str) {
        let _ = fs::remove_file(self.folder.join(stack));
    }
}

impl Attempt {
    /// The first service that Docker has rolled back since the attempt began.
    fn rolled_back<'a>(&self, services: &'a [ServiceState]) -> Option<&'a str> {
        let is_rolled_back = |service: &&ServiceState| {
            let phase = service.update.as_ref().map(|update| update.phase);
            let is_back = matches!(
                phase,
                Some(
                    UpdatePhase::RollingBack
                        | UpdatePhase::RolledBack
                        | UpdatePhase::RollbackPaused
                )
            );
            let before = self.versions.get(&service.name).copied();
            is_back && service.version > before.unwrap_or_default()
        };
        let found = services.iter().find(is_rolled_back)?;
        Some(&found.name)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::swarm::{Mode, Update};

    fn service(name: &str, version: u64, phase: Option<UpdatePhase>) -> ServiceState {
        ServiceState {
            name: name.to_owned(),
            version,
            mode: Mode::Replicated(1),
            update: phase.map(|phase| Update {
                phase,
                message: String::new(),
            }),
            monitor: Duration::ZERO,
            tasks: Vec::new(),
        }
    }

    #[test]
    fn an_attempt_is_rolled_back_if_docker_did_it_since() {
        let folder = tempfile::tempdir().expect("a folder");
        let attempts = Attempts::new(folder.path());
        let rolled_back = Some(UpdatePhase::RolledBack);
        let before = [service("a", 3, rolled_back), service("b", 3, None)];
        assert_eq!(attempts.begin("web", "1", &before), None);
        // It was rolled back before.
        assert_eq!(attempts.begin("web", "1", &before), None);
        let updating = [
            service("a", 4, Some(UpdatePhase::Updating)),
            service("b", 4, Some(UpdatePhase::Completed)),
        ];
        assert_eq!(attempts.begin("web", "1", &updating), None);
        for back in [
            service("a", 5, rolled_back),
            service("b", 4, Some(UpdatePhase::RollingBack)),
            service("new", 1, Some(UpdatePhase::RollbackPaused)),
        ] {
            let found = attempts.begin("web", "1", std::slice::from_ref(&back));
            assert_eq!(found, Some(back.name));
        }
        // Another commit, or another attempt.
        let back = [service("a", 5, rolled_back)];
        assert_eq!(attempts.begin("mail", "1", &back), None);
        attempts.forget("web");
        assert_eq!(attempts.begin("web", "1", &back), None);
        assert_eq!(attempts.begin("web", "2", &back), None);
    }
}
