//! Real git with the filter process and without it must store the same bytes.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Sandbox, run};

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn files_of_every_size_and_name_come_back_through_the_process() {
    round_trip(true);
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn files_of_every_size_and_name_come_back_through_clean_and_smudge() {
    round_trip(false);
}

fn round_trip(with_process: bool) {
    let sandbox = Sandbox::new();
    let repository = encrypting(&sandbox);
    if !with_process {
        without_process(&sandbox, &repository);
    }
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    // Sizes around those of a cipher block, a packet and a chunk.
    for size in [
        0, 1, 15, 16, 17, 1300, 65_515, 65_516, 65_517, 262_144, 262_145, 3_000_000,
    ] {
        let content = (0..size)
            .map(|index: usize| (index * 31 % 251) as u8)
            .collect();
        files.push((format!("size {size}.key").into(), content));
    }
    for name in [
        &b"new\nline.key"[..],
        b"quo\"te.key",
        b"-dash.key",
        b"*.key",
        b"\xff\xfe.key",
        "schl\u{fc}ssel.key".as_bytes(),
    ] {
        files.push((OsStr::from_bytes(name).into(), name.to_vec()));
    }
    for (path, content) in &files {
        fs::write(repository.join(path), content).expect("written");
    }
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments).succeeds();
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "all"]);
    let listed = git(&["ls-files", "-z", "--format=%(objectname) %(path)", "*.key"]).stdout;
    let mut seen = 0;
    for line in listed
        .split(|&byte| byte == 0)
        .filter(|line| !line.is_empty())
    {
        let space = line.iter().position(|&byte| byte == b' ');
        let (id, path) = line.split_at(space.expect("a name and a path"));
        let id = String::from_utf8_lossy(id).into_owned();
        let path = Path::new(OsStr::from_bytes(&path[1..]));
        let plaintext = &files
            .iter()
            .find(|(known, _)| known == path)
            .expect("a file of ours")
            .1;
        let blob = git(&["cat-file", "blob", &id]).stdout;
        let expected = sandbox
            .run(&repository, "git-crypt", ["clean"], plaintext)
            .succeeds()
            .stdout;
        assert_eq!(blob, expected, "{}", path.display());
        fs::remove_file(repository.join(path)).expect("removed");
        seen += 1;
    }
    assert_eq!(seen, files.len());
    git(&["checkout", "--", "."]);
    for (path, content) in &files {
        assert_eq!(
            fs::read(repository.join(path)).expect("there"),
            *content,
            "{}",
            path.display()
        );
    }
    assert_eq!(git(&["status", "--porcelain"]).text(), "");
    sandbox.hs(&repository, ["lock"]).succeeds();
    sandbox.hs(&repository, ["unlock", "../key"]).succeeds();
    for (path, content) in &files {
        assert_eq!(
            fs::read(repository.join(path)).expect("there"),
            *content,
            "{}",
            path.display()
        );
    }
}

#[test]
fn ciphertext_whose_line_ends_git_would_change_is_not_added() {
    let sandbox = Sandbox::new();
    let repository = encrypting(&sandbox);
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments);
    // Long enough to have a CR LF in its ciphertext.
    let long = b"opensesame\n".repeat(100_000);
    fs::write(repository.join("long.key"), &long).expect("written");
    fs::write(repository.join("short.key"), "opensesame\n").expect("written");
    let say = |attribute: &str| {
        let line = format!("*.key filter=git-crypt diff=git-crypt {attribute}\n");
        fs::write(repository.join(".gitattributes"), line).expect("written");
    };
    for attribute in ["text", "eol=lf", "eol=crlf", "crlf=input"] {
        say(attribute);
        let told = git(&["add", "long.key"]).ends_with(128).stderr;
        assert!(told.contains("error: long.key: Git would change"), "{told}");
        assert!(told.contains("`-text`"), "{told}");
        assert_eq!(git(&["ls-files", "long.key"]).text(), "");
        git(&["add", "short.key"]).succeeds();
        let status = sandbox.hs(&repository, ["status", "--short"]).text();
        assert!(
            status.contains("danger: long.key (files: 2) has `text` or `eol` set"),
            "{attribute}: {status}"
        );
    }
    for attribute in [
        "-text",
        "text=auto",
        "text=auto eol=crlf",
        "binary diff=git-crypt",
        "",
    ] {
        say(attribute);
        git(&["add", "long.key"]).succeeds();
        fs::remove_file(repository.join("long.key")).expect("removed");
        git(&["checkout", "--", "long.key"]).succeeds();
        let read = fs::read(repository.join("long.key")).expect("there");
        assert!(read == long, "{attribute}");
        // Git also converts line ends when it writes the file.
        say("eol=crlf");
        fs::remove_file(repository.join("long.key")).expect("removed");
        let told = git(&["checkout", "--", "long.key"]).ends_with(128).stderr;
        assert!(told.contains("`-text`"), "{told}");
        say(attribute);
        git(&["checkout", "--", "long.key"]).succeeds();
        git(&["rm", "--quiet", "--cached", "long.key"]).succeeds();
        let status = sandbox.hs(&repository, ["status", "--short"]).text();
        assert!(!status.contains("`text`"), "{attribute}: {status}");
    }
}

