//! `env`, and errors that every command reports when it reads a stack.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use crate::harness::desk::Desk;

/// A repository with one stack, its key in place and everything committed.
struct Lab(Desk);

impl Deref for Lab {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

const STACK: &str = "\
version: '3.8'
services:
  nginx: {image: nginx, secrets: [password], configs: [nginx]}
secrets:
  password:
    file: secret/password
    name: password-${PASSWORD}
configs:
  nginx:
    file: config/nginx.conf
    name: nginx-${NGINX_CONF}
";

impl Lab {
    fn new() -> Self {
        Self::with(STACK)
    }

    fn with(stack: &str) -> Self {
        let lab = Self(Desk::empty("lab"));
        lab.hs(["init"]).succeeds();
        lab.write(
            ".gitattributes",
            "**/secret/** filter=git-crypt diff=git-crypt\n",
        );
        lab.write("web/stack.yml", stack);
        lab.write("web/secret/password", "hunter2\n");
        lab.write("web/config/nginx.conf", "worker_processes 1;\n");
        lab.commit("a commit");
        lab
    }

    fn env(&self) -> String {
        self.hs(["env", "web"]).succeeds().text()
    }

    /// Asserts that `env web` fails with these words and changes nothing.
    #[track_caller]
    fn refuses(&self, parts: &[&str]) {
        let before = self.git(&["status", "--porcelain"]);
        self.hs(["env", "web"]).fails_saying(parts);
        assert_eq!(self.git(&["status", "--porcelain"]), before);
    }

    /// The first digits of the id of the blob at `path` in `revision`.
    fn version(&self, revision: &str, path: &str) -> String {
        let id = self.git(&["rev-parse", &format!("{revision}:{path}")]);
        id[..32].to_owned()
    }

    fn lines(&self, revision: &str) -> String {
        format!(
            "PASSWORD={}\nNGINX_CONF={}\n",
            self.version(revision, "web/secret/password"),
            self.version(revision, "web/config/nginx.conf")
        )
    }

