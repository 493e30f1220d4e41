//! Repositories of every format that Git makes: objects named by SHA-256, references in a table, extensions.

use std::path::{Path, PathBuf};

use crate::harness::desk::{MAGIC, read, write};
use crate::harness::sandbox::Sandbox;

const SHA1: &str = "--object-format=sha1";
const SHA256: &str = "--object-format=sha256";
const FILES: &str = "--ref-format=files";
const TABLE: &str = "--ref-format=reftable";

/// All formats except the usual one.
const FORMATS: [&[&str]; 3] = [&[SHA256], &[TABLE], &[SHA256, TABLE]];

const STACK: &str = "\
services: {}
secrets:
  token:
    file: ./token.key
    name: token-${TOKEN_KEY}
";

fn made(sandbox: &Sandbox, format: &[&str]) -> PathBuf {
    let place = sandbox.path("lab");
    let init = ["init", "--quiet", "lab"].into_iter();
    let init = init.chain(format.iter().copied());
    sandbox.git(&sandbox.path(""), init).succeeds();
    write(
        &place,
        ".gitattributes",
        b"*.key filter=git-crypt diff=git-crypt merge=git-crypt\n",
    );
    write(&place, "web/token.key", b"opensesame\n");
    write(&place, "web/stack.yml", STACK.as_bytes());
    place
}

fn commit(sandbox: &Sandbox, lab: &Path, message: &str) {
    sandbox.git(lab, ["add", "--all"]).succeeds();
    sandbox
        .git(lab, ["commit", "--quiet", "--message", message])
        .succeeds();
}

#[track_caller]
fn unchanged(sandbox: &Sandbox, lab: &Path) {
    let status = sandbox.git(lab, ["status", "--porcelain"]).succeeds();
    assert_eq!(status.text(), "");
}

#[test]
fn a_whole_life_in_each_format() {
    for format in FORMATS {
        let sandbox = Sandbox::new();
        let lab = made(&sandbox, format);
        sandbox.hs(&lab, ["init"]).succeeds();
        commit(&sandbox, &lab, "first");
        let stored = sandbox.git(&lab, ["cat-file", "blob", "HEAD:web/token.key"]);
        assert!(stored.succeeds().stdout.starts_with(MAGIC), "{format:?}");
        sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
        sandbox.hs(&lab, ["lock"]).succeeds();
        assert!(read(&lab, "web/token.key").starts_with(MAGIC), "{format:?}");
        unchanged(&sandbox, &lab);
        sandbox.hs(&lab, ["unlock", "../lab.key"]).succeeds();
        assert_eq!(read(&lab, "web/token.key"), b"opensesame\n", "{format:?}");
        unchanged(&sandbox, &lab);
        let status = sandbox.hs(&lab, ["status"]).succeeds();
        assert!(status.text().contains("    encrypted: web/token.key"));
        sandbox.hs(&lab, ["status", "--short"]).succeeds();

        // The version in a name leads to the commit that the content came from.
        let named = sandbox.hs(&lab, ["env", "web"]).succeeds().text();
        let version = named.trim().strip_prefix("TOKEN_KEY=").expect("a version");
        assert_eq!(version.len(), 32);
        let find = format!("--find-object={version}");
        let found = sandbox.git(&lab, ["log", "--format=%s", &find]).succeeds();
        assert_eq!(found.text(), "first\n", "{format:?}");
        let of_commit = sandbox.hs(&lab, ["env", "web", "--rev", "HEAD"]).succeeds();
        assert_eq!(of_commit.text(), named);

        write(&lab, "web/token.key", b"another\n");
        commit(&sandbox, &lab, "second");
        let shown = sandbox.git(&lab, ["show", "HEAD"]).succeeds().text();
        assert!(shown.contains("+another"), "{format:?}: {shown}");
        sandbox.git(&lab, ["branch", "side", "HEAD~1"]).succeeds();
        sandbox.git(&lab, ["tag", "-m", "a tag", "v1"]).succeeds();
        for arguments in [
            &["check", "--all"][..],
            &["check", "--staged"],
            &["check", "--history"],
            &["check", "--range", "side..HEAD"],
            &["check", "--range", "v1~1..v1"],
        ] {
            sandbox.hs(&lab, arguments).succeeds();
        }
        write(&lab, "web/long.key", b"9f8a7d6e5c4b3a291817f6e5d4c3b2a1\n");
        write(&lab, "leak", b"9f8a7d6e5c4b3a291817f6e5d4c3b2a1\n");
        commit(&sandbox, &lab, "third");
        let history = sandbox.hs(&lab, ["check", "--history"]);
        assert_eq!(history.code, 3, "{format:?}: {}", history.stderr);
    }
}

#[test]
fn a_fresh_repository_without_a_commit_is_no_trouble() {
    for format in FORMATS {
        let sandbox = Sandbox::new();
        let lab = made(&sandbox, format);
        sandbox.hs(&lab, ["init"]).succeeds();
        sandbox.hs(&lab, ["status"]).succeeds();
        sandbox.hs(&lab, ["check", "--all"]).succeeds();
        sandbox.git(&lab, ["add", "--all"]).succeeds();
        sandbox.hs(&lab, ["check", "--staged"]).succeeds();
    }
}

#[test]
fn extensions_that_change_nothing_here_are_no_reason_to_refuse() {
    for (format, extension) in [
        (TABLE, ["extensions.partialClone", "origin"]),
        (FILES, ["extensions.partialClone", "origin"]),
        (FILES, ["extensions.refStorage", "files"]),
        (FILES, ["extensions.preciousObjects", "true"]),
        (SHA256, ["extensions.compatObjectFormat", "sha1"]),
        (SHA1, ["extensions.compatObjectFormat", "sha256"]),
    ] {
        let sandbox = Sandbox::new();
        let lab = made(&sandbox, &[format]);
        sandbox
            .git(&lab, ["config", "core.repositoryFormatVersion", "1"])
            .succeeds();
        sandbox
            .git(&lab, ["config", extension[0], extension[1]])
            .succeeds();
        sandbox.hs(&lab, ["init"]).succeeds();
        commit(&sandbox, &lab, "first");
        let stored = sandbox.git(&lab, ["cat-file", "blob", "HEAD:web/token.key"]);
        assert!(stored.succeeds().stdout.starts_with(MAGIC), "{extension:?}");
        sandbox.hs(&lab, ["export-key", "../lab.key"]).succeeds();
        sandbox.hs(&lab, ["lock"]).succeeds();
        sandbox.hs(&lab, ["unlock", "../lab.key"]).succeeds();
        assert_eq!(read(&lab, "web/token.key"), b"opensesame\n");
        sandbox.hs(&lab, ["env", "web", "--rev", "HEAD"]).succeeds();
        sandbox.hs(&lab, ["check", "--history"]).succeeds();
        unchanged(&sandbox, &lab);
    }
}
