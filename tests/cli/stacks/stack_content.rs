//! The content of a stack's objects: the plaintext that `sync` will publish.

use std::fs;
use std::path::{Path, PathBuf};

use hs_secrets::internals::Failure;
use hs_secrets::internals::Repository;
use hs_secrets::internals::{Accepted, Settings, StackName, StackObject, StackQuery, load};

use crate::harness::sandbox::Sandbox;
use crate::harness::written::write;

const STACK: &str = "\
secrets:
  one: {file: secret/one}
  two: {file: other/two}
configs:
  plain: {file: plain}
  windows: {file: windows}
  hidden: {file: secret/hidden}
";

/// Two keys, with one encrypted file each. The other files are plain.
fn lab(sandbox: &Sandbox) -> PathBuf {
    let lab = sandbox.repository("lab");
    sandbox.hs(&lab, ["init"]).succeeds();
    sandbox.hs(&lab, ["init", "-k", "other"]).succeeds();
    let attributes = "\
secret/* filter=git-crypt diff=git-crypt
other/* filter=git-crypt-other diff=git-crypt-other
windows text
";
    for (path, content) in [
        (".gitattributes", attributes),
        ("lab.yml", STACK),
        ("secret/one", "one\n"),
        ("secret/hidden", "hidden\n"),
        ("other/two", "two\n"),
        ("plain", "plain\n"),
        ("windows", "a\r\nb\r\n"),
    ] {
        write(&lab, path, content);
    }
    sandbox.git(&lab, ["add", "--all"]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "--message", "lab"])
        .succeeds();
    lab
}

/// The entry, commit label and content of each object, or the error.
fn contents(lab: &Path, revision: Option<&str>) -> Vec<(String, String, String)> {
    let repository = Repository::open(lab).expect("a repository");
    let query = StackQuery {
        name: StackName::parse("lab").expect("a good name"),
        files: Vec::new(),
        revision: revision.map(str::to_owned),
        accepted: Accepted::default(),
        environment: &|_| None,
    };
    let stack = load(&repository, &Settings::default(), &query).expect("a good stack");
    let content = |object: &StackObject| match stack.content(object) {
        Ok(mut content) => String::from_utf8_lossy(content.expose()).into_owned(),
        Err(error) => error.to_string(),
    };
    let objects = stack.desired().objects.iter();
    let described = objects.map(|object| {
        let label = object.origin.commit.clone().unwrap_or_default();
        (object.entry.clone(), label, content(object))
    });
    described.collect()
}

fn only_contents(lab: &Path, revision: Option<&str>) -> Vec<String> {
    let all = contents(lab, revision).into_iter();
    all.map(|(_, _, content)| content).collect()
}

const PLAINTEXT: [&str; 5] = ["one\n", "two\n", "plain\n", "a\nb\n", "hidden\n"];

#[test]
fn each_file_has_its_own_key_and_line_ends_are_git_s() {
    let sandbox = Sandbox::new();
    let lab = lab(&sandbox);
    assert_eq!(only_contents(&lab, None), PLAINTEXT);
    assert_eq!(only_contents(&lab, Some("HEAD")), PLAINTEXT);
    let head = sandbox.git(&lab, ["rev-parse", "HEAD"]).succeeds().text();
    for (entry, label, _) in contents(&lab, None) {
        assert_eq!(label, head.trim(), "{entry}");
    }
}

#[test]
fn what_differs_from_the_commit_is_labelled_dirty() {
    let sandbox = Sandbox::new();
    let lab = lab(&sandbox);
    write(&lab, "secret/one", "changed\n");
    write(&lab, "plain", "changed\n");
    let dirty: Vec<String> = contents(&lab, None)
        .into_iter()
        .filter(|(_, label, _)| label.ends_with("-dirty"))
        .map(|(entry, _, content)| entry + "=" + &content)
        .collect();
    assert_eq!(dirty, ["one=changed\n", "plain=changed\n"]);
    assert_eq!(only_contents(&lab, Some("HEAD")), PLAINTEXT);
}

#[test]
fn ciphertext_in_the_work_tree_is_decrypted_in_memory() {
    let sandbox = Sandbox::new();
    let lab = lab(&sandbox);
    let blob = sandbox.git(&lab, ["cat-file", "blob", "HEAD:secret/one"]);
    fs::write(lab.join("secret/one"), blob.succeeds().stdout).expect("a file");
    assert_eq!(only_contents(&lab, None), PLAINTEXT);
    for (entry, label, _) in contents(&lab, None) {
        assert!(!label.ends_with("-dirty"), "{entry}");
    }
}

#[test]
fn a_locked_repository_says_so_where_content_is_needed() {
    let sandbox = Sandbox::new();
    let lab = lab(&sandbox);
    let unlocked = contents(&lab, None);
    sandbox
        .hs(&lab, ["lock", "--all", "--discard-key"])
        .succeeds();
    let locked = contents(&lab, None);
    assert_eq!(
        locked[0].2,
        "lab.yml:2: secret `one`: decrypting secret/one needs the key, and this repository is locked"
    );
    assert_eq!(locked[2].2, "plain\n");
    for (before, now) in unlocked.iter().zip(&locked) {
        assert_eq!((&before.0, &before.1), (&now.0, &now.1));
    }
}

#[test]
fn another_key_or_a_damaged_blob_is_no_plaintext() {
    let sandbox = Sandbox::new();
    let lab = lab(&sandbox);
    let mut blob = sandbox
        .git(&lab, ["cat-file", "blob", "HEAD:secret/one"])
        .succeeds()
        .stdout;
    *blob.last_mut().expect("a blob has bytes") ^= 1;
    fs::write(lab.join("secret/one"), &blob).expect("a file");
    let said = &contents(&lab, None)[0].2;
    assert!(
        said.contains("decrypting secret/one with the key default, which its attributes name, failed: encrypted file"),
        "{said}"
    );
    fs::write(lab.join("secret/one"), &blob[..15]).expect("a file");
    let repository = Repository::open(&lab).expect("a repository");
    let query = StackQuery {
        name: StackName::parse("lab").expect("a good name"),
        files: Vec::new(),
        revision: None,
        accepted: Accepted::default(),
        environment: &|_| None,
    };
    let error = load(&repository, &Settings::default(), &query)
        .err()
        .expect("no blob");
    let failure = Failure::from(error);
    assert!(
        failure.to_string().contains("cut off after 15 bytes"),
        "{failure}"
    );
}

#[test]
fn an_encrypted_stack_file_is_decrypted_in_memory() {
    let sandbox = Sandbox::new();
    let lab = lab(&sandbox);
    write(
        &lab,
        "secret/stack.yml",
        "configs:\n  plain: {file: ../plain}\n",
    );
    sandbox.git(&lab, ["add", "--all"]).succeeds();
    let commit = ["commit", "--quiet", "--message", "an encrypted stack file"];
    sandbox.git(&lab, commit).succeeds();
    let export = ["export-key", "../default.key"];
    sandbox.hs(&lab, export).succeeds();
    let export = ["export-key", "-k", "other", "../other.key"];
    sandbox.hs(&lab, export).succeeds();
    let render = ["render", "secret", "--rev", "HEAD"];
    let rendered = sandbox.hs(&lab, render).succeeds().text();
    assert!(rendered.contains("external: true"), "{rendered}");
    sandbox.hs(&lab, ["lock", "--all"]).succeeds();
    let reason = "decrypting secret/stack.yml needs the key, and this repository is locked";
    for arguments in [&render[..], &["render", "secret"]] {
        let told = sandbox.hs(&lab, arguments).fails_saying(&[reason]);
        assert!(
            told.stderr.contains("`unlock KEYFILE` first"),
            "{}",
            told.stderr
        );
    }
    sandbox.hs(&lab, ["unlock", "../default.key"]).succeeds();
    assert_eq!(sandbox.hs(&lab, render).succeeds().text(), rendered);
}

#[test]
fn a_secret_that_was_moved_is_not_said_to_be_committed_in_plaintext() {
    let sandbox = Sandbox::new();
    let lab = lab(&sandbox);
    let git = |arguments: &[&str]| sandbox.git(&lab, arguments).succeeds();
    git(&["mv", "secret/one", "moved"]);
    write(&lab, "lab.yml", "secrets:\n  one: {file: moved}\n");
    for commits in [false, true] {
        if commits {
            git(&["add", "lab.yml"]);
            git(&["commit", "--quiet", "--message", "moved"]);
        }
        let told = sandbox.hs(&lab, ["env", "lab"]).fails_saying(&["moved"]);
        assert!(!told.stderr.contains("was committed"), "{}", told.stderr);
        let true_of_both = "an encrypted file that was only moved is in none";
        assert!(told.stderr.contains(true_of_both), "{}", told.stderr);
    }
}
