//! Killed at any system call that changes something, adding and removing a collaborator leave what was or what is to be, and
//! doing it again finishes it.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use hs_secrets::internals::statement_written_anew;

use crate::harness::desk::{Desk, read};
use crate::harness::gnupg::GnupgHome;
use crate::harness::kill::{Interruption, killed_everywhere};
use crate::harness::sandbox::{Run, Sandbox};

#[test]
#[ignore = "needs age and strace: tests/run.sh"]
fn adding_that_is_killed_is_done_or_not_and_doing_it_again_finishes_it() {
    for interruption in [Interruption::Kill, Interruption::KillAnyone] {
        Team::with(Keys::of_age).killed_adding(interruption);
    }
}

#[test]
#[ignore = "needs gpg and strace: tests/run.sh"]
fn adding_by_gpg_that_is_killed_is_done_or_not_and_doing_it_again_finishes_it() {
    for interruption in [Interruption::Kill, Interruption::KillAnyone] {
        Team::with(Keys::of_gpg).killed_adding(interruption);
    }
}

#[test]
#[ignore = "needs gpg, age and strace: tests/run.sh"]
fn adding_again_that_is_killed_keeps_what_was_there() {
    for keys in [Keys::of_age, Keys::of_gpg] {
        let team = Team::with(keys);
        let add = team.keys.add("carol");
        team.killed(Interruption::Kill, &add, |team| {
            team.hs(&add).succeeds();
            team.assert_opens(&["carol"]);
        });
    }
}

#[test]
#[ignore = "needs age and strace: tests/run.sh"]
fn removing_that_is_killed_is_done_or_not_and_doing_it_again_finishes_it() {
    for interruption in [Interruption::Kill, Interruption::KillAnyone] {
        Team::with(Keys::of_age).killed_removing(interruption);
    }
}

#[test]
#[ignore = "needs gpg and strace: tests/run.sh"]
fn removing_by_gpg_that_is_killed_is_done_or_not_and_doing_it_again_finishes_it() {
    for interruption in [Interruption::Kill, Interruption::KillAnyone] {
        Team::with(Keys::of_gpg).killed_removing(interruption);
    }
}

/// The keys of two people, carol and dave.
enum Keys {
    /// Their public keys. The secret ones lie in `NAME.txt`.
    OfAge { carol: String, dave: String },
    /// Their keyrings, with the fingerprints of their keys.
    OfGpg {
        carol: (GnupgHome, String),
        dave: (GnupgHome, String),
        /// The administrator's, with their public keys.
        _admin: GnupgHome,
    },
}

impl Keys {
    fn of_age(sandbox: &Sandbox) -> Self {
        Self::OfAge {
            carol: sandbox.new_age_key("carol.txt"),
            dave: sandbox.new_age_key("dave.txt"),
        }
    }

    fn of_gpg(sandbox: &Sandbox) -> Self {
        let admin = GnupgHome::new();
        admin.make_default(sandbox);
        let of = |name: &str| {
            let home = GnupgHome::new();
            let user = format!("{name} <{name}@example.org>");
            let fingerprint = home.new_key(sandbox, &user);
            admin.import_from(sandbox, &home, &fingerprint);
            (home, fingerprint)
        };
        Self::OfGpg {
            carol: of("carol"),
            dave: of("dave"),
            _admin: admin,
        }
    }

    /// Adds somebody.
    fn add(&self, person: &'static str) -> Vec<&str> {
        match (self, person) {
            (Self::OfAge { carol, .. }, "carol") => vec!["add-age-user", "--name", person, carol],
            (Self::OfAge { dave, .. }, _) => vec!["add-age-user", "--name", person, dave],
            (Self::OfGpg { carol, .. }, "carol") => vec!["add-gpg-user", "--trusted", &carol.1],
            (Self::OfGpg { dave, .. }, _) => vec!["add-gpg-user", "--trusted", &dave.1],
        }
    }

    /// Removes somebody.
    fn remove(&self, person: &'static str) -> [&str; 2] {
        match self {
            Self::OfAge { .. } => ["rm-age-user", person],
            Self::OfGpg { .. } => ["rm-gpg-user", person],
        }
    }

