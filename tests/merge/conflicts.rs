//! Conflicts: plaintext between markers in the work tree, ciphertext in all stages, clean once resolved.

use std::fs;

use crate::harness::desk::MAGIC;
use crate::harness::sandbox::Sandbox;
use crate::scene::{PATH, Scene};

const BASE: &[u8] = b"user=app\npassword=old-secret\n";
const OURS: &[u8] = b"user=app\npassword=our-secret\n";
const THEIRS: &[u8] = b"user=app\npassword=their-secret\n";

#[test]
fn the_work_tree_shows_what_a_plain_file_would() {
    for style in ["merge", "diff3", "zdiff3"] {
        for operation in [
            &["merge", "side"][..],
            &["cherry-pick", "side"],
            &["rebase", "side"],
            &["rebase", "--apply", "side"],
        ] {
            let encrypted = Scene::encrypted(BASE, OURS, THEIRS);
            let plain = Scene::plain(BASE, OURS, THEIRS);
            for scene in [&encrypted, &plain] {
                scene.git(&["config", "merge.conflictStyle", style]);
                scene.conflicts(operation);
            }
            let shown = without_labels(without_ids(&encrypted.read(PATH)));
            assert!(shown.contains("<<<<<<<") && shown.contains("their-secret"));
            assert_eq!(
                shown,
                without_labels(without_ids(&plain.read(PATH))),
                "{operation:?} {style}"
            );
            for stage in 1..=3 {
                encrypted.assert_ciphertext(&format!(":{stage}:{PATH}"));
            }
            encrypted.assert_nowhere_in_git("r-secret");
        }
    }
}

#[test]
fn resolved_it_is_ciphertext_and_the_index_is_clean() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.conflicts(&["merge", "side"]);
    scene.write(PATH, b"user=app\npassword=agreed-secret\n");
    scene.git(&["add", PATH]);
    scene.git(&["commit", "--quiet", "--no-edit"]);
    scene.assert_ciphertext("HEAD:db.env");
    scene.assert_clean();
    scene.assert_nowhere_in_git("agreed-secret");
    assert!(
        scene
            .git(&["show", "HEAD~1:db.env"])
            .starts_with("\0GITCRYPT")
    );
}

#[test]
fn aborted_everything_is_as_before() {
    for (start, abort) in [
        ("merge", "merge"),
        ("rebase", "rebase"),
        ("cherry-pick", "cherry-pick"),
    ] {
        let scene = Scene::encrypted(BASE, OURS, THEIRS);
        scene.conflicts(&[start, "side"]);
        scene.git(&[abort, "--abort"]);
        assert_eq!(scene.read(PATH), OURS);
        scene.assert_clean();
    }
}

#[test]
fn a_side_can_be_taken_and_the_conflict_written_again() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.conflicts(&["merge", "side"]);
    let conflict = scene.read(PATH);
    scene.git(&["checkout", "--theirs", PATH]);
    assert_eq!(scene.read(PATH), THEIRS);
    scene.git(&[
        "-c",
        "merge.conflictStyle=merge",
        "checkout",
        "--merge",
        PATH,
    ]);
    let again = String::from_utf8(scene.read(PATH)).expect("text");
    let first = String::from_utf8(conflict).expect("text");
    let named = |text: String| {
        text.replace("<<<<<<< ours", "<<<<<<< HEAD")
            .replace(">>>>>>> theirs", ">>>>>>> side")
    };
    assert_eq!(named(again), named(first));
}

#[test]
fn a_stash_that_no_longer_fits_is_a_conflict_in_plaintext() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.git(&["checkout", "--quiet", "side~1"]);
    scene.write(PATH, OURS);
    scene.git(&["stash", "push", "--quiet"]);
    scene.git(&["checkout", "--quiet", "side"]);
    scene.conflicts(&["stash", "pop"]);
    let shown = String::from_utf8(scene.read(PATH)).expect("text");
    assert!(
        shown.contains("our-secret") && shown.contains("their-secret"),
        "{shown}"
    );
    scene.assert_nowhere_in_git("r-secret");
}

#[test]
fn both_sides_may_add_the_file() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    for (branch, content) in [("main", "k=1\nours\n"), ("side", "k=1\ntheirs\n")] {
        scene.git(&["checkout", "--quiet", branch]);
        scene.write("new.env", content.as_bytes());
        scene.git(&["add", "."]);
        scene.git(&["commit", "--quiet", "-m", "new"]);
    }
    scene.git(&["checkout", "--quiet", "main"]);
    scene.conflicts(&["merge", "side"]);
    let expected = "k=1\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> side\n";
    let shown = String::from_utf8(scene.read("new.env")).expect("text");
    assert_eq!(without_labels(shown), without_labels(expected.to_owned()));
}

#[test]
fn markers_are_as_long_as_the_attribute_says() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.write(".git/info/attributes", b"*.env conflict-marker-size=12\n");
    scene.conflicts(&["merge", "side"]);
    let shown = String::from_utf8(scene.read(PATH)).expect("text");
    let shown = without_labels(shown);
    let marker = without_labels("<<<<<<<<<<<< HEAD\n".to_owned());
    assert!(shown.contains(&marker), "{shown}");
}

