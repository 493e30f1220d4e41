//! Killed at any system call that changes something, `init`, `unlock` and `lock` leave a repository that works, and
//! doing it again finishes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Run, Sandbox, run};

/// What creates, writes, renames, removes, or starts git.
const CHANGING: &str = "openat,write,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,fsync,utimensat,clone,clone3,vfork";

#[test]
fn unlock_is_finished_by_unlocking_again() {
    let sandbox = Sandbox::new();
    let (clone, key) = locked_clone(&sandbox);
    let key = key.display().to_string();
    let kills = killed_everywhere(
        &sandbox,
        &clone,
        &["unlock", &key],
        || {
            run_lock(&sandbox, &clone);
        },
        || {
            assert_usable(&sandbox, &clone);
            sandbox.hs(&clone, ["unlock", &key]).succeeds();
            assert_eq!(
                fs::read(clone.join("api.key")).expect("there"),
                b"opensesame\n"
            );
            assert_usable(&sandbox, &clone);
        },
    );
    assert!(kills > 10, "killed {kills} times only");
}

#[test]
fn lock_is_finished_by_locking_again() {
    let sandbox = Sandbox::new();
    let (clone, key) = locked_clone(&sandbox);
    let key = key.display().to_string();
    let kills = killed_everywhere(
        &sandbox,
        &clone,
        &["lock"],
        || {
            sandbox.hs(&clone, ["unlock", &key]).succeeds();
        },
        || {
            // Plaintext that no filter covers would be committed by the next `git add`.
            let plain = fs::read(clone.join("api.key")).expect("there") == b"opensesame\n";
            let config = fs::read_to_string(clone.join(".git/config")).expect("a configuration");
            assert!(!plain || config.contains("filter \"git-crypt\""));
            assert_usable(&sandbox, &clone);
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
    assert!(kills > 10, "killed {kills} times only");
}

/// Runs hs-secrets again and again, killed at its first, second, third … changing system call, until it gets through.
fn killed_everywhere(
    sandbox: &Sandbox,
    repository: &Path,
    arguments: &[&str],
    prepare: impl Fn(),
    check: impl Fn(),
) -> usize {
    for call in 1..400 {
        prepare();
        let killed = killed_at(sandbox, repository, arguments, call);
        let _ = fs::remove_file(repository.join(".git/index.lock"));
        // As the hint of the error says; a program that is killed can't remove its lock.
        let _ = fs::remove_file(repository.join(".git/config.lock"));
        check();
        if killed.code == 0 {
            return call;
        }
    }
    panic!("it never got through");
}

fn killed_at(sandbox: &Sandbox, repository: &Path, arguments: &[&str], call: usize) -> Run {
    let mut command = sandbox.command(repository, "strace");
    command
        .args(["-qq", "-o", "/dev/null", "-e", &format!("trace={CHANGING}")])
        .args([
            "-e",
            &format!("inject={CHANGING}:signal=SIGKILL:when={call}"),
        ])
        .arg("hs-secrets")
        .args(arguments);
    run(command, b"")
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

fn locked_clone(sandbox: &Sandbox) -> (PathBuf, PathBuf) {
    let lab = sandbox.repository("lab");
    fs::write(
        lab.join(".gitattributes"),
        "*.key filter=git-crypt diff=git-crypt\n",
    )
    .expect("written");
    fs::write(lab.join("api.key"), "opensesame\n").expect("written");
    sandbox.hs(&lab, ["init"]).succeeds();
    sandbox.git(&lab, ["add", "."]).succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "-m", "first"])
        .succeeds();
    sandbox.hs(&lab, ["export-key", "../key"]).succeeds();
    sandbox
        .git(&sandbox.path(""), ["clone", "--quiet", "lab", "clone"])
        .succeeds();
    (sandbox.path("clone"), sandbox.path("key"))
}
