//! Killed at any system call that changes something, `add-age-user` and `rm-age-user` leave what was or what is to be, and doing
//! it again finishes it.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use hs_secrets::internals::statement_written_anew;

use crate::harness::desk::{Desk, read};
use crate::harness::kill::{Blow, struck_everywhere};
use crate::harness::sandbox::{Run, Sandbox};

#[test]
#[ignore = "needs age and strace: tests/run.sh"]
fn adding_that_is_killed_is_done_or_not_and_doing_it_again_finishes_it() {
    for blow in [Blow::Kill, Blow::KillAnyone] {
        let desk = Team::new();
        let add = ["add-age-user", "--name", "dave", &desk.dave];
        desk.killed(blow, &add, |desk| {
            desk.hs(add).succeeds();
            desk.assert_opens(&["carol", "dave"]);
        });
    }
}

#[test]
#[ignore = "needs age and strace: tests/run.sh"]
fn adding_again_that_is_killed_keeps_what_was_there() {
    let desk = Team::new();
    let add = ["add-age-user", &desk.carol];
    desk.killed(Blow::Kill, &add, |desk| {
        desk.hs(add).succeeds();
        desk.assert_opens(&["carol"]);
    });
}

#[test]
#[ignore = "needs age and strace: tests/run.sh"]
fn removing_that_is_killed_is_done_or_not_and_doing_it_again_finishes_it() {
    for blow in [Blow::Kill, Blow::KillAnyone] {
        let desk = Team::new();
        let add = ["add-age-user", "--name", "dave", &desk.dave];
        desk.sandbox.hs(&desk.home, add).succeeds();
        let remove = ["rm-age-user", "carol"];
        desk.killed(blow, &remove, |desk| {
            let run = desk.hs(remove);
            if run.code != 0 {
                run.fails_saying(&["`carol` is no collaborator"]);
            }
            let listed = desk.hs(["ls-users"]).succeeds().text();
            assert!(!listed.contains("carol"), "{listed}");
            desk.assert_opens(&["dave"]);
        });
    }
}

/// A repository with a collaborator, copied anew for each kill.
struct Team {
    desk: Desk,
    /// The folder that is copied.
    home: PathBuf,
    carol: String,
    dave: String,
}

impl Team {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let home = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
        let carol = sandbox.new_age_key("carol.txt");
        let dave = sandbox.new_age_key("dave.txt");
        let add = ["add-age-user", "--name", "carol", &carol];
        sandbox.hs(&home, add).succeeds();
        let repository = sandbox.path("copy");
        let desk = Desk {
            sandbox,
            repository,
        };
        Self {
            desk,
            home,
            carol,
            dave,
        }
    }

    fn killed(&self, blow: Blow, arguments: &[&str], finish: impl Fn(&Self)) {
        let prepare = || self.copy_again(&self.home);
        let checked = |at: &str, struck: &Run| {
            assert_ne!(struck.code, 2, "{}", struck.stderr);
            self.assert_whole(at);
            finish(self);
            assert_eq!(self.git(&["status", "--porcelain"]), "", "{at}");
        };
        let blows = struck_everywhere(
            &self.sandbox,
            &self.repository,
            blow,
            arguments,
            prepare,
            checked,
        );
        assert!(blows > 5, "{blows} only");
    }

    /// Every statement, and every sealed key, that is in the work tree is whole.
    fn assert_whole(&self, at: &str) {
        let holders = self
            .repository
            .join(".git-crypt/hs-secrets/holders/default");
        for path in fs::read_dir(holders)
            .into_iter()
            .flatten()
            .map(|entry| entry.expect("a file").path())
        {
            let name = path.file_name().expect("a name").to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            let text = fs::read(&path).expect("readable");
            let written = statement_written_anew(&text).unwrap_or_default();
            assert_eq!(written.as_bytes(), text, "{at}: {}", path.display());
        }
        let Ok(there) = fs::read_dir(self.repository.join(".git-crypt/keys/default/0")) else {
            return;
        };
        for path in there.map(|entry| entry.expect("a file").path()) {
            // What was not renamed into place yet counts for nothing.
            if path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'))
            {
                continue;
            }
            let content = fs::read_to_string(&path).expect("text");
            let is_sealed = path.extension().is_some_and(|extension| extension == "age");
            let end = if is_sealed {
                "-----END AGE ENCRYPTED FILE-----\n"
            } else {
                "\n"
            };
            assert!(content.ends_with(end), "{at}: {}", path.display());
        }
    }

    /// A clone opens for these people and nobody else.
    fn assert_opens(&self, people: &[&str]) {
        for person in ["carol", "dave"] {
            let clone = self.sandbox.cloned(&self.repository);
            let identity = format!("../{person}.txt");
            let run = self.sandbox.hs(&clone, ["unlock", "-i", &identity]);
            if people.contains(&person) {
                run.succeeds();
                assert_eq!(read(&clone, "api.key"), b"opensesame\n");
            } else {
                assert_ne!(run.code, 0);
            }
            remove(&clone);
        }
    }
}

impl Deref for Team {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

fn remove(clone: &Path) {
    fs::remove_dir_all(clone).expect("removed");
}
