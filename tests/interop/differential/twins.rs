//! Two repositories in which the same steps are done: one with hs-secrets, one with git-crypt.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Run, Sandbox};
use crate::harness::written::{touch_all, write};

pub(super) struct Twins {
    pub(super) sandbox: Sandbox,
    ours: PathBuf,
    theirs: PathBuf,
    /// All steps so far, printed if the repositories differ.
    done: Vec<String>,
}

/// The visible state of a repository.
#[derive(PartialEq, Eq)]
struct Look {
    head: String,
    refs: String,
    index: String,
    status: String,
    work_tree: BTreeMap<PathBuf, Vec<u8>>,
    keys: BTreeMap<PathBuf, Vec<u8>>,
}

impl Twins {
    /// Makes two repositories with these options of `git init`.
    pub(super) fn new(format: &[&str]) -> Self {
        let sandbox = Sandbox::new();
        let [ours, theirs] = ["ours", "theirs"].map(|name| {
            let init = ["init", "--quiet", name].into_iter();
            let init = init.chain(format.iter().copied());
            sandbox.git(&sandbox.path(""), init).succeeds();
            sandbox.path(name)
        });
        Self {
            sandbox,
            ours,
            theirs,
            done: vec![format!("git init {}", format.join(" "))],
        }
    }

    /// Runs git in both repositories, and asserts equal exit codes.
    pub(super) fn git(&mut self, arguments: &[&str]) -> i32 {
        self.done.push(format!("git {}", arguments.join(" ")));
        self.touch_all();
        let ours = self.sandbox.git(&self.ours, arguments);
        let theirs = self.sandbox.git(&self.theirs, arguments);
        self.assert_same_end(&ours, &theirs);
        ours.code
    }

    /// Runs a command of each program, and asserts equal exit codes.
    pub(super) fn crypt(&mut self, arguments: &[&str]) -> (Run, Run) {
        self.done.push(format!("crypt {}", arguments.join(" ")));
        let ours = self.sandbox.hs(&self.ours, arguments);
        let theirs = self.sandbox.git_crypt(&self.theirs, arguments);
        self.assert_same_end(&ours, &theirs);
        (ours, theirs)
    }

    /// Runs a command of git-crypt alone, for steps in which git-crypt does less.
    pub(super) fn git_crypt_alone(&mut self, arguments: &[&str]) -> Run {
        self.done
            .push(format!("git-crypt alone {}", arguments.join(" ")));
        self.sandbox.git_crypt(&self.theirs, arguments)
    }

    pub(super) fn write(&mut self, path: &str, content: &[u8]) {
        self.done
            .push(format!("write {path:?} {} bytes", content.len()));
        for repository in [&self.ours, &self.theirs] {
            write(repository, path, content);
        }
    }

    /// Replaces what is at `path` by a symbolic link.
    pub(super) fn link(&mut self, path: &str, target: &str) {
        self.done.push(format!("link {path:?} to {target:?}"));
        for repository in [&self.ours, &self.theirs] {
            let path = repository.join(path);
            fs::create_dir_all(path.parent().expect("below the top")).expect("created");
            let _ = fs::remove_file(&path);
            symlink(target, path).expect("linked");
        }
    }

    pub(super) fn remove(&mut self, path: &str) {
        self.done.push(format!("remove {path:?}"));
        for repository in [&self.ours, &self.theirs] {
            // The file may be missing.
            let _ = fs::remove_file(repository.join(path));
        }
    }

    /// Copies the key that git-crypt has just made to our repository, as if it had never had another one.
    pub(super) fn share_key(&self, name: &str) {
        let key = Path::new(".git/git-crypt/keys").join(name);
        fs::copy(self.theirs.join(&key), self.ours.join(&key)).expect("copied");
        let known = Path::new(".git/hs-secrets/known").join(name);
        fs::remove_file(self.ours.join(known)).expect("remembered");
    }

