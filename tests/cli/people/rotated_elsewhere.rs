//! A clone is unlocked with the old key when a rotation is pulled. It says what to do, one `unlock` does it, and no work
//! of its user is lost.

use crate::harness::desk::{read, write};
use crate::harness::pair::Pair;

/// How a clone pulls, with or without commits of its own.
const PULLS: [(bool, &[&str]); 3] = [
    (false, &["pull", "--quiet", "--ff-only"]),
    (true, &["pull", "--quiet", "--no-rebase", "--no-edit"]),
    (true, &["pull", "--quiet", "--rebase"]),
];

#[test]
fn what_stopped_a_pull_is_told_and_unlock_undoes_and_mends_it() {
    for (has_commits, pull) in PULLS {
        let pair = Pair::rotated(has_commits);
        let rebases = pull.contains(&"--rebase");
        if !rebases {
            // A rebase does not begin if there are uncommitted changes.
            pair.write("own.txt", b"work of mine\n");
        }
        pair.write("untracked.key", b"more of it\n");
        let before = pair.git(&["status", "--porcelain"]);

        let told = pair.run(pull).ends_with(128).stderr;
        let hints = told.matches("`hs-secrets unlock KEYFILE`").count();
        assert!((1..=2).contains(&hints), "{told}");
        assert_ne!(pair.git(&["status", "--porcelain"]), before, "{pull:?}");

        let told = pair.hs(&["unlock", "../new.key"]).succeeds().stderr;
        assert!(told.contains("was rotated in origin/main"), "{told}");
        if rebases {
            assert!(told.contains("`git rebase --abort`"), "{told}");
            pair.git(&["rebase", "--abort"]);
        }
        assert_eq!(pair.git(&["status", "--porcelain"]), before, "{pull:?}");
        pair.hs(&["unlock", "../new.key"]).succeeds();
        pair.run(pull).succeeds();
        pair.assert_pulled(has_commits);
        assert_eq!(pair.git(&["status", "--porcelain"]), before, "{pull:?}");
    }
}

#[test]
fn own_files_that_a_pull_leaves_under_the_old_key_are_named_and_renewed() {
    for (has_commits, pull) in PULLS {
        let pair = Pair::rotated(has_commits);
        pair.git(&["fetch", "--quiet"]);
        let told = pair.hs(&["unlock", "../new.key"]).succeeds().stderr;
        assert_eq!(told.contains("`status --short`"), has_commits, "{told}");
        pair.run(pull).succeeds();
        let short = pair.hs(&["status", "--short"]).succeeds().text();
        let line = "danger: mine.key is still encrypted with a key that was rotated out";
        assert_eq!(short.contains(line), has_commits, "{short}");
        let told = pair.hs(&["status", "--fix"]).succeeds().text();
        let renewed = "mine.key: staged version under the key in use\n";
        assert_eq!(told, if has_commits { renewed } else { "" });
        let staged = if has_commits { "M  mine.key\n" } else { "" };
        assert_eq!(pair.git(&["status", "--porcelain"]), staged);
        assert_eq!(pair.hs(&["status", "--short"]).succeeds().text(), "");
        if has_commits {
            pair.git(&["commit", "--quiet", "-m", "renewed"]);
        }
        let another = pair.sandbox.cloned(&pair.clone);
        let unlock = ["unlock", "../new.key"];
        pair.sandbox.hs(&another, unlock).succeeds();
    }
}

#[test]
fn unlocked_between_fetch_and_pull_nothing_stops_it() {
    for (has_commits, pull) in PULLS {
        let pair = Pair::rotated(has_commits);
        pair.git(&["fetch", "--quiet"]);
        let told = pair.hs(&["unlock", "../new.key"]).succeeds().stderr;
        assert!(!told.contains("restored"), "{told}");
        pair.assert_clean();
        pair.run(pull).succeeds();
        pair.assert_pulled(has_commits);
        pair.assert_clean();
    }
}

