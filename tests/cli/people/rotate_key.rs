//! `rotate-key`: nothing is lost, the old key opens nothing new, and the result is git-crypt's.

use std::fs;

use crate::harness::desk::Desk;

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn the_new_key_opens_everything_and_the_old_one_nothing_new() {
    let desk = desk();
    let run = desk.hs(["rotate-key"]).succeeds();
    assert_eq!(run.text(), "api.key\nempty.key\nsub/db.key\n");
    assert!(
        run.stderr.contains("history stays readable"),
        "{}",
        run.stderr
    );
    assert_eq!(
        changed_files(&desk),
        "M  api.key\nM  empty.key\nM  sub/db.key\n"
    );
    assert_eq!(desk.read("api.key"), b"opensesame\n");
    desk.git(&["commit", "--quiet", "-m", "rotated"]);
    desk.assert_clean();
    desk.hs(["export-key", "../new.key"]).succeeds();

    let clone = desk.sandbox.cloned(&desk.repository);
    desk.sandbox
        .hs(&clone, ["unlock", "../desk.key"])
        .fails_saying(&["was rotated out"]);
    desk.sandbox.hs(&clone, ["unlock", "../new.key"]).succeeds();
    assert_eq!(
        fs::read(clone.join("sub/db.key")).expect("there"),
        b"hunter2\n"
    );

    let clone = desk.sandbox.cloned(&desk.repository);
    desk.sandbox
        .git_crypt(&clone, ["unlock", "../new.key"])
        .succeeds();
    assert_eq!(
        fs::read(clone.join("api.key")).expect("there"),
        b"opensesame\n"
    );
    assert_eq!(fs::read(clone.join("empty.key")).expect("there"), b"");
    let key = fs::read(desk.sandbox.path("new.key")).expect("a key");
    assert_eq!(key.len(), 148, "one version only");
}

#[test]
fn history_stays_readable_where_the_key_was_rotated_and_where_both_were_given() {
    let desk = desk();
    desk.hs(["rotate-key", "--commit"]).succeeds();
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    assert!(
        desk.git(&["log", "-1", "--format=%s"])
            .starts_with("Rotate the git-crypt key")
    );
    desk.git(&["checkout", "--quiet", "HEAD~1"]);
    assert_eq!(desk.read("api.key"), b"opensesame\n");
    desk.git(&["checkout", "--quiet", "main"]);
    assert_eq!(desk.read("api.key"), b"opensesame\n");
    desk.hs(["export-key", "../new.key"]).succeeds();

    let clone = desk.sandbox.cloned(&desk.repository);
    let in_clone = |arguments: &[&str]| desk.sandbox.git(&clone, arguments).succeeds();
    in_clone(&["reset", "--quiet", "--hard", "HEAD~1"]);
    desk.sandbox
        .hs(&clone, ["unlock", "../desk.key"])
        .succeeds();
    // A colleague pulls, and unlocks with the new key.
    in_clone(&["-c", "filter.git-crypt.required=false", "fetch", "--quiet"]);
    desk.sandbox.hs(&clone, ["lock"]).succeeds();
    in_clone(&["merge", "--quiet", "--ff-only", "origin/main"]);
    desk.sandbox.hs(&clone, ["unlock", "../new.key"]).succeeds();
    assert_eq!(
        fs::read(clone.join("api.key")).expect("there"),
        b"opensesame\n"
    );
}

#[test]
fn the_history_is_unmodified_for_clean_without_a_process_too() {
    let desk = desk();
    desk.hs(["rotate-key", "--commit"]).succeeds();
    desk.git(&["config", "--unset", "filter.git-crypt.process"]);
    desk.git(&["checkout", "--quiet", "HEAD~1"]);
    for path in ["api.key", "empty.key", "sub/db.key"] {
        let content = desk.read(path);
        fs::remove_file(desk.repository.join(path)).expect("there");
        desk.write(path, &content);
    }
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    desk.write("api.key", b"opensesame!\n");
    desk.git(&["add", "api.key"]);
    desk.git(&["checkout", "--quiet", "--force", "main"]);
    desk.hs(["export-key", "../new.key"]).succeeds();
    desk.write("api.key", b"opensesame!\n");
    desk.git(&["commit", "--quiet", "-am", "new"]);
    let clone = desk.sandbox.cloned(&desk.repository);
    desk.sandbox.hs(&clone, ["unlock", "../new.key"]).succeeds();
}

