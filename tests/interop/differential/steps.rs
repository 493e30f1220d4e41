//! The steps of a random walk: what users do in a repository with encrypted files.

use super::random::Random;
use super::twins::Twins;

const PATHS: [&str; 10] = [
    "api.key",
    "deep/er/token.key",
    "pager.ops",
    "deep/rota.ops",
    "readme",
    "deep/notes",
    "sp ace.key",
    "new\nline.key",
    "schl\u{fc}ssel.key",
    "-dash.key",
];

/// Possible contents of `.gitattributes`.
const ATTRIBUTES: [&str; 5] = [
    "*.key filter=git-crypt diff=git-crypt\n*.ops filter=git-crypt-ops diff=git-crypt-ops\n",
    "*.key filter=git-crypt diff=git-crypt\n",
    "*.key filter=git-crypt\n*.ops filter=git-crypt-ops diff=git-crypt-ops\n",
    "*.key filter=git-crypt diff=git-crypt\ndeep/* filter=git-crypt diff=git-crypt\n",
    "[attr]secret filter=git-crypt diff=git-crypt\n*.key secret\ndeep/notes secret\n-dash.key !filter !diff\n",
];

/// A walk through both repositories.
pub(super) struct Walk {
    pub(super) twins: Twins,
    random: Random,
    /// Keys that were made. Their files lie outside of the repositories.
    made: Vec<&'static str>,
    unlocked: Vec<&'static str>,
    branches: usize,
    pub(super) commits: usize,
    pub(super) refused: usize,
}

/// The formats of repositories. The seed chooses one; consecutive seeds go through all of them.
const FORMATS: [&[&str]; 4] = [
    &["--object-format=sha1", "--ref-format=files"],
    &["--object-format=sha256", "--ref-format=files"],
    &["--object-format=sha1", "--ref-format=reftable"],
    &["--object-format=sha256", "--ref-format=reftable"],
];

impl Walk {
    pub(super) fn new(seed: u64) -> Self {
        let mut walk = Self {
            twins: Twins::new(FORMATS[seed as usize % FORMATS.len()]),
            random: Random::new(seed),
            made: Vec::new(),
            unlocked: Vec::new(),
            branches: 0,
            commits: 0,
            refused: 0,
        };
        walk.init("default");
        walk.twins.write(".gitattributes", ATTRIBUTES[0].as_bytes());
        walk.commit();
        walk
    }

    pub(super) fn step(&mut self) {
        match self.random.below(25) {
            0..=5 => self.write(),
            6 => {
                let path = *self.random.one_of(&PATHS);
                self.twins.remove(path);
            }
            7 => {
                let path = *self.random.one_of(&PATHS);
                self.twins.git(&["add", "--", path]);
            }
            8..=11 => self.commit(),
            12 => {
                let attributes = *self.random.one_of(&ATTRIBUTES);
                self.twins.write(".gitattributes", attributes.as_bytes());
            }
            13 => {
                let (from, to) = (*self.random.one_of(&PATHS), *self.random.one_of(&PATHS));
                self.twins.git(&["mv", "--", from, to]);
            }
            14 => self.branch(),
            15 => {
                let branch = self.any_branch();
                self.twins.git(&["checkout", "--quiet", &branch]);
            }
            16 => self.merge(),
            17 => drop(self.twins.git(&["stash", "--quiet"])),
            18 => drop(self.twins.git(&["stash", "pop", "--quiet"])),
            19 => drop(self.twins.git(&["reset", "--quiet", "--hard"])),
            20 => {
                let name = *self.random.one_of(&["ops", "ops", "default"]);
                self.init(name);
            }
            21 => self.lock(),
            22 => self.unlock(),
            23 => self.link(),
            _ => self.look(),
        }
    }

    fn write(&mut self) {
        let path = *self.random.one_of(&PATHS);
        // Must not write through a link.
        self.twins.remove(path);
        // No plaintext that is shorter than a blob's header: see `short_plaintext_survives`.
        let length = *self.random.one_of(&[0, 23, 40, 500, 70_000]);
        let seed = self.random.number();
        let mut content: Vec<u8> = (0..length)
            .map(|index: u64| (seed >> (index % 56)) as u8)
            .collect();
        // No content that begins like an encrypted blob: see `ciphertext_is_not_encrypted_twice`.
        if let Some(first) = content.first_mut() {
            *first |= 1;
        }
        self.twins.write(path, &content);
    }

    fn link(&mut self) {
        let path = *self.random.one_of(&["link.key", "deep/link", "pager.ops"]);
        let target = *self.random.one_of(&["api.key", "nowhere", "."]);
        self.twins.link(path, target);
    }