#[test]
fn a_conflict_for_want_of_the_new_key_is_none_with_it() {
    let pair = Pair::new();
    pair.rotate();
    pair.write("c.key", b"ours, first line\nsecond\nthird\n");
    pair.git(&["commit", "--quiet", "-am", "ours"]);
    for path in ["a.key", "b.key"] {
        pair.git(&["rm", "--quiet", path]);
        pair.git_there(&["rm", "--quiet", path]);
    }
    pair.git(&["commit", "--quiet", "-m", "fewer"]);
    pair.git_there(&["commit", "--quiet", "-m", "fewer"]);
    let pull = ["pull", "--quiet", "--no-rebase", "--no-edit"];
    let told = pair.run(&pull).ends_with(1).stderr;
    assert!(told.contains("unlock KEYFILE"), "{told}");
    let told = pair.hs(&["unlock", "../new.key"]).succeeds().stderr;
    assert!(told.contains("`git merge --abort`"), "{told}");
    pair.git(&["merge", "--abort"]);
    pair.run(&pull).succeeds();
    assert_eq!(
        read(&pair.clone, "c.key"),
        b"ours, first line\nsecond\nthird\n"
    );
    pair.assert_clean();
}

#[test]
fn a_switch_to_a_branch_with_another_key_is_mended_as_well() {
    let pair = Pair::new();
    pair.git_there(&["switch", "--quiet", "--create", "topic"]);
    write(&pair.lab, "0.txt", b"first of all\n");
    pair.git_there(&["add", "."]);
    pair.git_there(&["commit", "--quiet", "-m", "topic"]);
    pair.rotate();
    pair.git(&["fetch", "--quiet"]);
    pair.run(&["switch", "topic"]).ends_with(128);
    assert_ne!(pair.git(&["status", "--porcelain"]), "");
    let told = pair.hs(&["unlock", "../new.key"]).succeeds().stderr;
    assert!(told.contains("was rotated in origin/topic"), "{told}");
    pair.assert_clean();
    for branch in ["topic", "main"] {
        pair.git(&["switch", "--quiet", branch]);
        assert_eq!(read(&pair.clone, "a.key"), b"opensesame\n");
        pair.assert_clean();
    }
}

#[test]
fn neither_a_wrong_key_nor_a_damaged_file_is_let_through() {
    let pair = Pair::rotated(false);
    let pull = ["pull", "--quiet", "--ff-only"];
    pair.hs(&["keygen", "../other"]).succeeds();
    pair.run(&pull).ends_with(128);
    let stuck = pair.git(&["status", "--porcelain"]);
    pair.hs(&["unlock", "../other"])
        .fails_saying(&["wrong key"]);
    assert_eq!(pair.git(&["status", "--porcelain"]), stuck);
    assert_eq!(pair.key(), read(&pair.sandbox.path(""), "lab.key"));

    let mut blob = pair.git_there(&["cat-file", "blob", ":b.key"]).stdout;
    *blob.last_mut().expect("not empty") ^= 1;
    let id = pair
        .sandbox
        .run(&pair.lab, "git", ["hash-object", "-w", "--stdin"], &blob);
    let entry = format!("100644,{},b.key", id.succeeds().text().trim());
    pair.git_there(&["update-index", "--cacheinfo", &entry]);
    pair.git_there(&["commit", "--quiet", "-m", "damaged"]);
    pair.git(&["fetch", "--quiet"]);
    pair.hs(&["unlock", "../new.key"]).succeeds();
    pair.assert_clean();
    let told = pair.run(&pull).ends_with(128).stderr;
    assert!(told.contains("b.key: encrypted file has been"), "{told}");
    pair.hs(&["unlock", "../new.key"]).succeeds();
    pair.assert_clean();
}

#[test]
fn a_key_that_was_rotated_out_encrypts_no_more() {
    let pair = Pair::rotated(false);
    let here = |arguments: &[&str]| pair.sandbox.hs(&pair.lab, arguments);
    here(&["unlock", "../lab.key"]).fails_saying(&["was rotated out"]);
    here(&["unlock", "../new.key"]).succeeds();
    let in_use = read(&pair.lab, ".git/git-crypt/keys/default");
    assert_eq!(in_use, read(&pair.sandbox.path(""), "new.key"));
}

#[test]
fn what_git_ignores_stays() {
    let pair = Pair::rotated(false);
    pair.write(".git/info/exclude", b"New.txt\n");
    pair.write("New.txt", b"new\n");
    pair.git(&["fetch", "--quiet"]);
    pair.hs(&["unlock", "../new.key"]).succeeds();
    assert_eq!(read(&pair.clone, "New.txt"), b"new\n");
}

