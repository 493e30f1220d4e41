//! Killed at any system call that changes something, `init`, `unlock` and `lock` leave a repository that works, and doing it
//! again finishes. Asked to end, they do so between two steps, and say so.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::desk::{read, write};
use crate::harness::kill::{INTERRUPT, Interruption, TERMINATE, killed_at, killed_everywhere};
use crate::harness::sandbox::Sandbox;

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn init_leaves_no_key_without_its_filter() {
    init_struck(Interruption::Kill);
    init_struck(Interruption::KillAnyone);
    init_struck(INTERRUPT);
}

/// The names of temporary files in a folder, and in the one in it where a clone remembers its keys.
fn temporary_files(git_dir: &Path) -> Vec<String> {
    let memory = git_dir.join("hs-secrets");
    let folders = [git_dir, &memory, &memory.join("known")];
    let there = folders.into_iter().filter(|folder| folder.exists());
    let entries = there.flat_map(|folder| fs::read_dir(folder).expect("read"));
    let names = entries.map(|entry| entry.expect("read").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.contains("hs-secrets-"))
        .collect()
}

fn init_struck(interruption: Interruption) {
    let sandbox = Sandbox::new();
    let lab = sandbox.path("lab");
    let prepare = || {
        let _ = fs::remove_dir_all(&lab);
        sandbox.repository("lab");
        write(&lab, ".gitattributes", b"*.key filter=git-crypt\n");
        write(&lab, "api.key", b"opensesame\n");
    };
    prepare();
    let staged = || {
        sandbox.git(&lab, ["add", "."]).succeeds();
        let blob = sandbox.git(&lab, ["cat-file", "blob", ":api.key"]);
        blob.succeeds().stdout
    };
    let blows = killed_everywhere(
        &sandbox,
        &lab,
        interruption,
        &["init"],
        prepare,
        |place, _| {
            // As after, or as before; a filter without its key lets nothing be added.
            let code = i32::from(lab.join(".git/git-crypt/keys/default").exists());
            sandbox.hs(&lab, ["init"]).ends_with(code);
            assert!(staged().starts_with(b"\0GITCRYPT\0"), "{place}");
            assert_eq!(temporary_files(&lab.join(".git")), [""; 0], "{place}");
        },
    );
    // Asked to end once it has begun, it is done before it could look.
    assert!(blows > 5 || interruption == INTERRUPT, "{blows} only");
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn unlock_is_finished_by_unlocking_again() {
    unlock_killed(Interruption::Kill);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn unlock_whose_git_is_killed_is_finished_by_unlocking_again() {
    unlock_killed(Interruption::KillAnyone);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn unlock_that_is_interrupted_stops_and_is_finished_by_unlocking_again() {
    unlock_killed(INTERRUPT);
}

fn unlock_killed(interruption: Interruption) {
    let sandbox = Sandbox::new();
    let clone = locked_clone(&sandbox);
    let key = "../lab.key";
    let blows = killed_everywhere(
        &sandbox,
        &clone,
        interruption,
        &["unlock", key],
        || {
            run_lock(&sandbox, &clone);
        },
        |_, _| {
            match interruption {
                Interruption::KillAnyone => restore_half_a_file(&sandbox, &clone),
                _ => assert_usable(&sandbox, &clone),
            }
            sandbox.hs(&clone, ["unlock", key]).succeeds();
            assert_eq!(
                fs::read(clone.join("api.key")).expect("there"),
                b"opensesame\n"
            );
            assert_usable(&sandbox, &clone);
        },
    );
    assert!(blows > 10, "{blows} only");
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn lock_is_finished_by_locking_again() {
    lock_killed(Interruption::Kill);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn lock_whose_git_is_killed_is_finished_by_locking_again() {
    lock_killed(Interruption::KillAnyone);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn lock_that_is_asked_to_end_stops_and_is_finished_by_locking_again() {
    lock_killed(TERMINATE);
}

fn lock_killed(interruption: Interruption) {
    let sandbox = Sandbox::new();
    let clone = locked_clone(&sandbox);
    let key = "../lab.key";
    let blows = killed_everywhere(
        &sandbox,
        &clone,
        interruption,
        &["lock"],
        || {
            sandbox.hs(&clone, ["unlock", key]).succeeds();
        },
        |_, _| {
            if interruption == Interruption::KillAnyone {
                restore_half_a_file(&sandbox, &clone);
            }
            // Plaintext that no filter covers would be committed by the next `git add`.
            let plain = fs::read(clone.join("api.key")).expect("there") == b"opensesame\n";
            let config = fs::read_to_string(clone.join(".git/config")).expect("a configuration");
            assert!(!plain || config.contains("filter \"git-crypt\""));
            if interruption != Interruption::KillAnyone {
                assert_usable(&sandbox, &clone);
            }
            run_lock(&sandbox, &clone);
            assert!(
                fs::read(clone.join("api.key"))
                    .expect("there")
                    .starts_with(b"\0GITCRYPT\0")
            );
            assert!(!clone.join(".git/git-crypt/keys/default").exists());
            assert_usable(&sandbox, &clone);
        },
    );
    assert!(blows > 10, "{blows} only");
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn an_interrupt_while_looking_changes_nothing() {
    let sandbox = Sandbox::new();
    let clone = locked_clone(&sandbox);
    // One at a time: what comes before anything is looked at.
    let interrupted = |arguments: &[&str]| {
        let run = killed_at(&sandbox, &clone, INTERRUPT, ("flock", 1), arguments);
        let told = run.ends_with(130).stderr;
        assert!(told.contains("error: interrupted\n"), "{told}");
        told
    };
    interrupted(&["unlock", "../lab.key"]);
    assert!(!clone.join(".git/git-crypt").exists());
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    interrupted(&["lock"]);
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
    let told = interrupted(&["rotate-key"]);
    assert!(told.contains("running it again"), "{told}");
    sandbox
        .hs(&clone, ["rotate-key", "--abort"])
        .fails_saying(&["no rotation"]);
    assert_usable(&sandbox, &clone);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn refresh_that_is_interrupted_is_finished_by_another() {
    let sandbox = Sandbox::new();
    let clone = locked_clone(&sandbox);
    let stored = read(&clone, "api.key");
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    let stops = killed_everywhere(
        &sandbox,
        &clone,
        INTERRUPT,
        &["refresh"],
        || fs::write(clone.join("api.key"), &stored).expect("written"),
        |_, _| {
            sandbox.hs(&clone, ["refresh"]).succeeds();
            assert_eq!(read(&clone, "api.key"), b"opensesame\n");
            assert_usable(&sandbox, &clone);
        },
    );
    assert!(stops > 1);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn ctrl_c_on_a_terminal_leaves_no_file_out() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..20).map(|number| format!("{number}.key")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (&name[..], "sesame\n")).collect();
    let clone = sandbox.cloned(&sandbox.encrypted("lab", &files));
    // Git takes its time between removing a file and writing it; the terminal sends its signal to all that it started.
    let mut command = sandbox.command(&clone, "strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=unlink"]);
    command.args(["-e", "inject=unlink:delay_exit=100000", "hs-secrets"]);
    command.args(["unlock", "../lab.key"]);
    command.process_group(0).stderr(Stdio::piped());
    let child = command.spawn().expect("strace is there");
    let began = Instant::now();
    let is_there = |name: &String| clone.join(name).exists();
    while names.iter().all(is_there) {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing begins");
        std::thread::sleep(Duration::from_millis(5));
    }
    let group = format!("-{}", child.id());
    let interrupt = ["-INT", "--", &group];
    sandbox.run(&clone, "kill", interrupt, b"").succeeds();
    let ended = child.wait_with_output().expect("an end");
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(130), "{told}");
    assert!(names.iter().all(is_there), "{told}");
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    assert!(names.iter().all(|name| read(&clone, name) == b"sesame\n"));
    assert_usable(&sandbox, &clone);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_git_that_takes_long_is_told_of_the_interrupt() {
    let sandbox = Sandbox::new();
    let clone = locked_clone(&sandbox);
    let bin = sandbox.path("home/bin");
    let path = std::env::var("PATH").expect("a path");
    // A git that writes files for a minute.
    let git = format!(
        "#!/bin/sh\ncase \"$*\" in *checkout-index*) touch \"$HOME/begun\"; exec sleep 60;; esac\nPATH='{path}' exec git \"$@\"\n"
    );
    write(&bin, "git", git.as_bytes());
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).expect("executable");
    let mut command = sandbox.command(&clone, env!("CARGO_BIN_EXE_hs-secrets"));
    command
        .env("PATH", format!("{}:{path}", bin.display()))
        .args(["unlock", "../lab.key"])
        .stderr(Stdio::piped());
    let began = Instant::now();
    let child = command.spawn().expect("the program is there");
    while !sandbox.path("home/begun").exists() {
        assert!(began.elapsed() < Duration::from_secs(30), "git is not run");
        std::thread::sleep(Duration::from_millis(10));
    }
    sandbox
        .run(&clone, "kill", ["-TERM", &child.id().to_string()], b"")
        .succeeds();
    let ended = child.wait_with_output().expect("an end");
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(ended.status.code(), Some(143));
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(
        told.contains("interrupted") && told.contains("again"),
        "{told}"
    );
    sandbox.hs(&clone, ["unlock", "../lab.key"]).succeeds();
    assert_eq!(read(&clone, "api.key"), b"opensesame\n");
}

/// Like any checkout that is killed, one of ours can leave a file half-written, and it is for Git to write it again.
fn restore_half_a_file(sandbox: &Sandbox, clone: &Path) {
    let there = fs::read(clone.join("api.key")).unwrap_or_default();
    let blob = sandbox.git(clone, ["cat-file", "blob", "HEAD:api.key"]);
    let forms = [&blob.succeeds().stdout[..], b"opensesame\n"];
    if !forms.contains(&there.as_slice()) {
        assert!(forms.iter().any(|form| form.starts_with(&there)));
        sandbox
            .git(clone, ["checkout", "--quiet", "--", "api.key"])
            .succeeds();
    }
}

fn run_lock(sandbox: &Sandbox, clone: &Path) {
    let run = sandbox.hs(clone, ["lock"]);
    assert!(
        run.code == 0 || run.stderr.contains("already locked"),
        "{}",
        run.stderr
    );
}

fn assert_usable(sandbox: &Sandbox, clone: &Path) {
    sandbox
        .git(clone, ["update-index", "-q", "--really-refresh"])
        .succeeds();
    assert_eq!(
        sandbox
            .git(clone, ["status", "--porcelain"])
            .succeeds()
            .text(),
        ""
    );
    let left = fs::read_dir(clone.join(".git/git-crypt"))
        .into_iter()
        .flatten();
    let left: Vec<_> = left
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert!(left.iter().all(|name| name == "keys"), "{left:?} is left");
    let key = clone.join(".git/git-crypt/keys/default");
    assert!(
        !key.exists() || fs::read(key).expect("a key").len() == 148,
        "half a key"
    );
}

fn locked_clone(sandbox: &Sandbox) -> PathBuf {
    let lab = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
    sandbox.cloned(&lab)
}