    /// The output of git in git-crypt's repository.
    pub(super) fn ask(&self, arguments: &[&str]) -> String {
        self.sandbox.git(&self.theirs, arguments).succeeds().text()
    }

    #[track_caller]
    pub(super) fn assert_same(&mut self) {
        let (ours, theirs) = (self.look(&self.ours), self.look(&self.theirs));
        if ours == theirs {
            return;
        }
        self.touch_all();
        let (ours, theirs) = (self.look(&self.ours), self.look(&self.theirs));
        for (what, ours, theirs) in [
            ("HEAD", &ours.head, &theirs.head),
            ("references", &ours.refs, &theirs.refs),
            ("index", &ours.index, &theirs.index),
            ("status", &ours.status, &theirs.status),
        ] {
            assert_eq!(ours, theirs, "{what}\n{}", self.story());
        }
        assert!(ours.keys == theirs.keys, "keys\n{}", self.story());
        let beginning = |content: Option<&Vec<u8>>| {
            content.map(|content| {
                String::from_utf8_lossy(&content[..content.len().min(12)]).into_owned()
            })
        };
        for path in ours.work_tree.keys().chain(theirs.work_tree.keys()) {
            let (ours, theirs) = (ours.work_tree.get(path), theirs.work_tree.get(path));
            assert!(
                ours == theirs,
                "{path:?}: ours begins {:?}, theirs {:?}\n{}",
                beginning(ours),
                beginning(theirs),
                self.story()
            );
        }
    }

    #[track_caller]
    fn assert_same_end(&self, ours: &Run, theirs: &Run) {
        assert_eq!(
            ours.code,
            theirs.code,
            "ours: {}{}\ntheirs: {}{}\n{}",
            ours.text(),
            ours.stderr,
            theirs.text(),
            theirs.stderr,
            self.story()
        );
    }

    pub(super) fn story(&self) -> String {
        let steps = self.done.iter().map(|step| format!("  {step}\n"));
        format!("after\n{}", steps.collect::<String>())
    }

    fn look(&self, repository: &Path) -> Look {
        let git = |arguments: &[&str]| self.sandbox.git(repository, arguments).text();
        Look {
            head: git(&["symbolic-ref", "HEAD"]),
            refs: git(&["for-each-ref"]),
            index: git(&["ls-files", "--stage", "-z"]).replace('\0', "\n"),
            status: git(&["status", "--porcelain", "-z"]).replace('\0', "\n"),
            work_tree: files_below(repository, &|path| !path.ends_with(".git")),
            keys: files_below(&repository.join(".git/git-crypt"), &|_| true),
        }
    }

    /// Git does not read a file again that has not changed since it was staged, even if the filter would now give another result.
    /// Whether Git notices a change may depend on the second in which it was made. Therefore all files get a new time.
    fn touch_all(&self) {
        let both = [&self.ours, &self.theirs].into_iter();
        let files = both.flat_map(|repository| {
            let files = files_below(repository, &|path| !path.ends_with(".git")).into_keys();
            files.map(|path| repository.join(path))
        });
        // The target of a link is a file of its own, or does not exist.
        touch_all(files.filter(|path| !path.is_symlink()));
    }
}

/// The files below a directory, except in directories for which `enter` returns false.
fn files_below(top: &Path, enter: &dyn Fn(&Path) -> bool) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut directories = vec![top.to_owned()];
    while let Some(directory) = directories.pop() {
        let Ok(entries) = fs::read_dir(&directory) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.is_symlink() {
                directories.extend(enter(&path).then_some(path));
            } else {
                let relative = path.strip_prefix(top).expect("below").to_owned();
                files.insert(relative, content(&path));
            }
        }
    }
    files
}

/// The content of a file, or the target of a link.
fn content(path: &Path) -> Vec<u8> {
    match fs::read_link(path) {
        Ok(target) => [b"-> ", target.as_os_str().as_encoded_bytes()].concat(),
        Err(_) => fs::read(path).expect("readable"),
    }
}
