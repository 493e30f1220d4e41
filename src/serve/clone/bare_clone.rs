//! A bare clone that has one branch.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::credentials::give_access;
use super::git_run::{FetchError, run_git};
use crate::repository::quoted;
use crate::serve::settings::{GitAccess, ServedRepository};

/// Environment variables that would make git use another repository.
const LEADING_ELSEWHERE: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
];

/// A bare clone that has one branch.
pub(crate) struct BareClone {
    directory: PathBuf,
    url: String,
    branch: String,
    key_file: Option<PathBuf>,
    access: GitAccess,
    /// The last fetch. The lock is held during a fetch, so that only one runs at a time.
    last: Mutex<Option<Fetched>>,
}

/// The result of a fetch.
#[derive(Debug, Clone)]
struct Fetched {
    began: Instant,
    commit: String,
}

impl BareClone {
    /// The clone below the folder `state`. Nothing is fetched yet.
    pub(crate) fn new(state: &Path, repository: &ServedRepository) -> Self {
        let name = format!("{}.git", repository.name);
        Self {
            directory: state.join("clones").join(name),
            url: repository.url.clone(),
            branch: repository.branch.clone(),
            key_file: repository.key_file.clone(),
            access: repository.access.clone(),
            last: Mutex::new(None),
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The newest commit of the branch. The remote is asked, unless it was asked after `since`.
    pub(crate) fn fetch(
        &self,
        since: Instant,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<String, FetchError> {
        let last = self.last.lock();
        let mut last = last.unwrap_or_else(PoisonError::into_inner);
        if let Some(fetched) = last.as_ref().filter(|fetched| fetched.began >= since) {
            return Ok(fetched.commit.clone());
        }
        let began = Instant::now();
        let mut fetched = self.fetch_tip(is_stopped);
        if self.is_to_blame(&fetched, is_stopped) {
            // Try again first: the connection may have failed. Otherwise clone again, since the clone is only a copy.
            fetched = self.fetch_tip(is_stopped);
            if matches!(fetched, Err(FetchError::Failed { .. })) {
                let cloned = self.clone_anew(is_stopped);
                fetched = cloned.and_then(|()| self.tip(is_stopped));
            }
        }
        let commit = fetched?;
        self.link_key().map_err(|source| FetchError::Folder {
            path: self.directory.clone(),
            source,
        })?;
        *last = Some(Fetched {
            began,
            commit: commit.clone(),
        });
        Ok(commit)
    }

    /// Fetches the branch, or clones if there is no clone. Gives the newest commit of the branch.
    fn fetch_tip(&self, is_stopped: &dyn Fn() -> bool) -> Result<String, FetchError> {
        if self.is_there() {
            let branch = format!("+refs/heads/{0}:refs/heads/{0}", self.branch);
            let options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--"];
            let mut command = self.git();
            command.arg("--git-dir").arg(&self.directory).arg("fetch");
            command.args(options).args([&self.url, &branch]);
            self.run("fetch from", command, is_stopped)?;
        } else {
            self.clone_anew(is_stopped)?;
        }
        self.tip(is_stopped)
    }

    /// The newest commit of the branch in the clone.
    fn tip(&self, is_stopped: &dyn Fn() -> bool) -> Result<String, FetchError> {
        let mut command = self.git();
        let branch = format!("refs/heads/{}^{{commit}}", self.branch);
        command.arg("--git-dir").arg(&self.directory);
        command.args(["rev-parse", "--verify", "--quiet", &branch]);
        let commit = self.run("find the branch in the clone of", command, is_stopped)?;
        Ok(commit.trim().to_owned())
    }

    /// True if a fetch failed although the remote responds and has the branch. The clone may be damaged: a killed git leaves a lock
    /// file, a power failure half of a file.
    fn is_to_blame(
        &self,
        fetched: &Result<String, FetchError>,
        is_stopped: &dyn Fn() -> bool,
    ) -> bool {
        matches!(fetched, Err(FetchError::Failed { .. }))
            && self.is_there()
            && self.ask_remote(is_stopped).unwrap_or_default()
    }

    /// True if something was fetched, by this process or one before it.
    pub(crate) fn is_there(&self) -> bool {
        self.directory.join("HEAD").exists()
    }

    /// The last commit up to `commit` that changed the file at `path`, with its author, as text.
    pub(crate) fn last_change(&self, path: &str, commit: &str) -> Option<String> {
        let mut command = self.git();
        command.arg("--git-dir").arg(&self.directory);
        command.args(["log", "-1", "--format=%h%x00%an", commit, "--", path]);
        let told = self
            .run("look into the clone of", command, &|| false)
            .ok()?;
        let (commit, author) = told.trim_end().split_once('\0')?;
        Some(format!("{commit} by {}", quoted(author)))
    }

    /// Asks the remote whether it has the branch, for a check of the settings.
    pub(crate) fn ask_remote(&self, is_stopped: &dyn Fn() -> bool) -> Result<bool, FetchError> {
        let mut command = self.git();
        let branch = format!("refs/heads/{}", self.branch);
        command.args(["ls-remote", "--quiet", "--", &self.url, &branch]);
        let listed = self.run("ask", command, is_stopped)?;
        Ok(!listed.trim().is_empty())
    }

    /// Clones into a folder beside the final one, which is then renamed. An interruption leaves no half clone.
    fn clone_anew(&self, is_stopped: &dyn Fn() -> bool) -> Result<(), FetchError> {
        let [new, old] = ["new", "old"].map(|name| self.directory.with_extension(name));
        let folder = |source| FetchError::Folder {
            path: new.clone(),
            source,
        };
        let parent = new.parent().unwrap_or(Path::new("."));
        create_private(parent).map_err(folder)?;
        for leftover in [&new, &old] {
            remove_folder(leftover).map_err(folder)?;
        }
        let mut command = self.git();
        command.args(["clone", "--quiet", "--bare", "--no-tags", "--single-branch"]);
        command
            .args(["--branch", &self.branch, "--", &self.url])
            .arg(&new);
        let cloned = self.run("clone", command, is_stopped);
        if cloned.is_err() {
            // Free the disk space. If that fails, the next attempt does it.
            let _ = remove_folder(&new);
        }
        cloned?;
        match fs::rename(&self.directory, &old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(folder(error)),
            _ => {}
        }
        fs::rename(&new, &self.directory).map_err(folder)?;
        // If this fails, the next clone removes the folder.
        let _ = remove_folder(&old);
        Ok(())
    }

    /// Links the key file into the clone, so that the key is not copied.
    fn link_key(&self) -> io::Result<()> {
        let Some(key) = &self.key_file else {
            return Ok(());
        };
        let folder = self.directory.join("git-crypt").join("keys");
        let place = folder.join("default");
        if fs::read_link(&place).is_ok_and(|there| there == *key) {
            return Ok(());
        }
        fs::create_dir_all(&folder)?;
        let new = self.directory.join("git-crypt").join("new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::os::unix::fs::symlink(key, &new)?;
        fs::rename(&new, &place)
    }

    /// A `git` command that never prompts, with the credentials of the settings.
    fn git(&self) -> Command {
        let mut command = Command::new("git");
        for variable in LEADING_ELSEWHERE {
            command.env_remove(variable);
        }
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        // Maintenance ends before git does.
        command.args([
            "-c",
            "gc.autoDetach=false",
            "-c",
            "maintenance.autoDetach=false",
            // A power failure leaves no half-written object or reference.
            "-c",
            "core.fsync=all",
        ]);
        give_access(&mut command, &self.access, &self.url);
        command
    }

    fn run(
        &self,
        doing: &'static str,
        command: Command,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<String, FetchError> {
        run_git(command, doing, &self.url, is_stopped)
    }
}

/// Creates the folder for clones. Other users can't read it, because a repository may be private.
fn create_private(folder: &Path) -> io::Result<()> {
    const OWN: u32 = 0o700;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(OWN).create(folder)?;
    // Earlier versions created the folder with wider permissions. They can't be changed if the folder belongs to another user.
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(OWN));
    Ok(())
}

/// Removes a folder, if it is there.
fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::deliveries::HookTrust;

    /// A repository with one branch, and a clone of it in another folder.
    struct Remote {
        folder: tempfile::TempDir,
    }

    impl Remote {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let remote = Self { folder };
            remote.git(&["init", "--quiet", "--initial-branch=main"]);
            remote
        }

        fn git(&self, words: &[&str]) -> String {
            let mut command = Command::new("git");
            command.arg("-C").arg(self.folder.path()).args(words);
            let output = command.output().expect("git");
            assert!(output.status.success(), "{output:?}");
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }

        fn commit(&self) -> String {
            let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
            let commit = ["commit", "--quiet", "--allow-empty", "--message=x"];
            self.git(&[&identity[..], &commit].concat());
            self.git(&["rev-parse", "HEAD"])
        }

        fn bare_clone(&self) -> BareClone {
            let repository = ServedRepository {
                name: "lab".to_owned(),
                url: self.folder.path().display().to_string(),
                branch: "main".to_owned(),
                full_names: Vec::new(),
                key_file: None,
                trust: Mutex::new(HookTrust {
                    secrets: Vec::new(),
                    allows_sha1: false,
                }),
                access: GitAccess::default(),
            };
            BareClone::new(&self.folder.path().join("state"), &repository)
        }
    }

    #[test]
    fn whoever_asks_later_than_the_last_fetch_began_gets_another() {
        let remote = Remote::new();
        let clone = remote.bare_clone();
        let first = remote.commit();
        let asked = Instant::now();
        let fetch = |since| clone.fetch(since, &|| false).expect("fetched");
        assert_eq!(fetch(asked), first);
        let second = remote.commit();
        assert_eq!(fetch(asked), first);
        assert_eq!(fetch(Instant::now()), second);
    }

    #[test]
    fn a_clone_that_a_lock_or_half_a_file_keeps_from_working_is_made_anew() {
        let remote = Remote::new();
        let clone = remote.bare_clone();
        let fetch = || clone.fetch(Instant::now(), &|| false);
        remote.commit();
        fetch().expect("fetched");
        let there = clone.directory();
        let mode = fs::metadata(there.parent().expect("a folder")).expect("it is there");
        assert_eq!(mode.permissions().mode() & 0o777, 0o700);
        for (path, content) in [
            ("refs/heads/main.lock", Some("")),
            ("HEAD", Some("")),
            ("HEAD", None),
            ("objects", None),
        ] {
            let commit = remote.commit();
            let path = there.join(path);
            match content {
                Some(content) => fs::write(path, content).expect("written"),
                None if path.is_dir() => fs::remove_dir_all(path).expect("removed"),
                None => fs::remove_file(path).expect("removed"),
            }
            assert_eq!(fetch().expect("fetched"), commit);
        }
        // If the remote is gone, the clone stays.
        let away = there.with_extension("away");
        fs::rename(remote.folder.path().join(".git"), &away).expect("moved");
        let failed = fetch().expect_err("no remote").to_string();
        assert!(failed.starts_with("git could not fetch from "), "{failed}");
        assert!(there.join("HEAD").exists());
    }
}
