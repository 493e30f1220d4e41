//! If a filter fails during `unlock`, Git removes files. The next successful `unlock` brings them back.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::desk::{read, write};
use crate::harness::sandbox::run;
use crate::lab::{Lab, SECRET};

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn what_a_failing_filter_has_taken_away_comes_back() {
    let lab = Lab::new();
    let clone = lab.fresh();
    // A program that can't run stands in the place of the filter, as after a full disk.
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
    // A file that the user deletes stays deleted.
    fs::remove_file(clone.join("web/db.key")).expect("it is there");
    lab.sandbox.hs(&clone, ["unlock"]).succeeds();
    assert!(!clone.join("web/db.key").exists());
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn what_was_cut_off_by_a_full_disk_is_written_again_and_an_edit_stays() {
    let lab = Lab::new();
    let large = "a line of a secret\n".repeat(3000);
    write(&lab.alice, "web/big.key", large.as_bytes());
    lab.git(&["add", "web/big.key"]);
    lab.git(&["commit", "--quiet", "-m", "big"]);
    lab.git(&["push", "--quiet"]);
    let clone = lab.fresh();
    // Files may have at most 16 KiB, as if the disk were full then.
    let limited = "trap '' XFSZ; ulimit -f 16; exec hs-secrets unlock";
    let mut command = lab.sandbox.command(&clone, "bash");
    command.args(["-c", limited]);
    let failed = run(command, b"");
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    let length = |file: &str| read(&clone, file).len();
    assert!(length("web/big.key") < large.len());
    lab.sandbox.hs(&clone, ["unlock"]).succeeds();
    assert_eq!(read(&clone, "web/big.key"), large.as_bytes());
    let changed = lab.sandbox.git(&clone, ["status", "--porcelain"]);
    assert_eq!(changed.succeeds().text(), "");
    // A file that the user shortens stays short.
    write(&clone, "web/big.key", b"a line");
    lab.sandbox.hs(&clone, ["unlock"]).succeeds();
    assert_eq!(read(&clone, "web/big.key"), b"a line");
}
