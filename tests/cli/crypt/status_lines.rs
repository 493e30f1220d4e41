//! `status`, compared line by line with the real git-crypt.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::harness::sandbox::Sandbox;
use crate::harness::written::write;

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
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
            &["-r"],
            &["-r", "-e"],
            &["-r", "-f"],
            &["-r", "a.key"],
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
        "    encrypted: untracked-link.key\n",
        "    encrypted: below/nested.key/\n",
        "not encrypted: readme\n",
    ] {
        assert!(all.contains(expected), "no {expected:?} in {all}");
    }
    assert!(
        !all.contains("ignored") && !all.contains(" link.key") && !all.contains("module.key"),
        "{all}"
    );
}

#[test]
fn links_and_nested_repositories_are_git_crypt_s_lines_only() {
    let sandbox = Sandbox::new();
    let repository = troubled(&sandbox);
    for form in ["-z", "--json"] {
        let told = sandbox.hs(&repository, ["status", form]).text();
        assert!(told.contains("untracked.key"), "{told}");
        for other in ["untracked-link.key", "dangling", "nested.key"] {
            assert!(!told.contains(other), "{other} in {told}");
        }
    }
    let told = sandbox
        .hs(&repository, ["lock", "-f", "--discard-key"])
        .succeeds()
        .stderr;
    assert!(told.contains(" untracked.key is untracked"), "{told}");
    assert!(!told.contains("untracked-link"), "{told}");
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

#[test]
fn attributes_are_read_as_git_reads_them() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("r");
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments).succeeds().text();
    let shown = || {
        let status = sandbox.hs(&repository, ["status", "-e"]).text();
        status
            .lines()
            .take_while(|line| !line.is_empty())
            .map(|line| line.trim_start_matches("    encrypted: ").to_owned())
            .collect::<Vec<_>>()
    };
    let known_to_git = || {
        let asked = git(&[
            "check-attr",
            "filter",
            "--",
            "a.key",
            "below/b.key",
            "c.txt",
        ]);
        let encrypted = asked
            .lines()
            .filter_map(|line| line.strip_suffix(": filter: git-crypt"));
        encrypted.map(str::to_owned).collect::<Vec<_>>()
    };
    sandbox.hs(&repository, ["init"]).succeeds();
    write(
        &repository,
        ".gitattributes",
        "[attr]sealed filter=git-crypt diff=git-crypt\n*.key sealed\n",
    );
    write(
        &repository,
        "below/.gitattributes",
        "b.key filter=git-crypt diff=git-crypt\n",
    );
    for path in ["a.key", "below/b.key", "c.txt"] {
        write(&repository, path, "content\n");
    }
    git(&["add", "."]);
    assert_eq!(shown(), ["a.key", "below/b.key"]);
    // An attribute that is gone from the work tree does not apply, whether that is staged or not. A deleted file still
    // counts as staged.
    write(
        &repository,
        ".gitattributes",
        "c.txt filter=git-crypt diff=git-crypt\n",
    );
    assert_eq!(shown().len(), known_to_git().len());
    assert_eq!(
        shown(),
        ["below/b.key", "c.txt"]
            .map(|path| path.to_owned() + if path == "c.txt" { PLAIN } else { "" })
    );
    fs::remove_file(repository.join("below/.gitattributes")).expect("removed");
    assert_eq!(shown().len(), known_to_git().len());
    fs::remove_file(repository.join(".gitattributes")).expect("removed");
    assert_eq!(shown(), known_to_git());
    assert_eq!(shown(), ["a.key", "below/b.key"]);
}

/// The words that `status` adds to a file that Git has in plaintext.
const PLAIN: &str = " *** WARNING: staged/committed version is NOT ENCRYPTED! ***";

/// A repository with a file of every kind: encrypted, plain, without `diff`, added before its attribute, untracked,
/// ignored, a link, a submodule, names that are not UTF-8.
fn troubled(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("r");
    let git = |arguments: &[&str]| drop(sandbox.git(&repository, arguments).succeeds());
    let write_here = |path: &str, content: &str| write(&repository, path, content);
    sandbox.hs(&repository, ["init"]).succeeds();
    write_here("plain.key", "too early\n");
    write_here("readme", "for everyone\n");
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "before"]);
    write_here(
        ".gitattributes",
        "*.key filter=git-crypt diff=git-crypt\nnodiff filter=git-crypt\n",
    );
    write_here(".gitignore", "ignored*\n");
    write_here("a.key", "a\n");
    write_here("below/b.key", "b\n");
    write_here("below/new\nline.key", "c\n");
    write_here("below/sp ace", "d\n");
    write_here("nodiff", "e\n");
    symlink("a.key", repository.join("link.key")).expect("linked");
    let module = sandbox.repository("module");
    write(&module, "in.key", "not ours\n");
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
    symlink("a.key", repository.join("untracked-link.key")).expect("linked");
    symlink("nowhere", repository.join("below/dangling")).expect("linked");
    symlink("below", repository.join("nodiff-folder.key")).expect("linked");
    sandbox
        .git(&repository, ["init", "--quiet", "below/nested.key"])
        .succeeds();
    write_here("below/nested.key/in.key", "not ours\n");
    write_here("untracked.key", "f\n");
    write_here("below/untracked", "g\n");
    write_here("ignored.key", "h\n");
    repository
}

/// The list of files, without the explanations below it, which each program words differently.
fn listing(text: &str) -> Vec<&str> {
    text.split("\n\nWarning: ")
        .next()
        .unwrap_or_default()
        .lines()
        .collect()
}