    /// Unlocks a clone as somebody.
    fn unlock(&self, sandbox: &Sandbox, clone: &Path, person: &str) -> Run {
        match self {
            Self::OfAge { .. } => {
                let identity = format!("../{person}.txt");
                sandbox.hs(clone, ["unlock", "-i", &identity])
            }
            Self::OfGpg { carol, dave, .. } => {
                let (home, _) = if person == "carol" { carol } else { dave };
                home.hs(sandbox, clone, ["unlock"])
            }
        }
    }

    /// True if a file that is wrapped for one of them is whole.
    fn is_whole(&self, sandbox: &Sandbox, path: &Path) -> bool {
        let extension = path.extension().unwrap_or_default();
        match self {
            Self::OfGpg { carol, dave, .. } if extension == "gpg" => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                let (home, _) = if name == carol.1 { carol } else { dave };
                let decrypt = ["--decrypt".as_ref(), path.as_os_str()];
                home.gpg(sandbox, decrypt).code == 0
            }
            _ => {
                let end = if extension == "age" {
                    "-----END AGE ENCRYPTED FILE-----\n"
                } else {
                    "\n"
                };
                let content = fs::read_to_string(path).expect("text");
                content.ends_with(end)
            }
        }
    }
}

/// A repository with a collaborator, copied anew for each kill.
struct Team {
    desk: Desk,
    /// The folder that is copied.
    home: PathBuf,
    keys: Keys,
}

impl Team {
    /// One whose people have such keys. Carol is added.
    fn with(keys: fn(&Sandbox) -> Keys) -> Self {
        let sandbox = Sandbox::new();
        let home = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
        let keys = keys(&sandbox);
        sandbox.hs(&home, keys.add("carol")).succeeds();
        let repository = sandbox.path("copy");
        let desk = Desk {
            sandbox,
            repository,
        };
        Self { desk, home, keys }
    }

    fn killed_adding(&self, interruption: Interruption) {
        let add = self.keys.add("dave");
        self.killed(interruption, &add, |team| {
            team.hs(&add).succeeds();
            team.assert_opens(&["carol", "dave"]);
        });
    }

    fn killed_removing(&self, interruption: Interruption) {
        let add = self.keys.add("dave");
        self.sandbox.hs(&self.home, add).succeeds();
        let remove = self.keys.remove("carol");
        self.killed(interruption, &remove, |team| {
            let run = team.hs(remove);
            if run.code != 0 {
                run.fails_saying(&["`carol` is no collaborator"]);
            }
            let listed = team.hs(["ls-users"]).succeeds().text();
            assert!(!listed.contains("carol"), "{listed}");
            team.assert_opens(&["dave"]);
        });
    }

    fn killed(&self, interruption: Interruption, arguments: &[&str], finish: impl Fn(&Self)) {
        let prepare = || self.copy_again(&self.home);
        let checked = |at: &str, struck: &Run| {
            assert_ne!(struck.code, 2, "{}", struck.stderr);
            self.assert_whole(at);
            finish(self);
            assert_eq!(self.git(&["status", "--porcelain"]), "", "{at}");
        };
        let blows = killed_everywhere(
            &self.sandbox,
            &self.repository,
            interruption,
            arguments,
            prepare,
            checked,
        );
        assert!(blows > 5, "{blows} only");
    }

    /// Every statement, and every wrapped key, that is in the work tree is whole. What was not renamed into place yet counts for
    /// nothing.
    fn assert_whole(&self, at: &str) {
        for path in self.files_in(".git-crypt/hs-secrets/holders/default") {
            let text = fs::read(&path).expect("readable");
            let written = statement_written_anew(&text).unwrap_or_default();
            assert_eq!(written.as_bytes(), text, "{at}: {}", path.display());
        }
        for path in self.files_in(".git-crypt/keys/default/0") {
            let is_whole = self.keys.is_whole(&self.sandbox, &path);
            assert!(is_whole, "{at}: {}", path.display());
        }
    }

    fn files_in(&self, folder: &str) -> Vec<PathBuf> {
        let there = fs::read_dir(self.repository.join(folder)).into_iter();
        let names = there
            .flatten()
            .map(|entry| entry.expect("a file").file_name());
        let whole = names.filter(|name| !name.to_string_lossy().starts_with('.'));
        whole
            .map(|name| self.repository.join(folder).join(name))
            .collect()
    }

    /// A clone opens for these people and nobody else.
    fn assert_opens(&self, people: &[&str]) {
        for person in ["carol", "dave"] {
            let clone = self.sandbox.cloned(&self.repository);
            let run = self.keys.unlock(&self.sandbox, &clone, person);
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
