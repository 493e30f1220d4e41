//! Empty files under encryption. Git takes one for changed whenever its blob is not empty, without asking the filter
//! (`ce_match_stat_basic` in its read-cache.c), so that what replaces or removes the file refuses. git-crypt stores 22
//! bytes and takes an empty blob for plaintext, so the attribute `plain-when-empty` is what lets such files be stored
//! empty.

use crate::harness::desk::MAGIC;
use crate::scene::{PATH, Scene};

const LEFT_EMPTY: &str = "*.env filter=git-crypt diff=git-crypt merge=git-crypt plain-when-empty\n";

/// What is done on `side`, where the file is empty, to take over `main`, where it is not.
const TAKING: [&[&str]; 6] = [
    &["rebase", "--quiet", "main"],
    &["rebase", "--quiet", "--interactive", "main"],
    &["merge", "--quiet", "--no-edit", "main"],
    &["cherry-pick", "main"],
    &["pull", "--quiet", "--rebase", ".", "main"],
    &["reset", "--quiet", "--keep", "main"],
];

#[test]
fn stored_as_git_crypt_does_it_stops_what_replaces_it_and_loses_nothing() {
    for taking in TAKING {
        let scene = Scene::encrypted(b"", b"ours\n", b"");
        scene.git(&["checkout", "--quiet", "side"]);
        scene.write("other.env", b"other\n");
        scene.git(&["add", "."]);
        scene.git(&["commit", "--quiet", "-m", "other"]);
        scene.assert_ciphertext("HEAD:db.env");
        let arguments = [&["-c", "sequence.editor=true"], taking].concat();
        let run = scene.sandbox.git(&scene.repository, arguments);
        assert_ne!(run.code, 0, "{taking:?}");
        assert_eq!(scene.read("other.env"), b"other\n", "{taking:?}");
        scene.assert_clean();
        // The way round it.
        scene.git(&["switch", "--quiet", "--force", "--detach", "main"]);
        scene.git(&["rebase", "--quiet", "main", "side"]);
        assert_eq!(scene.read(PATH), b"ours\n");
        assert_eq!(scene.read("other.env"), b"other\n");
        scene.assert_clean();
    }
}

#[test]
fn left_empty_it_survives_them_all() {
    for taking in TAKING {
        let scene = Scene::with_attributes(LEFT_EMPTY, b"", b"ours\n", b"");
        scene.git(&["checkout", "--quiet", "side"]);
        scene.write("other.env", b"other\n");
        scene.write("empty.env", b"");
        scene.git(&["add", "."]);
        scene.git(&["commit", "--quiet", "-m", "other"]);
        assert_eq!(scene.git(&["cat-file", "blob", "HEAD:empty.env"]), "");
        scene.assert_ciphertext("HEAD:other.env");
        scene.git(&[&["-c", "sequence.editor=true"], taking].concat());
        assert_eq!(scene.read(PATH), b"ours\n", "{taking:?}");
        scene.assert_ciphertext("HEAD:db.env");
        if !taking.contains(&"reset") {
            assert_eq!(scene.read("other.env"), b"other\n", "{taking:?}");
            assert_eq!(scene.read("empty.env"), b"");
        }
        scene.assert_clean();
    }
}

#[test]
fn left_empty_it_is_filled_emptied_stashed_and_merged() {
    let scene = Scene::with_attributes(LEFT_EMPTY, b"", b"", b"theirs\n");
    scene.write(PATH, b"mine\n");
    scene.git(&["stash", "--quiet"]);
    assert_eq!(scene.read(PATH), b"");
    scene.git(&["stash", "pop", "--quiet"]);
    assert_eq!(scene.read(PATH), b"mine\n");
    scene.commit(b"mine\n", "filled");
    scene.assert_ciphertext("HEAD:db.env");
    scene.conflicts(&["merge", "side"]);
    scene.commit(b"", "resolved: empty");
    assert_eq!(scene.git(&["cat-file", "blob", "HEAD:db.env"]), "");
    scene.git(&["switch", "--quiet", "side"]);
    assert_eq!(scene.read(PATH), b"theirs\n");
    scene.git(&["switch", "--quiet", "main"]);
    assert_eq!(scene.read(PATH), b"");
    scene.assert_clean();
    // Both sides take lines away, until none is left: what the driver makes is empty, too.
    let scene = Scene::with_attributes(LEFT_EMPTY, b"a\nb\nc\nd\ne\n", b"c\nd\ne\n", b"a\nb\nc\n");
    scene.git(&["merge", "--quiet", "--no-edit", "side"]);
    assert_eq!(scene.read(PATH), b"c\n");
    scene.assert_clean();
    for verb in ["status", "check"] {
        scene.sandbox.hs(&scene.repository, [verb]).succeeds();
    }
}

#[test]
fn what_git_has_stays_so_that_nothing_shows_as_modified() {
    for process in [true, false] {
        let scene = Scene::encrypted(b"", b"ours\n", b"");
        scene.git(&["checkout", "--quiet", "side"]);
        if !process {
            scene.git(&["config", "--unset", "filter.git-crypt.process"]);
        }
        scene.assert_ciphertext("HEAD:db.env");
        scene.write(".gitattributes", LEFT_EMPTY.as_bytes());
        scene.git(&["commit", "--quiet", "-am", "attribute"]);
        scene.save_again(PATH);
        scene.assert_clean();
        // Converted when its owner wants it.
        scene.git(&["rm", "--quiet", "--cached", PATH]);
        if process {
            scene.git(&["add", PATH]);
        } else {
            let id = scene.git(&["hash-object", "-w", "--stdin"]);
            let entry = format!("100644,{},{PATH}", id.trim());
            scene.git(&["update-index", "--add", "--cacheinfo", &entry]);
        }
        scene.git(&["commit", "--quiet", "-m", "converted"]);
        assert_eq!(scene.git(&["cat-file", "blob", "HEAD:db.env"]), "");
        scene.save_again(PATH);
        scene.assert_clean();
        scene
            .sandbox
            .hs(&scene.repository, ["lock", "--force"])
            .succeeds();
        assert_eq!(scene.read(PATH), b"");
        scene.assert_clean();
    }
}

/// Why it is not so by itself.
#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn git_crypt_takes_an_empty_blob_for_plaintext() {
    let scene = Scene::with_attributes(LEFT_EMPTY, b"", b"", b"");
    let key = ["export-key", "../lab.key"];
    scene.sandbox.hs(&scene.repository, key).succeeds();
    scene.sandbox.hs(&scene.repository, ["lock"]).succeeds();
    let git_crypt = |arguments: &[&str]| scene.sandbox.git_crypt(&scene.repository, arguments);
    git_crypt(&["unlock", "../lab.key"]).succeeds();
    // It reads it well, and would store something else.
    assert_eq!(scene.read(PATH), b"");
    scene.save_again(PATH);
    assert_eq!(scene.git(&["status", "--porcelain"]), " M db.env\n");
    let status = git_crypt(&["status"]).ends_with(1).text();
    assert!(status.contains("NOT ENCRYPTED"), "{status}");
    git_crypt(&["lock"]).ends_with(1);
    scene.git(&["add", PATH]);
    let stored = scene
        .sandbox
        .git(&scene.repository, ["cat-file", "blob", ":db.env"]);
    assert!(stored.stdout.starts_with(MAGIC) && stored.stdout.len() == 22);
}
