//! Two clones of one repository: the victim's, which has the key, and the attacker's, which can only push.

use std::fs;
use std::path::{Path, PathBuf};

use hs_secrets::internals::{
    Accepted, Failure, ObjectKind, Repository, Settings, StackName, StackQuery, load,
};

use crate::harness::sandbox::{Run, Sandbox, run};

/// The two clones, next to the bare repository to which both push.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    pub(crate) victim: PathBuf,
    pub(crate) attacker: PathBuf,
}

impl Scene {
    /// An encrypted secret in `web/secret`, a plain config beside it, and a stack that uses both.
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new();
        let top = sandbox.path("");
        let init = ["init", "--quiet", "--bare", "origin.git"];
        sandbox.git(&top, init).succeeds();
        let clone = ["clone", "--quiet", "origin.git", "victim"];
        sandbox.git(&top, clone).succeeds();
        let victim = sandbox.path("victim");
        let attributes = "**/secret/** filter=git-crypt diff=git-crypt\n";
        write(&victim, ".gitattributes", attributes);
        write(&victim, "web/secret/db", "correct horse\n");
        write(&victim, "web/secret/app.env", "PASSWORD=correct horse\n");
        write(&victim, "web/site.conf", "listen 80;\n");
        write(
            &victim,
            "web/stack.yml",
            "services:
  app:
    image: app
    env_file: secret/app.env
    secrets: [db]
    configs: [site]
secrets:
  db:
    file: secret/db
configs:
  site:
    file: site.conf
",
        );
        sandbox.hs(&victim, ["init"]).succeeds();
        commit_and_push(&sandbox, &victim);
        let clone = ["clone", "--quiet", "origin.git", "attacker"];
        sandbox.git(&top, clone).succeeds();
        let attacker = sandbox.path("attacker");
        Self {
            sandbox,
            victim,
            attacker,
        }
    }

    pub(crate) fn attacker_writes(&self, path: &str, content: impl AsRef<[u8]>) {
        write(&self.attacker, path, content);
    }

    pub(crate) fn attacker_pushes(&self) {
        commit_and_push(&self.sandbox, &self.attacker);
    }

    /// The blob at `place` in the attacker's clone.
    pub(crate) fn blob(&self, place: &str) -> Vec<u8> {
        let show = ["cat-file", "blob", place];
        self.sandbox.git(&self.attacker, show).succeeds().stdout
    }

    /// The attacker encrypts `content` with `key`, and writes it to `path`.
    pub(crate) fn attacker_encrypts(&self, key: &Path, path: &str, content: &str) {
        let mut clean = self.sandbox.command(&self.attacker, "hs-secrets");
        clean.arg("clean").arg("--key-file").arg(key);
        let blob = run(clean, content.as_bytes()).succeeds().stdout;
        assert!(blob.starts_with(b"\0GITCRYPT"), "encrypted");
        self.attacker_writes(path, blob);
    }

    /// Rotates the key in the victim's clone. Returns the old key, and the commit before the rotation.
    pub(crate) fn victim_rotates(&self) -> (PathBuf, String) {
        let old = self.sandbox.path("old.key");
        let path = old.to_str().expect("UTF-8");
        self.victim_runs(&["export-key", path]).succeeds();
        let before = self.git_of_victim(&["rev-parse", "HEAD"]);
        self.victim_runs(&["rotate-key"]).succeeds();
        self.victim_pushes();
        (old, before)
    }

    pub(crate) fn victim_pulls(&self) {
        self.git_of_victim(&["pull", "--quiet", "--no-edit", "--no-rebase"]);
    }

    pub(crate) fn victim_pushes(&self) {
        commit_and_push(&self.sandbox, &self.victim);
    }

    pub(crate) fn git_of_victim(&self, arguments: &[&str]) -> String {
        let run = self.sandbox.git(&self.victim, arguments).succeeds();
        run.text().trim().to_owned()
    }

    pub(crate) fn git_of_attacker(&self, arguments: &[&str]) {
        self.sandbox.git(&self.attacker, arguments).succeeds();
    }

    pub(crate) fn victim_runs(&self, arguments: &[&str]) -> Run {
        self.sandbox.hs(&self.victim, arguments)
    }
}

fn write(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("below the repository")).expect("a folder");
    fs::write(path, content).expect("a file");
}

fn commit_and_push(sandbox: &Sandbox, clone: &Path) {
    sandbox.git(clone, ["add", "--all"]).succeeds();
    let commit = ["commit", "--quiet", "--allow-empty", "-m", "a change"];
    sandbox.git(clone, commit).succeeds();
    let push = ["push", "--quiet", "origin", "HEAD:main"];
    sandbox.git(clone, push).succeeds();
}

/// The secret that `sync` would publish from the clone at `place`, or the error.
pub(crate) fn published_secret(
    place: &Path,
    revision: Option<&str>,
    accepted: Accepted,
) -> Result<String, String> {
    let repository = Repository::open(place).expect("a repository");
    let query = StackQuery {
        name: StackName::parse("web").expect("a good name"),
        files: Vec::new(),
        revision: revision.map(str::to_owned),
        accepted,
        environment: &|_| None,
    };
    let said = |error| Failure::from(error).to_string();
    let stack = load(&repository, &Settings::default(), &query).map_err(said)?;
    let mut objects = stack.desired().objects.iter();
    let secret = objects.find(|object| object.kind == ObjectKind::Secret);
    let content = stack.content(secret.expect("the stack has one"));
    let mut content = content.map_err(said)?;
    Ok(String::from_utf8_lossy(content.expose()).into_owned())
}
