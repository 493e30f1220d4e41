//! Unfinished attempts to deploy, on the disk: a deployment may replace this service itself in the middle of a run.
//! The new version of the service then repeats the run. If Docker has rolled the service back, the old version finds
//! the run instead. Repeating it would replace the service again, in an endless loop.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::swarm::{ServiceState, UpdatePhase};

/// Name of the folder with the attempts, in the state folder.
const FOLDER: &str = "attempts";

/// Mode of this folder: its files name commits of private repositories.
const FOLDER_MODE: u32 = 0o700;

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
    /// The attempts in the state folder of this service. Removes temporary files of a service that was killed.
    pub(crate) fn new(state: &Path) -> Self {
        let folder = state.join(FOLDER);
        // A file that can't be removed does no harm. Writing an attempt reports a folder that can't be used.
        for file in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if file.file_name().as_bytes().starts_with(b".") {
                let _ = fs::remove_file(file.path());
            }
        }
        Self { folder }
    }

    /// Begins an attempt, or resumes an interrupted one for the same commit. Returns a service that Docker has rolled
    /// back since the interrupted attempt began.
    /// Fails if the attempt can't be remembered.
    pub(super) fn begin(
        &self,
        stack: &str,
        commit: &str,
        services: &[ServiceState],
    ) -> io::Result<Option<String>> {
        let path = self.folder.join(stack);
        let before = fs::read(&path).ok();
        let before: Option<Attempt> = before.and_then(|text| serde_json::from_slice(&text).ok());
        if let Some(before) = before.filter(|before| before.commit == commit) {
            return Ok(before.rolled_back(services).map(str::to_owned));
        }
        let versions = services.iter();
        let versions = versions.map(|service| (service.name.clone(), service.version));
        let attempt = Attempt {
            commit: commit.to_owned(),
            versions: versions.collect(),
        };
        let text = serde_json::to_vec(&attempt).expect("because its keys are strings");
        self.write(&path, &text)?;
        Ok(None)
    }

    /// Writes a file as a whole. Its user alone can read it.
    fn write(&self, path: &Path, text: &[u8]) -> io::Result<()> {
        let made = DirBuilder::new().mode(FOLDER_MODE).create(&self.folder);
        if let Err(error) = made
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
        // An earlier version has let others read it.
        fs::set_permissions(&self.folder, Permissions::from_mode(FOLDER_MODE))?;
        // A temporary file begins with a dot, and no name of a stack does.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(text)?;
        file.as_file().sync_data()?;
        file.persist(path)?;
        Ok(())
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
    fn attempts_are_their_users_alone_and_no_stack_writes_to_the_file_of_another() {
        let state = tempfile::tempdir().expect("a folder");
        let attempts = Attempts::new(state.path());
        let folder = state.path().join(FOLDER);
        fs::create_dir(&folder).expect("as an earlier version has made it");
        let names = ["web", "web.new", "a.b", "a.c"];
        let services = [service("a", 1, None)];
        std::thread::scope(|scope| {
            for name in names {
                let (attempts, services) = (&attempts, &services);
                scope.spawn(move || {
                    for number in 0..50 {
                        let commit = format!("{name} {number}");
                        attempts.begin(name, &commit, services).expect("written");
                    }
                });
            }
        });
        let mode = |path: &Path| {
            fs::metadata(path)
                .expect("it is there")
                .permissions()
                .mode()
        };
        assert_eq!(mode(&folder) & 0o777, 0o700);
        assert_eq!(
            fs::read_dir(&folder).expect("a folder").count(),
            names.len()
        );
        for name in names {
            let path = folder.join(name);
            assert_eq!(mode(&path) & 0o777, 0o600, "{name}");
            let text = fs::read(path).expect("a file");
            let attempt: Attempt = serde_json::from_slice(&text).expect("it is whole");
            assert_eq!(attempt.commit, format!("{name} 49"));
        }
    }

    #[test]
    fn an_attempt_is_rolled_back_if_docker_did_it_since() {
        let folder = tempfile::tempdir().expect("a folder");
        let attempts = Attempts::new(folder.path());
        let begin = |stack, commit, services: &[ServiceState]| {
            let begun = attempts.begin(stack, commit, services);
            begun.expect("it is written")
        };
        let rolled_back = Some(UpdatePhase::RolledBack);
        let before = [service("a", 3, rolled_back), service("b", 3, None)];
        assert_eq!(begin("web", "1", &before), None);
        // It was rolled back before.
        assert_eq!(begin("web", "1", &before), None);
        let updating = [
            service("a", 4, Some(UpdatePhase::Updating)),
            service("b", 4, Some(UpdatePhase::Completed)),
        ];
        assert_eq!(begin("web", "1", &updating), None);
        for back in [
            service("a", 5, rolled_back),
            service("b", 4, Some(UpdatePhase::RollingBack)),
            service("new", 1, Some(UpdatePhase::RollbackPaused)),
        ] {
            let found = begin("web", "1", std::slice::from_ref(&back));
            assert_eq!(found, Some(back.name));
        }
        // Another commit, or another attempt.
        let back = [service("a", 5, rolled_back)];
        assert_eq!(begin("mail", "1", &back), None);
        attempts.forget("web");
        assert_eq!(begin("web", "1", &back), None);
        assert_eq!(begin("web", "2", &back), None);
    }

    #[test]
    fn temporary_files_of_a_killed_service_are_removed() {
        let state = tempfile::tempdir().expect("a folder");
        let attempts = Attempts::new(state.path());
        attempts.begin("web", "1", &[]).expect("written");
        let folder = state.path().join(FOLDER);
        let temporary = tempfile::NamedTempFile::new_in(&folder).expect("a file");
        let (_, left) = temporary.keep().expect("a file");
        Attempts::new(state.path());
        assert!(!left.exists());
        assert!(folder.join("web").exists());
    }

    #[test]
    fn an_attempt_that_can_t_be_remembered_is_an_error() {
        let state = tempfile::tempdir().expect("a folder");
        fs::write(state.path().join(FOLDER), "").expect("a file in its place");
        let attempts = Attempts::new(state.path());
        assert!(attempts.begin("web", "1", &[]).is_err());
    }
}