    fn bare_clone(&self) -> PathBuf {
        let bare = self.sandbox.path("bare.git");
        let arguments = ["clone", "--quiet", "--bare", "lab", "bare.git"];
        self.sandbox
            .git(&self.sandbox.path(""), arguments)
            .succeeds();
        bare
    }
}

#[test]
fn versions_are_the_ids_that_git_has() {
    let lab = Lab::new();
    assert_eq!(lab.env(), lab.lines("HEAD"));
    let export = lab.hs(["env", "--export", "web"]).succeeds().text();
    let lines = lab.lines("HEAD");
    assert_eq!(
        export,
        lines
            .replace("PASSWORD=", "export PASSWORD=")
            .replace("NGINX", "export NGINX")
    );
    let shell = format!("{export}printf %s \"$NGINX_CONF\"");
    let run = lab
        .sandbox
        .run(&lab.repository, "sh", ["-c", &shell], b"")
        .succeeds();
    assert_eq!(run.text(), lab.version("HEAD", "web/config/nginx.conf"));
    let json = lab.hs(["env", "--json", "web"]).succeeds().text();
    assert!(json.contains("\"path\": \"web/secret/password\""), "{json}");
}

#[test]
fn a_changed_file_has_the_version_it_will_have() {
    let lab = Lab::new();
    let old = lab.lines("HEAD");
    lab.write("web/secret/password", "changed\n");
    lab.write("web/config/nginx.conf", "changed\r\n");
    lab.write(
        ".gitattributes",
        "**/secret/** filter=git-crypt diff=git-crypt\n*.conf text\n",
    );
    let before = lab.env();
    assert_ne!(before, old);
    lab.commit("a commit");
    assert_eq!(before, lab.lines("HEAD"));
    assert_eq!(lab.env(), before);
    assert_eq!(
        lab.hs(["env", "web", "--rev", "HEAD~1"]).succeeds().text(),
        old
    );
}

#[test]
fn no_key_is_needed_and_no_work_tree() {
    let lab = Lab::new();
    let lines = lab.lines("HEAD");
    lab.hs(["lock", "--discard-key"]).succeeds();
    assert_eq!(lab.env(), lines);
    let bare = lab.bare_clone();
    for arguments in [&["env", "web"][..], &["env", "web", "--rev", "main"]] {
        let run = lab.sandbox.hs(&bare, arguments).succeeds();
        assert_eq!(run.text(), lines);
    }
}

#[test]
fn stacks_are_found_by_convention_from_everywhere() {
    let lab = Lab::new();
    let lines = lab.env();
    let below = lab.repository.join("web/config");
    assert_eq!(
        lab.sandbox.hs(&below, ["env", "web"]).succeeds().text(),
        lines
    );
    let run = lab
        .sandbox
        .hs(&below, ["env", "other", "--file", "../stack.yml"]);
    assert_eq!(run.succeeds().text(), lines);
    for (file, stack) in [
        (
            "stacks/alone.yml",
            STACK
                .replace(": secret", ": ../web/secret")
                .replace(": config", ": ../web/config"),
        ),
        (
            "beside.yaml",
            STACK
                .replace(": secret", ": ./web/secret")
                .replace(": config", ": web/config"),
        ),
        (
            "composed/docker-compose.yml",
            STACK
                .replace(": secret", ": ../web/secret")
                .replace(": config", ": ../web/config"),
        ),
        (
            "compose.yaml",
            STACK
                .replace(": secret", ": web/secret")
                .replace(": config", ": web/config"),
        ),
    ] {
        lab.write(file, stack);
    }
    // The last name is that of the repository itself.
    for name in ["alone", "beside", "composed", "lab"] {
        assert_eq!(lab.hs(["env", name]).succeeds().text(), lines, "{name}");
    }
    let run = lab.hs(["env", "nobody"]);
    run.fails_saying(&[
        "no stack `nobody` here: looked for nobody/stack.yml, ",
        "stacks/nobody.yml, nobody.yml, stacks/nobody/stack.yml, apps/nobody/stack.yml; found alone, beside, composed, lab, web",
    ]);
    lab.write(
        ".hs-secrets.toml",
        "version-length = 12\n[stacks.set]\nfiles = ['web/stack.yml']\n",
    );
    let set = lab.hs(["env", "set"]).succeeds().text();
    assert!(set.starts_with(&lines[..21]), "{set}");
    assert_eq!(set.lines().next().unwrap().len(), "PASSWORD=".len() + 12);
    lab.write(".hs-secrets.toml", "version = 'md5'\nkepe = 3\n");
    lab.refuses(&[".hs-secrets.toml:2: unknown field `kepe`"]);
    lab.write(".hs-secrets.toml", "version = 'md5'\n");
    let sum = lab
        .sandbox
        .run(&lab.repository, "md5sum", ["web/secret/password"], b"")
        .succeeds();
    assert!(
        lab.env()
            .contains(&format!("PASSWORD={}\n", &sum.text()[..32]))
    );
}

#[test]
fn files_of_several_merge_as_docker_merges_them() {
    let lab = Lab::new();
    lab.write(
        "web/more.yml",
        "secrets:\n  password: {file: secret/other, name: 'p-${OTHER}'}\n",
    );
    lab.write("web/secret/other", "other\n");
    lab.commit("a commit");
    let run = lab.hs([
        "env",
        "web",
        "--file",
        "web/stack.yml",
        "--file",
        "web/more.yml",
    ]);
    let expected = format!(
        "OTHER={}\nNGINX_CONF={}\n",
        lab.version("HEAD", "web/secret/other"),
        lab.version("HEAD", "web/config/nginx.conf")
    );
    assert_eq!(run.succeeds().text(), expected);
}

#[test]
fn broken_stack_files_are_refused_with_line_and_column() {
    for (stack, said) in [
        ("a: [1\nb: 2\n", "web/stack.yml:2:"),
        ("services:\n  a: {image: x}\n a: 2\n", "web/stack.yml:3:"),
        (
            "secrets:\n  a: {driver: x}\n  b: {driver: x}\n  a: {driver: y}\n",
            "web/stack.yml:4: key `a` is already defined in line 2",
        ),
        (
            "configs: {a: {content: x}}\n",
            "web/stack.yml:1: configs.a: `content` is Docker Compose's",
        ),
        (
            "secrets: {a: {environment: x}}\n",
            "web/stack.yml:1: secrets.a: `environment` is Docker Compose's",
        ),
        (
            "services: {a: {secrets: [b]}}\n",
            "web/stack.yml:1: service `a` uses the secret `b`, which the stack does not define",
        ),
        (
            "services: {}\n---\nb: 2\n",
            "web/stack.yml:2: a second document begins here",
        ),
        ("", "web/stack.yml:1: the file is empty"),
    ] {
        Lab::with(stack).refuses(&[said]);
    }
    let lab = Lab::new();
    lab.write("web/stack.yml", b"\xff\xfe");
    lab.refuses(&["web/stack.yml is not UTF-8 text"]);
}

#[test]
fn files_that_can_be_no_secret_or_config_are_refused() {
    let lab = Lab::new();
    let password = lab.repository.join("web/secret/password");
    fs::remove_file(&password).unwrap();
    lab.refuses(&["web/stack.yml:6: secret `password`: web/secret/password does not exist"]);
    lab.write("web/secret/password", "");
    lab.refuses(&["web/secret/password is empty, and a secret must not be"]);
    lab.write("web/secret/password", vec![b'x'; 512_000]);
    lab.refuses(&["web/secret/password has 512000 bytes, and a secret must have less than 512000"]);
    lab.write("web/secret/password", vec![b'x'; 511_999]);
    lab.env();
    lab.write("web/config/nginx.conf", vec![b'x'; 1_024_000]);
    lab.refuses(&["config `nginx`: web/config/nginx.conf has 1024000 bytes, and a config must have less than 1024000"]);
    lab.write("web/config/nginx.conf", vec![b'x'; 1_023_999]);
    lab.env();
}

#[test]
fn sizes_are_those_of_the_plaintext_without_a_key_too() {
    let lab = Lab::new();
    lab.write("web/secret/password", vec![b'x'; 511_999]);
    lab.commit("a commit");
    lab.hs(["export-key", "../lab.key"]).succeeds();
    lab.hs(["lock", "--discard-key"]).succeeds();
    lab.env();
    lab.hs(["env", "web", "--rev", "HEAD"]).succeeds();
    lab.hs(["unlock", "../lab.key"]).succeeds();
    lab.write("web/secret/password", vec![b'x'; 512_000]);
    lab.commit("a commit");
    let said = "web/secret/password has 512000 bytes, and a secret must have less than 512000";
    lab.hs(["env", "web", "--rev", "HEAD"])
        .fails_saying(&[said]);
    lab.hs(["lock", "--discard-key"]).succeeds();
    lab.refuses(&[said]);
}

#[test]
fn secrets_must_be_encrypted_in_git() {
    let lab = Lab::new();
    let said = "web/secret/password is not encrypted in Git, and a secret must be";
    lab.write(".gitattributes", "");
    // Staged, since libgit2 would still see the rules in the index.
    lab.git(&["add", ".gitattributes"]);
    lab.write("web/secret/password", "plain\n");
    lab.refuses(&["web/stack.yml:6: ", said]);
    // The name of the variable's version reveals no more than that of an encrypted file.
    let taken = lab
        .hs(["env", "web", "--allow-plaintext"])
        .succeeds()
        .text();
    lab.write(
        ".gitattributes",
        "**/secret/** filter=git-crypt diff=git-crypt\n",
    );
    assert_eq!(lab.env(), taken);
    lab.write(".gitattributes", "");
    lab.commit("a commit");
    lab.refuses(&[said]);
    lab.hs(["env", "web", "--rev", "HEAD"])
        .fails_saying(&[said]);
    lab.write(
        ".gitattributes",
        "**/secret/** filter=git-crypt diff=git-crypt\n",
    );
    lab.refuses(&["web/secret/password should be encrypted, but Git has it in plaintext"]);
    lab.git(&["rm", "--quiet", "--cached", "web/secret/password"]);
    lab.refuses(&["web/secret/password is not in Git yet"]);
    lab.hs(["lock", "--force", "--discard-key"]).succeeds();
    lab.refuses(&[
        "telling the version of web/secret/password needs the key, and this repository is locked",
    ]);
}

#[test]
fn names_that_would_go_wrong_are_refused() {
    for (name, said) in [
        (
            "password",
            "web/stack.yml:7: secret `password`: its name `password` has no version; change it to `password-${PASSWORD}`",
        ),
        ("pass word-${PASSWORD}", "is not valid: only [a-zA-Z0-9-_.]"),
        (
            "'${UNSET}-${PASSWORD}'",
            "web/stack.yml:7: secret `password`: its name: variable `UNSET` is not set in the environment",
        ),
        (
            "${UNSET:?say it}-${PASSWORD}",
            "required variable `UNSET` is missing a value: say it",
        ),
        (
            "p-$PASSWORD-prod",
            "to Docker `$PASSWORD-prod` is `$PASSWORD` or else `prod`; write `${PASSWORD}-prod`",
        ),
        ("p-${PASSWORD", "invalid interpolation format"),
    ] {
        Lab::with(&STACK.replace("password-${PASSWORD}", name)).refuses(&[said]);
    }
    let long = STACK.replace("password-$", &format!("{}-$", "p".repeat(40)));
    let lab = Lab::with(&long);
    lab.env();
    lab.write(".hs-secrets.toml", "version-length = 32\n");
    let run = lab.hs(["env", "web"]);
    assert!(
        run.stderr
            .contains("hint: `version-length = 23` in .hs-secrets.toml makes it fit"),
        "{}",
        run.stderr
    );
    run.fails_saying(&["has 73 characters, 9 more than Swarm's limit of 64"]);
    lab.write(".hs-secrets.toml", "version-length = 23\n");
    lab.env();
    lab.hs(["env", "we b"]).ends_with(2);
}

#[test]
fn two_files_behind_one_variable_must_be_equal() {
    let stack =
        STACK.to_owned() + "  other: {file: other/nginx.conf, name: 'other-${NGINX_CONF}'}\n";
    let lab = Lab::with(&stack.replace("other/nginx.conf", "config/nginx.conf"));
    lab.write("web/stack.yml", stack);
    lab.write("web/other/nginx.conf", "another\n");
    lab.refuses(&["the variable `NGINX_CONF` stands for web/other/nginx.conf here and for web/config/nginx.conf in web/stack.yml:10"]);
    lab.write("web/other/nginx.conf", "worker_processes 1;\n");
    lab.env();
}

#[test]
fn links_are_followed_within_the_repository_only() {
    let lab = Lab::new();
    let password = lab.repository.join("web/secret/password");
    fs::remove_file(&password).unwrap();
    let link = |target: &str| {
        let _ = fs::remove_file(&password);
        std::os::unix::fs::symlink(target, &password).unwrap();
    };
    link("/etc/hostname");
    lab.refuses(&["web/secret/password leaves the repository"]);
    link("../../../home");
    lab.refuses(&["leaves the repository"]);
    link("password");
    lab.refuses(&["leads through too many symbolic links"]);
    link("../secret");
    lab.refuses(&["web/secret/password is no regular file"]);
    link("other");
    lab.write("web/secret/other", "linked\n");
    lab.commit("a commit");
    let linked = lab.env();
    assert!(
        linked.contains(&lab.version("HEAD", "web/secret/other")),
        "{linked}"
    );
    assert_eq!(
        lab.hs(["env", "web", "--rev", "HEAD"]).succeeds().text(),
        linked
    );
    lab.write(
        "web/stack.yml",
        STACK.replace("config/nginx.conf", "../../outside"),
    );
    lab.refuses(&["config `nginx`: web/../../outside leaves the repository"]);
    lab.write(
        "web/stack.yml",
        STACK.replace("config/nginx.conf", "/etc/hostname"),
    );
    lab.refuses(&["/etc/hostname leaves the repository"]);
}

#[test]
fn files_of_submodules_are_not_ours() {
    let lab = Lab::new();
    let root = lab.repository.parent().unwrap();
    lab.sandbox
        .git(root, ["clone", "--quiet", "lab", "inner"])
        .succeeds();
    let inner = root.join("inner");
    lab.git(&[
        "submodule",
        "--quiet",
        "add",
        &inner.display().to_string(),
        "web/sub",
    ]);
    lab.write(
        "web/stack.yml",
        STACK.replace("config/nginx", "sub/web/config/nginx"),
    );
    lab.commit("a commit");
    let said = "lies in the submodule web/sub";
    lab.refuses(&[said]);
    lab.hs(["env", "web", "--rev", "HEAD"])
        .fails_saying(&[said]);
}

#[test]
fn a_revision_or_file_that_is_not_there_is_said() {
    let lab = Lab::new();
    lab.hs(["env", "web", "--rev", "gone"])
        .fails_saying(&["finding the revision `gone` failed"]);
    lab.hs(["env", "web", "--file", "gone.yml"])
        .fails_saying(&["no stack file gone.yml"]);
    let outside: &Path = &lab.sandbox.path("outside.yml");
    fs::write(outside, STACK).unwrap();
    lab.hs(["env", "web", "--file", &outside.display().to_string()])
        .fails_saying(&["outside.yml is outside of the repository"]);
}