#[test]
fn binary_content_keeps_ours_and_says_so() {
    let scene = Scene::encrypted(b"\0base", b"\0ours", b"\0theirs");
    let said = scene.conflicts(&["merge", "side"]);
    assert!(said.contains("db.env: binary content"), "{said}");
    assert_eq!(scene.read(PATH), b"\0ours");
    assert_eq!(scene.git(&["status", "--porcelain"]), "UU db.env\n");
    scene.git(&["checkout", "--theirs", PATH]);
    assert_eq!(scene.read(PATH), b"\0theirs");
}

#[test]
fn a_locked_repository_never_merges_ciphertext() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.sandbox.hs(&scene.repository, ["lock"]).succeeds();
    scene.conflicts(&["merge", "side"]);
    let ours = scene
        .sandbox
        .git(&scene.repository, ["cat-file", "blob", "HEAD:db.env"]);
    assert_eq!(scene.read(PATH), ours.stdout);
    scene.git(&["merge", "--abort"]);

    // Half locked: the driver is there and the key is not.
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    let ours = scene.git(&["rev-parse", "main:db.env"]);
    fs::remove_file(scene.repository.join(".git/git-crypt/keys/default")).expect("a key");
    let merge = scene
        .sandbox
        .git(
            &scene.repository,
            ["merge-tree", "--write-tree", "main", "side"],
        )
        .ends_with(1);
    assert!(
        merge.stderr.contains("no key `default` here"),
        "{}",
        merge.stderr
    );
    let text = merge.text();
    let tree = text.lines().next().expect("a tree");
    assert_eq!(scene.git(&["rev-parse", &format!("{tree}:{PATH}")]), ours);
}

#[test]
fn a_damaged_version_is_a_conflict_that_names_it() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.git(&["checkout", "--quiet", "side"]);
    let mut blob = scene
        .sandbox
        .git(&scene.repository, ["cat-file", "blob", "side:db.env"])
        .stdout;
    *blob.last_mut().expect("not empty") ^= 1;
    assert!(blob.starts_with(MAGIC));
    let hash = scene.sandbox.run(
        &scene.repository,
        "git",
        ["hash-object", "-w", "--stdin"],
        &blob,
    );
    let entry = format!("100644,{},{PATH}", hash.succeeds().text().trim());
    scene.git(&["update-index", "--cacheinfo", &entry]);
    scene.git(&["commit", "--quiet", "-m", "damaged"]);
    let merge = scene.sandbox.git(
        &scene.repository,
        ["merge-tree", "--write-tree", "main", "side"],
    );
    let merge = merge.ends_with(1);
    assert!(
        merge
            .stderr
            .contains("merging db.env failed: decrypting their version failed"),
        "{}",
        merge.stderr
    );
}

#[test]
fn a_recorded_resolution_is_replayed_in_plaintext() {
    let scene = Scene::encrypted(BASE, OURS, THEIRS);
    scene.git(&["config", "rerere.enabled", "true"]);
    scene.conflicts(&["merge", "side"]);
    scene.write(PATH, b"user=app\npassword=agreed\n");
    scene.git(&["commit", "--quiet", "-am", "resolved"]);
    scene.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    scene.conflicts(&["merge", "side"]);
    let replayed = scene.read(PATH);
    if git_version() >= (2, 44) {
        assert_eq!(replayed, b"user=app\npassword=agreed\n");
    } else {
        // It does not say which merge is a replay: the content comes encrypted, as that of any other merge.
        assert!(replayed.starts_with(MAGIC));
    }
}

/// The conflict without the names behind its markers, if this Git does not tell them to a merge driver: it does since 2.44.
fn without_labels(conflict: String) -> String {
    if git_version() >= (2, 44) {
        return conflict;
    }
    let lines = conflict.split_inclusive('\n').map(|line| {
        let is_marker = ["<<<<<<<", "|||||||", ">>>>>>>"]
            .iter()
            .any(|marker| line.starts_with(marker));
        match line.split_once(' ') {
            Some((marker, _)) if is_marker => format!("{marker}\n"),
            _ => line.to_owned(),
        }
    });
    lines.collect()
}

/// Major and minor.
fn git_version() -> (u32, u32) {
    let sandbox = Sandbox::new();
    let told = sandbox
        .git(&sandbox.path(""), ["version"])
        .succeeds()
        .text();
    let version = told.strip_prefix("git version ").expect("its version");
    let mut numbers = version
        .split('.')
        .map(|part| part.parse().expect("a number"));
    let mut next = || numbers.next().expect("at least two");
    (next(), next())
}

/// The conflict without the abbreviated commit ids that encrypted and plain history don't share.
fn without_ids(content: &[u8]) -> String {
    let text = String::from_utf8(content.to_vec()).expect("text");
    let words = text.split_inclusive([' ', '\n', ':']);
    let is_id = |word: &str| {
        let word = word.trim_end_matches([' ', '\n', ':']);
        word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    words.filter(|word| !is_id(word)).collect()
}