#[test]
fn work_in_progress_is_kept() {
    let desk = desk();
    desk.write("api.key", b"staged\n");
    desk.git(&["add", "api.key"]);
    desk.write("api.key", b"staged, and more\n");
    desk.write("sub/db.key", b"not staged\n");
    desk.hs(["rotate-key", "--commit"])
        .fails_saying(&["other changes are staged"]);
    desk.hs(["rotate-key"]).succeeds();
    assert_eq!(
        changed_files(&desk),
        "MM api.key\nM  empty.key\nMM sub/db.key\n"
    );
    assert_eq!(desk.read("api.key"), b"staged, and more\n");
    desk.git(&["commit", "--quiet", "-m", "rotated"]);
    desk.git(&["stash", "--quiet"]);
    assert_eq!(desk.read("api.key"), b"staged\n");
    assert_eq!(desk.read("sub/db.key"), b"hunter2\n");
}

#[test]
fn it_can_be_undone() {
    let desk = desk();
    let before = desk.git(&["ls-files", "--stage"]);
    desk.hs(["rotate-key"]).succeeds();
    assert_ne!(desk.git(&["ls-files", "--stage"]), before);
    desk.hs(["rotate-key"]).fails_saying(&["under way"]);
    desk.hs(["lock"]).fails_saying(&["being rotated"]);
    desk.hs(["rotate-key", "--abort"]).succeeds();
    assert_eq!(desk.git(&["ls-files", "--stage"]), before);
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    let key = desk.hs(["export-key", "-"]).succeeds().stdout;
    assert_eq!(key, fs::read(desk.sandbox.path("desk.key")).expect("a key"));
    desk.hs(["rotate-key", "--abort"])
        .fails_saying(&["no rotation"]);
    desk.hs(["rotate-key", "--commit"]).succeeds();
    desk.hs(["rotate-key", "--commit"]).succeeds();
    desk.git(&["checkout", "--quiet", "HEAD~2"]);
    assert_eq!(desk.read("api.key"), b"opensesame\n");
}

#[test]
fn interrupted_it_is_continued_or_undone() {
    for finish in ["--continue", "--abort"] {
        let desk = desk();
        let before = desk.git(&["ls-files", "--stage"]);
        // A lock makes the last call of git fail, as if the rotation had been killed there.
        let lock = desk.repository.join(".git/index.lock");
        fs::write(&lock, "").expect("written");
        let run = desk.hs(["rotate-key"]).fails_saying(&["update-index"]);
        assert!(run.stderr.contains("`rotate-key --abort` undoes it"));
        assert_eq!(desk.git(&["ls-files", "--stage"]), before);
        fs::remove_file(&lock).expect("removed");
        desk.hs(["rotate-key"]).fails_saying(&["under way"]);
        desk.hs(["rotate-key", finish]).succeeds();
        let after = desk.git(&["ls-files", "--stage"]);
        assert_eq!(after == before, finish == "--abort");
        assert_eq!(desk.read("api.key"), b"opensesame\n");
        let status = changed_files(&desk);
        assert!(
            status.lines().all(|line| line.starts_with("M  ")),
            "{status}"
        );
    }
}

#[test]
fn once_committed_it_is_over_whatever_is_staged_next() {
    let desk = desk();
    desk.hs(["rotate-key"]).succeeds();
    desk.git(&["commit", "--quiet", "-m", "rotated"]);
    desk.write("api.key", b"changed since\n");
    desk.git(&["add", "api.key"]);
    desk.hs(["rotate-key", "--abort"])
        .fails_saying(&["no rotation"]);
    desk.hs(["lock"]).fails_saying(&["exists nowhere else"]);
    desk.hs(["lock", "--discard-key"]).succeeds();
}

