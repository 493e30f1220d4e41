//! A bare clone that has one branch.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::credentials::give_access;
use super::git_run::{FetchError, run_git};
use crate::repository::quoted;
use crate::serve::settings::{GitAccess, ServedRepository};

/// Variables of the service's own environment that would lead git elsewhere.
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
    /// The last fetch. Whoever holds the lock is the only one who fetches.
    last: Mutex<Option<Fetched>>,
}

/// The result of a fetch.
#[derive(Debug, Clone)]
struct Fetched {
    began: Timestamp,
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
        since: Timestamp,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<String, FetchError> {
        let last = self.last.lock();
        let mut last = last.unwrap_or_else(PoisonError::into_inner);
        if let Some(fetched) = last.as_ref().filter(|fetched| fetched.began >= since) {
            return Ok(fetched.commit.clone());
        }
        let began = Timestamp::now();
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
        self.link_key().map_err(|source| FetchError::Folder {
            path: self.directory.clone(),
            source,
        })?;
        let mut command = self.git();
        let branch = format!("refs/heads/{}^{{commit}}", self.branch);
        command.arg("--git-dir").arg(&self.directory);
        command.args(["rev-parse", "--verify", "--quiet", &branch]);
        let commit = self.run("find the branch in the clone of", command, is_stopped)?;
        let commit = commit.trim().to_owned();
        *last = Some(Fetched {
            began,
            commit: commit.clone(),
        });
        Ok(commit)
    }

    /// True if something was fetched, by this process or one before it.
    pub(crate) fn is_there(&self) -> bool {
        self.directory.join("HEAD").exists()
    }

    /// The commit that gave the file at `path` its content, and its author, in words.
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

    /// Clones beside the place, and moves the whole: what an end in the middle leaves is no clone.
    fn clone_anew(&self, is_stopped: &dyn Fn() -> bool) -> Result<(), FetchError> {
        let new = self.directory.with_extension("new");
        let folder = |source| FetchError::Folder {
            path: new.clone(),
            source,
        };
        match fs::remove_dir_all(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(folder(error)),
            _ => {}
        }
        let parent = new.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(folder)?;
        let mut command = self.git();
        command.args(["clone", "--quiet", "--bare", "--no-tags", "--single-branch"]);
        command
            .args(["--branch", &self.branch, "--", &self.url])
            .arg(&new);
        self.run("clone", command, is_stopped)?;
        fs::rename(&new, &self.directory).map_err(folder)
    }

    /// Has the clone use the key where it lies. It is copied nowhere.
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

    /// `git`, which asks nobody and gets the credentials of the settings.
    fn git(&self) -> Command {
        let mut command = Command::new("git");
        for variable in LEADING_ELSEWHERE {
            command.env_remove(variable);
        }
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        // It cleans up before it ends.
        command.args([
            "-c",
            "gc.autoDetach=false",
            "-c",
            "maintenance.autoDetach=false",
        ]);
        give_access(&mut command, &self.access);
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
