//! An attacker sets `working-tree-encoding` for encrypted files: Git then takes the ciphertext for text and converts it.

use crate::harness::desk::{read, write};
use crate::lab::{Lab, SECRET};

#[test]
#[ignore = "needs age: tests/run.sh"]
fn an_encoding_that_a_pusher_sets_shows_no_plaintext_and_is_told() {
    for encoding in ["UTF-16", "UTF-16LE-BOM", "SHIFT-JIS", "latin1"] {
        let lab = Lab::new();
        let rule = format!(
            "*.key filter=git-crypt diff=git-crypt merge=git-crypt working-tree-encoding={encoding}\n"
        );
        write(&lab.mallory, ".gitattributes", rule.as_bytes());
        lab.mallory(&["commit", "--quiet", "-m", "text", "--", ".gitattributes"]);
        lab.mallory(&["push", "--quiet"]);
        assert_eq!(lab.hs(&["status", "--short"]).succeeds().text(), "");
        lab.git(&["pull", "--quiet"]);
        let short = lab.hs(&["status", "--short"]).text();
        let line = "danger: web/db.key (files: 1) has `working-tree-encoding` set";
        assert!(short.contains(line), "{encoding}: {short}");
        // A file from before the change is checked out correctly.
        std::fs::remove_file(lab.alice.join("web/db.key")).expect("ours");
        lab.git(&["checkout", "--", "web/db.key"]);
        assert_eq!(read(&lab.alice, "web/db.key"), SECRET.as_bytes());
        // New content is refused, or what is stored is converted ciphertext.
        write(&lab.alice, "web/new.key", b"hunter2\n");
        let added = lab.sandbox.git(&lab.alice, ["add", "web/new.key"]);
        if added.code == 0 {
            let stored = lab.git_blob(":web/new.key");
            assert!(!stored.windows(7).any(|part| part == b"hunter2"));
        }
        assert!(added.code == 0 || encoding != "latin1", "{}", added.stderr);
    }
}