#[test]
fn undoing_what_was_committed_in_part_loses_nothing() {
    let desk = desk();
    desk.hs(["rotate-key"]).succeeds();
    desk.git(&["commit", "--quiet", "-m", "a part", "--", "api.key"]);
    desk.hs(["lock"]).fails_saying(&["being rotated"]);
    desk.hs(["rotate-key", "--abort"]).succeeds();
    desk.git(&["commit", "--quiet", "-m", "undone"]);
    fs::remove_file(desk.repository.join("api.key")).expect("removed");
    desk.git(&["checkout", "--quiet", "HEAD~1"]);
    assert_eq!(desk.read("api.key"), b"opensesame\n");
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    let clone = desk.sandbox.cloned(&desk.repository);
    desk.sandbox
        .git(&clone, ["checkout", "--quiet", "main"])
        .succeeds();
    desk.sandbox
        .hs(&clone, ["unlock", "../desk.key"])
        .succeeds();
}

#[test]
fn reset_or_stashed_it_is_still_under_way() {
    for takes_it_away in [&["reset", "--quiet", "--hard"][..], &["stash", "--quiet"]] {
        let desk = desk();
        desk.hs(["rotate-key"]).succeeds();
        desk.git(takes_it_away);
        desk.hs(["lock"]).fails_saying(&["being rotated"]);
        desk.hs(["rotate-key"]).fails_saying(&["under way"]);
        desk.hs(["rotate-key", "--abort"]).succeeds();
        desk.assert_clean();
        let key = desk.hs(["export-key", "-"]).succeeds().stdout;
        assert_eq!(key, fs::read(desk.sandbox.path("desk.key")).expect("a key"));

        desk.hs(["rotate-key"]).succeeds();
        desk.git(takes_it_away);
        desk.hs(["rotate-key", "--continue", "--commit"]).succeeds();
        desk.assert_clean();
        desk.hs(["rotate-key", "--abort"])
            .fails_saying(&["no rotation"]);
    }
}

#[test]
fn committed_it_is_over_on_a_branch_without_it_too() {
    let desk = desk();
    desk.git(&["branch", "other"]);
    desk.hs(["rotate-key"]).succeeds();
    desk.git(&["commit", "--quiet", "-m", "rotated"]);
    desk.git(&["checkout", "--quiet", "other"]);
    desk.hs(["rotate-key", "--abort"])
        .fails_saying(&["no rotation"]);
}

#[test]
fn undone_a_stash_with_the_new_key_still_opens() {
    let desk = desk();
    desk.write("sub/db.key", "edited\n");
    desk.hs(["rotate-key"]).succeeds();
    desk.git(&["stash", "push", "--quiet", "sub/db.key"]);
    desk.hs(["rotate-key", "--abort"]).succeeds();
    desk.git(&["stash", "pop", "--quiet"]);
    assert_eq!(desk.read("sub/db.key"), b"edited\n");
    // The next rotation is undone as well, and the new keys of both are kept.
    desk.git(&["reset", "--quiet", "--hard"]);
    desk.hs(["rotate-key"]).succeeds();
    desk.hs(["rotate-key", "--abort"]).succeeds();
    let retired = fs::read_dir(desk.repository.join(".git/hs-secrets/retired/default"));
    assert_eq!(retired.expect("a folder").count(), 2);
    desk.assert_clean();
}

#[test]
fn with_a_link_in_the_place_of_a_shared_file_nothing_begins() {
    for place in ["hs-secrets/successions", "hs-secrets", ".gitattributes"] {
        let desk = desk();
        let link = desk.repository.join(".git-crypt").join(place);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        std::os::unix::fs::symlink(desk.sandbox.path(""), link).expect("a link");
        let staged = desk.git(&["ls-files", "--stage"]);
        desk.hs(["rotate-key"]).fails_saying(&["symbolic link"]);
        assert_eq!(desk.git(&["ls-files", "--stage"]), staged, "{place}");
        let key = desk.hs(["export-key", "-"]).succeeds().stdout;
        assert_eq!(key, fs::read(desk.sandbox.path("desk.key")).expect("a key"));
        desk.hs(["rotate-key", "--abort"])
            .fails_saying(&["no rotation"]);
    }
}

