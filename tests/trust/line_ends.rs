//! Signed statements whose line ends a Windows clone has changed to CR LF still count.

use std::path::Path;

use crate::harness::desk::read;
use crate::lab::{Lab, SECRET};

impl Lab {
    /// Pushes all of `.git-crypt` from a clone that checks files out with CR LF and commits them like that, as happens in
    /// a work tree that Git for Windows and Git in Linux share.
    fn push_with_windows_line_ends(&self) {
        let hub = self.sandbox.path("hub.git");
        let hub = hub.to_str().expect("plain");
        let settings = ["-c", "core.autocrlf=true"];
        let clone = [&["clone", "--quiet"], &settings[..], &[hub, "windows"]].concat();
        let top = self.sandbox.path("");
        self.sandbox.git(&top, clone).succeeds();
        let windows = self.sandbox.path("windows");
        for arguments in [
            &["config", "core.autocrlf", "false"][..],
            &["rm", "-r", "--quiet", "--cached", ".git-crypt"],
            &["add", ".git-crypt"],
            &["commit", "--quiet", "-m", "from Windows"],
            &["push", "--quiet"],
        ] {
            self.sandbox.git(&windows, arguments).succeeds();
        }
    }

    /// The committed files below a folder of `.git-crypt/hs-secrets`, all of which must have CR LF.
    #[track_caller]
    fn assert_windows(&self, clone: &Path, folder: &str) {
        let folder = format!(".git-crypt/hs-secrets/{folder}/default");
        let listed = self.sandbox.git(clone, ["ls-files", &folder]).text();
        assert!(!listed.is_empty(), "{folder}");
        for path in listed.lines() {
            let object = format!("HEAD:{path}");
            let blob = self.sandbox.git(clone, ["cat-file", "blob", &object]);
            let text = blob.succeeds().text();
            assert!(text.lines().count() > 1, "{path}");
            let number = text.matches("\r\n").count();
            assert_eq!(number, text.lines().count(), "{path}: {text}");
        }
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn holders_stay_attested_and_are_not_asked_about() {
    let lab = Lab::new();
    lab.push_with_windows_line_ends();
    let first = lab.sandbox.path("first");
    let pull = ["pull", "--quiet", "../hub.git", "main"];
    lab.sandbox.git(&first, pull).succeeds();
    lab.assert_windows(&first, "holders");
    let listed = lab.sandbox.hs(&first, ["ls-users"]).succeeds().text();
    assert!(listed.contains("alice"), "{listed}");
    assert!(!listed.contains("not attested"), "{listed}");
    assert_eq!(lab.sandbox.hs(&first, ["status", "--short"]).text(), "");
    let clone = lab.fresh();
    lab.sandbox.hs(&clone, ["unlock"]).succeeds();
    assert_eq!(read(&clone, "web/db.key"), SECRET.as_bytes());
    // A removal counts as well, and the earlier statement does not come back.
    let remove = ["rm-age-user", "alice"];
    lab.sandbox.hs(&first, remove).succeeds();
    let added = ["add-age-user", "--name", "alice", &lab.recipient];
    lab.sandbox.hs(&first, added).succeeds();
    let rotate = ["rotate-key", "--commit"];
    lab.sandbox.hs(&first, rotate).succeeds();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_rotation_is_followed_and_the_history_opened() {
    let lab = Lab::new();
    lab.rotate(2);
    lab.push_with_windows_line_ends();
    lab.git(&["fetch", "--quiet"]);
    lab.hs(&["unlock"]).succeeds();
    assert_eq!(lab.key(), lab.first_key());
    lab.hs(&["unlock", "--accept-rotation"]).succeeds();
    assert_eq!(lab.key(), lab.newest_key());
    lab.git(&["pull", "--quiet"]);
    for folder in ["holders", "successions", "history"] {
        lab.assert_windows(&lab.alice, folder);
    }
    assert_eq!(read(&lab.alice, "web/db.key"), SECRET.as_bytes());
    let clone = lab.fresh();
    lab.sandbox.hs(&clone, ["unlock"]).succeeds();
    lab.sandbox.git(&clone, ["log", "-p"]).succeeds();
}
