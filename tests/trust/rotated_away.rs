//! A clone that has only the old key after a rotation.

use crate::harness::desk::{PUBLISHED_RECOVERY, read};
use crate::lab::{Lab, SECRET};

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_ci_with_a_kept_work_space_loses_no_file_and_is_told() {
    let lab = Lab::new();
    let ci = lab.fresh();
    lab.sandbox.hs(&ci, ["unlock", "../first.key"]).succeeds();
    let key = read(&ci, ".git/git-crypt/keys/default");
    let first = lab.sandbox.path("first");
    lab.sandbox
        .hs(&first, ["rotate-key", "--commit"])
        .succeeds();
    lab.sandbox
        .git(&first, ["push", "--quiet", "../hub.git", "main"])
        .succeeds();
    // A CI updates its work tree like this. Nothing stops it, since it has no filter meanwhile.
    lab.sandbox.git(&ci, ["fetch", "--quiet"]).succeeds();
    let settings = PUBLISHED_RECOVERY
        .iter()
        .chain(&["-c", "filter.git-crypt.process="]);
    let reset = ["reset", "--quiet", "--hard", "origin/main"];
    lab.sandbox.git(&ci, settings.chain(&reset)).succeeds();
    for arguments in [&["unlock", "../first.key"][..], &["unlock"]] {
        let command = lab.sandbox.hs(&ci, arguments);
        assert_eq!(command.code, 1, "{}", command.stderr);
        assert!(ci.join("web/db.key").exists(), "{}", command.stderr);
        assert_eq!(read(&ci, ".git/git-crypt/keys/default"), key);
    }
    assert_ne!(read(&ci, "web/db.key"), SECRET.as_bytes());
}
