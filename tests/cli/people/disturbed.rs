//! People are added and removed even if environment variables change Git's paths, or the disk is full.

use std::fs;
use std::path::Path;

use crate::harness::sandbox::{Run, Sandbox};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hs-secrets");
const SOMEBODY: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const FILES: [(&str, &str); 1] = [("a.key", "opensesame\n")];

/// Runs the program in a shell that first runs `first`.
fn run_after(sandbox: &Sandbox, lab: &Path, first: &str, words: &str) -> Run {
    let script = format!("{first}; exec '{PROGRAM}' {words}");
    sandbox.run(lab, "sh", ["-c", &script], b"")
}

#[test]
fn variables_that_change_the_meaning_of_paths_disturb_nothing() {
    for variable in ["GLOB", "NOGLOB", "ICASE", "LITERAL"] {
        let sandbox = Sandbox::new();
        let lab = sandbox.encrypted("lab", &FILES);
        let first = format!("export GIT_{variable}_PATHSPECS=1");
        for words in [
            &format!("add-age-user --name bob {SOMEBODY}"),
            "lock",
            "unlock ../lab.key",
            "refresh",
            "rm-age-user bob",
            "status -f",
            "rotate-key",
            "rotate-key --abort",
            "rotate-key --commit",
            "check --staged",
        ] {
            run_after(&sandbox, &lab, &first, words).succeeds();
        }
    }
}

#[test]
fn what_a_full_disk_has_stopped_is_finished_by_the_same_again() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &FILES);
    let add = format!("add-age-user {SOMEBODY}");
    // From here on, no file may grow.
    let full = "trap '' XFSZ; ulimit -f 0";
    let told = run_after(&sandbox, &lab, full, &add).fails_saying(&["File too large"]);
    let hint = "hint: doing the same again finishes it";
    assert!(told.stderr.contains(hint), "{}", told.stderr);
    let told = run_after(&sandbox, &lab, full, "lock").fails_saying(&["error: "]);
    assert!(!told.stderr.contains("remove that file"), "{}", told.stderr);
    // Only a lock that exists should be removed by the user.
    let lock = lab.join(".git/index.lock");
    fs::write(&lock, "").expect("ours");
    let told = run_after(&sandbox, &lab, ":", &add).fails_saying(&["index.lock"]);
    for hint in ["remove that file", hint] {
        assert!(told.stderr.contains(hint), "{}", told.stderr);
    }
    fs::remove_file(&lock).expect("ours");
    run_after(&sandbox, &lab, ":", &add).succeeds();
    let status = sandbox.git(&lab, ["status", "--porcelain"]);
    assert_eq!(status.succeeds().text(), "");
    let listed = sandbox.hs(&lab, ["ls-users"]).succeeds().text();
    assert!(listed.contains(SOMEBODY), "{listed}");
}