#[test]
fn what_follows_is_signed_and_the_old_key_sealed_for_those_who_come_later() {
    let desk = desk();
    let below = |folder: &str| {
        let folder = format!(".git-crypt/hs-secrets/{folder}/default");
        desk.git(&["ls-files", &folder])
    };
    desk.hs(["rotate-key", "--commit"]).succeeds();
    let succession = below("successions");
    let names = succession
        .trim()
        .rsplit('/')
        .next()
        .expect("a file")
        .trim_end_matches(".txt")
        .split_once('-')
        .expect("two ids");
    let sealed = below("history");
    assert!(sealed.trim().ends_with(names.0), "{sealed} {names:?}");
    let memory = desk.read(".git/hs-secrets/known/default");
    let memory = String::from_utf8(memory).expect("text");
    assert!(
        memory.contains(&format!("key-id = \"{}\"", names.1)),
        "{memory}"
    );
    // Nothing of this is reported as a leak, and nothing of it is filtered.
    desk.hs(["check", "--all"]).succeeds();
    desk.hs(["rotate-key", "--commit", "--no-history"])
        .succeeds();
    assert_eq!(below("history"), sealed);
    assert_eq!(below("successions").lines().count(), 2);
    desk.assert_clean();
}

#[test]
fn undone_the_clone_remembers_the_old_key() {
    let desk = desk();
    desk.hs(["rotate-key", "--commit"]).succeeds();
    let memory = || String::from_utf8(desk.read(".git/hs-secrets/known/default")).expect("text");
    let before = memory();
    desk.hs(["rotate-key"]).succeeds();
    assert_ne!(memory(), before);
    desk.hs(["rotate-key", "--abort"]).succeeds();
    assert_eq!(memory(), before);
    desk.assert_clean();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn collaborators_get_the_new_key() {
    let desk = desk();
    let keygen = desk
        .sandbox
        .run(&desk.repository, "age-keygen", ["-o", "../me.txt"], b"");
    keygen.succeeds();
    let public = desk
        .sandbox
        .run(&desk.repository, "age-keygen", ["-y", "../me.txt"], b"")
        .succeeds()
        .text();
    desk.hs(["add-age-user", public.trim()]).succeeds();
    let run = desk.hs(["rotate-key", "--commit"]).succeeds();
    let named = format!("wrapped the new key for {}", public.trim());
    assert!(run.stderr.contains(&named), "{}", run.stderr);
    assert_eq!(desk.git(&["status", "--porcelain"]), "");
    let clone = desk.sandbox.cloned(&desk.repository);
    desk.sandbox
        .hs(&clone, ["unlock", "--identity", "../me.txt"])
        .succeeds();
    assert_eq!(
        fs::read(clone.join("api.key")).expect("there"),
        b"opensesame\n"
    );
}

/// All changed files, except for the signed and sealed ones of the rotation.
fn changed_files(desk: &Desk) -> String {
    desk.git(&["status", "--porcelain", "--", ":!.git-crypt"])
}

/// An unlocked repository with encrypted files, and its key next to it.
fn desk() -> Desk {
    Desk::with(&[
        ("api.key", "opensesame\n"),
        ("sub/db.key", "hunter2\n"),
        ("empty.key", ""),
    ])
}

#[test]
fn undone_the_old_key_is_known_to_be_exported_still() {
    let desk = desk();
    desk.hs(["rotate-key"]).succeeds();
    desk.hs(["rotate-key", "--abort"]).succeeds();
    // Only the abandoned new key blocks `lock`, since a stash may have been encrypted with it.
    let discard = ["lock", "--discard-key"];
    desk.hs(["lock"]).fails_saying(&["the former key"]);
    desk.hs(discard).succeeds();
    // A key that came from a file exists elsewhere, whatever was rotated and undone since.
    desk.hs(["unlock", "../desk.key"]).succeeds();
    desk.hs(["rotate-key"]).succeeds();
    desk.hs(["rotate-key", "--abort"]).succeeds();
    desk.hs(["lock"]).fails_saying(&["the former key"]);
}

#[test]
fn a_rotation_without_history_goes_on_without_it() {
    for no_history in [true, false] {
        let desk = desk();
        let lock = desk.repository.join(".git/index.lock");
        fs::write(&lock, "").expect("written");
        let arguments: &[&str] = if no_history {
            &["rotate-key", "--no-history"]
        } else {
            &["rotate-key"]
        };
        desk.hs(arguments).fails_saying(&["update-index"]);
        fs::remove_file(&lock).expect("removed");
        desk.hs(["rotate-key", "--continue", "--commit"]).succeeds();
        let sealed = desk.git(&["ls-files", ".git-crypt/hs-secrets/history"]);
        assert_eq!(sealed.is_empty(), no_history, "{sealed}");
        desk.assert_clean();
    }
}
