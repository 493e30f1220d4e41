//! `status`, line for line as the real git-crypt prints it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::Sandbox;

#[test]
fn every_line_and_exit_code_is_git_crypt_s() {
    let sandbox = Sandbox::new();
    let repository = troubled(&sandbox);
    for directory in [repository.clone(), repository.join("below")] {
        for arguments in [
            &[][..],
            &["-e"],
            &["-u"],
            &["below"],
            &["a.key", "below/b.key"],
            &["*.key"],
            &["missing"],
        ] {
            let arguments = [&["status"], arguments].concat();
            let ours = sandbox.hs(&directory, &arguments);
            let theirs = sandbox.git_crypt(&directory, &arguments);
            assert_eq!(
                listing(&ours.text()),
                listing(&theirs.text()),
                "{arguments:?}"
            );
            assert_eq!(ours.code, theirs.code, "{arguments:?}");
        }
    }
    let all = sandbox.hs(&repository, ["status"]).ends_with(1).text();
    for expected in [
        "    encrypted: a.key\n",
        "    encrypted: nodiff *** WARNING: diff=git-crypt attribute not set ***\n",
        "    encrypted: plain.key *** WARNING: staged/committed version is NOT ENCRYPTED! ***\n",
        "    encrypted: untracked.key\n",
        "not encrypted: readme\n",
    ] {
        assert!(all.contains(expected), "no {expected:?} in {all}");
    }
    assert!(
        !all.contains("ignored") && !all.contains("link.key") && !all.contains("module.key"),
        "{all}"
    );
}

#[test]
fn fix_stages_encrypted_versions_as_git_crypt_does() {
    let sandbox = Sandbox::new();
    let repository = troubled(&sandbox);
    let run = sandbox.hs(&repository, ["status", "--fix"]).succeeds();
    assert_eq!(
        run.text(),
        "plain.key: staged encrypted version\nStaged 1 encrypted file.\n"
    );
    assert!(
        run.stderr.contains("stays readable in the history"),
        "{}",
        run.stderr
    );
    let blob = sandbox
        .git(&repository, ["cat-file", "blob", ":plain.key"])
        .succeeds()
        .stdout;
    assert!(blob.starts_with(b"\0GITCRYPT\0"));
    assert_eq!(
        fs::read(repository.join("plain.key")).expect("there"),
        b"too early\n"
    );
    sandbox.hs(&repository, ["status", "-f"]).succeeds();
}

#[test]
fn fix_says_what_it_could_not_do() {
    let sandbox = Sandbox::new();
    let repository = troubled(&sandbox);
    fs::remove_file(repository.join("plain.key")).expect("removed");
    let run = sandbox
        .hs(&repository, ["status", "-f"])
        .fails_saying(&["plain.key", "not in the work tree"]);
    assert_eq!(run.text(), "");
    sandbox
        .git(&repository, ["checkout", "--quiet", "plain.key"])
        .succeeds();
    fs::remove_dir_all(repository.join(".git/git-crypt")).expect("removed");
    sandbox
        .hs(&repository, ["status", "-f"])
        .fails_saying(&["no key `default` here"]);
    let blob = sandbox
        .git(&repository, ["cat-file", "blob", ":plain.key"])
        .succeeds()
        .stdout;
    assert_eq!(blob, b"too early\n");
}

/// A repository with a file of every kind: encrypted, plain, without `diff`, added before its attribute, untracked,
/// ignored, a link, a submodule, names that are no text.
fn troubled(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("r");
    let git = |arguments: &[&str]| drop(sandbox.git(&repository, arguments).succeeds());
    let write = |path: &str, content: &str| write(&repository, path, content);
    sandbox.hs(&repository, ["init"]).succeeds();
    write("plain.key", "too early\n");
    write("readme", "for everyone\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "before"]);
    write(
        ".gitattributes",
        "*.key filter=git-crypt diff=git-crypt\nnodiff filter=git-crypt\n",
    );
    write(".gitignore", "ignored*\n");
    write("a.key", "a\n");
    write("below/b.key", "b\n");
    write("below/new\nline.key", "c\n");
    write("below/sp ace", "d\n");
    write("nodiff", "e\n");
    symlink("a.key", repository.join("link.key")).expect("linked");
    let module = sandbox.repository("module");
    crate::status::write(&module, "in.key", "not ours\n");
    sandbox.git(&module, ["add", "."]).succeeds();
    sandbox
        .git(&module, ["commit", "--quiet", "-m", "module"])
        .succeeds();
    git(&["submodule", "--quiet", "add", "../module", "module.key"]);
    git(&[
        "add",
        "--",
        ".gitattributes",
        ".gitignore",
        "a.key",
        "below",
        "nodiff",
        "link.key",
    ]);
    git(&["commit", "--quiet", "-m", "after"]);
    write("untracked.key", "f\n");
    write("below/untracked", "g\n");
    write("ignored.key", "h\n");
    repository
}

fn write(repository: &Path, path: &str, content: &str) {
    let path = repository.join(path);
    fs::create_dir_all(path.parent().expect("in the repository")).expect("created");
    fs::write(path, content).expect("written");
}

/// The listing proper; the explanations below it are in each program's own words.
fn listing(text: &str) -> Vec<&str> {
    text.split("\n\nWarning: ")
        .next()
        .unwrap_or_default()
        .lines()
        .collect()
}
