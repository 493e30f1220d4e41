//! A filter that fails during `unlock` has Git take files away: the next good one brings them back.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::desk::read;
use crate::harness::sandbox::run;
use crate::lab::{Lab, SECRET};

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn what_a_failing_filter_has_taken_away_comes_back() {
    let lab = Lab::new();
    let clone = lab.fresh();
    // A program in place of the filter that can't run, as after a disk that was full.
    let bin = lab.sandbox.path("bin");
    fs::create_dir(&bin).expect("a folder");
    let own = bin.join("hs-secrets");
    let real = env!("CARGO_BIN_EXE_hs-secrets");
    let script = format!(
        "#!/bin/bash\ncase $1 in filter-process|smudge) exit 1;; esac\nexec -a hs-secrets {real} \"$@\"\n"
    );
    fs::write(&own, script).expect("written");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).expect("executable");
    let mut command = lab.sandbox.command(&clone, "hs-secrets");
    let path = std::env::var_os("PATH").expect("a path");
    let places = std::iter::once(bin).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(places).expect("plain"));
    command.args(["unlock"]);
    let failed = run(command, b"");
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    assert!(!clone.join("web/db.key").exists(), "git has taken it away");
    lab.sandbox.hs(&clone, ["unlock"]).succeeds();
    assert_eq!(read(&clone, "web/db.key"), SECRET.as_bytes());
    assert_eq!(
        lab.sandbox.git(&clone, ["status", "--porcelain"]).text(),
        ""
    );
    // What its user deletes stays deleted.
    fs::remove_file(clone.join("web/db.key")).expect("it is there");
    lab.sandbox.hs(&clone, ["unlock"]).succeeds();
    assert!(!clone.join("web/db.key").exists());
}