#[test]
fn work_that_only_looks_half_done_stays() {
    let pair = Pair::rotated(false);
    pair.git(&["fetch", "--quiet"]);
    pair.write("Notes.txt", b"mine, and no commit's\n");
    pair.write("New.txt", b"mine as well\n");
    pair.write("b.key", b"a secret of mine\n");
    pair.hs(&["unlock", "../new.key"]).succeeds();
    assert_eq!(read(&pair.clone, "Notes.txt"), b"mine, and no commit's\n");
    assert_eq!(read(&pair.clone, "New.txt"), b"mine as well\n");
    assert_eq!(read(&pair.clone, "b.key"), b"a secret of mine\n");
    assert_eq!(
        pair.git(&["status", "--porcelain"]),
        " M Notes.txt\n M b.key\n?? New.txt\n"
    );
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn a_filter_of_git_crypt_is_told_to_be_locked_before_the_pull() {
    let pair = Pair::rotated(false);
    pair.hs(&["lock"]).succeeds();
    pair.sandbox
        .git_crypt(&pair.clone, ["unlock", "../lab.key"])
        .succeeds();
    let pull = ["pull", "--quiet", "--ff-only"];
    pair.run(&pull).ends_with(128);
    let stuck = pair.git(&["status", "--porcelain"]);
    let run = pair.hs(&["unlock", "../new.key"]);
    let told = run.fails_saying(&["another program's"]).stderr;
    let hint = "`lock`, `git pull`, `unlock`; where git was stopped at files, `git stash --include-untracked` first";
    assert!(told.contains(hint), "{told}");
    assert_eq!(pair.git(&["status", "--porcelain"]), stuck);
    pair.git(&["stash", "--quiet", "--include-untracked"]);
    pair.hs(&["lock"]).succeeds();
    pair.run(&pull).succeeds();
    pair.hs(&["unlock", "../new.key"]).succeeds();
    pair.git(&["stash", "drop", "--quiet"]);
    pair.assert_pulled(false);
}

#[test]
fn a_clone_without_the_old_key_takes_it_in_to_read_the_history() {
    let pair = Pair::rotated(false);
    pair.git_there(&["rm", "--quiet", "-r", ".git-crypt/hs-secrets/history"]);
    pair.git_there(&["commit", "--quiet", "-m", "no history"]);
    let clone = pair.sandbox.cloned(&pair.lab);
    let hs = |arguments: &[&str]| pair.sandbox.hs(&clone, arguments);
    let git = |arguments: &[&str]| pair.sandbox.git(&clone, arguments);
    let retire = |key: &str| hs(&["unlock", "--retired", key]);
    retire("../lab.key").fails_saying(&["repository is locked"]);
    hs(&["unlock", "../new.key"]).succeeds();
    let told = git(&["log", "-p"]).ends_with(128).stderr;
    assert!(told.contains("`hs-secrets unlock --retired"), "{told}");
    hs(&["keygen", "../other"]).succeeds();
    retire("../other").fails_saying(&["opens no file of the whole history"]);
    retire("../new.key").fails_saying(&["in use"]);
    hs(&["unlock", "--retired"]).ends_with(2);

    retire("../lab.key").succeeds();
    retire("../lab.key").succeeds();
    let shown = git(&["log", "-p"]).succeeds().text();
    assert!(shown.contains("-opensesame\n+changed\n"), "{shown}");
    git(&["checkout", "--quiet", "HEAD~4"]).succeeds();
    assert_eq!(read(&clone, "a.key"), b"opensesame\n");
    assert_eq!(git(&["status", "--porcelain"]).text(), "");
    // New files are encrypted with the new key.
    write(&clone, "new.key", b"of today\n");
    git(&["add", "."]).succeeds();
    let blob = git(&["cat-file", "blob", ":new.key"]).succeeds().stdout;
    let smudge = ["smudge", "--key-file", "../new.key"];
    let opened = pair.sandbox.run(&clone, "hs-secrets", smudge, &blob);
    assert_eq!(opened.succeeds().text(), "of today\n");
}