#[test]
fn a_tampered_blob_stops_checkout_and_no_byte_of_it_is_written() {
    let sandbox = Sandbox::new();
    let repository = encrypting(&sandbox);
    fs::write(repository.join("a.key"), "opensesame\n").expect("written");
    sandbox.git(&repository, ["add", "."]).succeeds();
    let mut blob = sandbox
        .git(&repository, ["cat-file", "blob", ":a.key"])
        .succeeds()
        .stdout;
    blob[25] ^= 1;
    let id = sandbox
        .run(&repository, "git", ["hash-object", "-w", "--stdin"], &blob)
        .succeeds()
        .text();
    let cache_info = format!("100644,{},bad.key", id.trim());
    sandbox
        .git(
            &repository,
            ["update-index", "--add", "--cacheinfo", &cache_info],
        )
        .succeeds();
    for with_process in [true, false] {
        if !with_process {
            without_process(&sandbox, &repository);
        }
        let run = sandbox.git(&repository, ["checkout", "--", "bad.key"]);
        assert_ne!(run.code, 0);
        assert!(run.stderr.contains("tampered"), "{}", run.stderr);
        assert!(!repository.join("bad.key").exists());
    }
    let run = sandbox
        .run(&repository, "hs-secrets", ["smudge"], &blob)
        .fails_saying(&["tampered"]);
    assert!(run.stdout.is_empty());
}

#[test]
fn what_is_not_encrypted_is_let_through_with_a_warning() {
    let sandbox = Sandbox::new();
    let repository = encrypting(&sandbox);
    let run = sandbox
        .run(&repository, "hs-secrets", ["smudge"], b"plain\n")
        .succeeds();
    assert_eq!(run.stdout, b"plain\n");
    assert!(
        run.stderr.contains("warning: file not encrypted"),
        "{}",
        run.stderr
    );
    let git = |arguments: &[&str]| sandbox.git(&repository, arguments).succeeds();
    // The state of a file that was added before `.gitattributes` existed.
    let id = sandbox
        .run(
            &repository,
            "git",
            ["hash-object", "-w", "--stdin"],
            b"committed before\n",
        )
        .succeeds();
    git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("100644,{},old.key", id.text().trim()),
    ]);
    let run = git(&["checkout", "--", "old.key"]);
    assert_eq!(
        fs::read(repository.join("old.key")).expect("there"),
        b"committed before\n"
    );
    assert!(
        run.stderr.contains("old.key: file not encrypted"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_process_tells_what_calls_it_that_it_is_not_git() {
    let sandbox = Sandbox::new();
    let repository = encrypting(&sandbox);
    for input in [
        &b""[..],
        b"hello\n",
        b"0010not-git\n0000",
        b"0016git-filter-client\n000eversion=3\n0000",
    ] {
        let run = sandbox.run(&repository, "hs-secrets", ["filter-process"], input);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(!run.stderr.contains("panicked"), "{run:?}");
    }
}

#[test]
fn a_closed_output_is_a_failure_for_a_filter_and_a_quiet_end_for_a_listing() {
    let sandbox = Sandbox::new();
    let repository = encrypting(&sandbox);
    let full = |verb: &str| {
        let mut command = sandbox.command(&repository, "sh");
        command.args([
            "-c",
            &format!("head -c 1000000 /dev/zero | hs-secrets {verb} > /dev/full"),
        ]);
        run(command, b"")
    };
    full("clean").fails_saying(&["No space left"]);
    let mut command = sandbox.command(&repository, "bash");
    command.args(["-c", "set -o pipefail; hs-secrets status | true"]);
    assert_eq!(run(command, b"").stderr, "");
}

#[test]
fn through_a_link_called_git_crypt_everything_speaks_its_name() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("r");
    fs::create_dir(sandbox.path("bin")).expect("created");
    let link = sandbox.path("bin/git-crypt");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_hs-secrets"), &link).expect("linked");
    let link = link.display().to_string();
    assert!(
        sandbox
            .run(&repository, &link, ["version"], b"")
            .succeeds()
            .text()
            .starts_with("git-crypt ")
    );
    assert!(
        sandbox
            .run(&repository, &link, ["--help"], b"")
            .succeeds()
            .text()
            .contains("Usage: git-crypt")
    );
    sandbox.run(&repository, &link, ["init"], b"").succeeds();
    let config = fs::read_to_string(repository.join(".git/config")).expect("a configuration");
    assert!(config.contains("bin/git-crypt\\\" clean"), "{config}");
    assert!(
        sandbox
            .run(&repository, &link, ["init"], b"")
            .ends_with(1)
            .stderr
            .starts_with("git-crypt: error: ")
    );
}

/// Configures the filters as git-crypt does: git then starts a process for each file.
fn without_process(sandbox: &Sandbox, repository: &Path) {
    sandbox
        .git(
            repository,
            ["config", "--unset", "filter.git-crypt.process"],
        )
        .succeeds();
}

/// A repository in which `*.key` is encrypted, with its key next to it.
fn encrypting(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("r");
    fs::write(
        repository.join(".gitattributes"),
        "*.key filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    sandbox.hs(&repository, ["init"]).succeeds();
    sandbox.hs(&repository, ["export-key", "../key"]).succeeds();
    repository
}