    fn commit(&mut self) {
        self.twins.git(&["add", "--all"]);
        if self.twins.git(&["commit", "--quiet", "-m", "a step"]) == 0 {
            self.commits += 1;
        }
    }

    fn branch(&mut self) {
        self.branches += 1;
        let name = format!("branch-{}", self.branches);
        self.twins.git(&["checkout", "--quiet", "-b", &name]);
    }

    fn any_branch(&mut self) -> String {
        let branches = self.twins.ask(&["branch", "--format=%(refname:short)"]);
        let branches: Vec<&str> = branches.lines().collect();
        (*self.random.one_of(&branches)).to_owned()
    }

    fn merge(&mut self) {
        let branch = self.any_branch();
        if self
            .twins
            .git(&["merge", "--quiet", "-m", "a merge", &branch])
            != 0
        {
            // Not every failed merge leaves a merge that can be aborted.
            self.twins.assert_same();
            self.twins.git(&["merge", "--abort"]);
        }
    }

    fn init(&mut self, name: &'static str) {
        // Nobody needs a second key of the same name.
        if self.made.contains(&name) && !self.unlocked.contains(&name) {
            return;
        }
        let arguments: &[&str] = match name {
            "default" => &["init"],
            name => &["init", "-k", name],
        };
        let (ours, _) = self.twins.crypt(arguments);
        if ours.code == 0 {
            self.twins.share_key(name);
            let file = format!("../{name}.key");
            let export = [&["export-key"], &arguments[1..], &[&file]].concat();
            self.twins.crypt(&export);
            self.made.push(name);
            self.unlocked.push(name);
        }
    }

    fn lock(&mut self) {
        let ways: [&[&str]; 4] = [
            &["lock"],
            &["lock", "-a"],
            &["lock", "-k", "ops"],
            &["lock", "-a", "-k", "ops"],
        ];
        let arguments = *self.random.one_of(&ways);
        if self.git_crypt_refuses_for_any_change(arguments) {
            return;
        }
        if self.twins.crypt(arguments).0.code == 0 {
            match arguments {
                ["lock"] => self.unlocked.retain(|name| *name != "default"),
                ["lock", "-k", "ops"] => self.unlocked.retain(|name| *name != "ops"),
                _ => self.unlocked.clear(),
            }
        }
    }

    fn unlock(&mut self) {
        let files: Vec<String> = self
            .made
            .iter()
            .map(|name| format!("../{name}.key"))
            .collect();
        let count = 1 + self.random.below(files.len());
        let mut arguments = vec!["unlock"];
        arguments.extend(files[..count].iter().map(String::as_str));
        if self.git_crypt_refuses_for_any_change(&arguments) {
            return;
        }
        if self.twins.crypt(&arguments).0.code == 0 {
            for name in &self.made[..count] {
                if !self.unlocked.contains(name) {
                    self.unlocked.push(name);
                }
            }
        }
    }

    /// Intended difference, see `changes_to_other_files_do_not_matter`.
    fn git_crypt_refuses_for_any_change(&mut self, arguments: &[&str]) -> bool {
        let changed = !self
            .twins
            .ask(&["status", "--porcelain", "--untracked-files=no"])
            .is_empty();
        if changed {
            let run = self.twins.git_crypt_alone(arguments);
            assert_ne!(
                run.code,
                0,
                "git-crypt has learned it\n{}",
                self.twins.story()
            );
            self.refused += 1;
        }
        changed
    }

    /// Commands that change nothing.
    fn look(&mut self) {
        // Intended difference, see `a_conflicted_file_has_one_line`.
        if !self.twins.ask(&["ls-files", "--unmerged"]).is_empty() {
            return;
        }
        let ways: [&[&str]; 4] = [
            &["status"],
            &["status", "-e"],
            &["status", "-u"],
            &["status", "deep"],
        ];
        let arguments = *self.random.one_of(&ways);
        let (ours, theirs) = self.twins.crypt(arguments);
        assert_eq!(
            listing(&ours.text()),
            listing(&theirs.text()),
            "{}",
            self.twins.story()
        );
        for name in self.unlocked.clone() {
            let arguments: &[&str] = match name {
                "default" => &["export-key", "-"],
                name => &["export-key", "-k", name, "-"],
            };
            let (ours, theirs) = self.twins.crypt(arguments);
            assert_eq!(ours.stdout, theirs.stdout, "{}", self.twins.story());
        }
    }
}

/// Intended difference: each program words the explanations below the list in its own way.
fn listing(text: &str) -> Vec<&str> {
    let listing = text.split("\n\nWarning: ").next().unwrap_or_default();
    listing.lines().collect()
}
