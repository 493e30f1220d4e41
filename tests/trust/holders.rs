//! Holders of a key: attested when they are added, and merged without help.

use crate::harness::desk::read;
use crate::team::{HOLDERS, KEYS, SECRET, Team};

#[test]
#[ignore = "needs age: tests/run.sh"]
fn two_branches_that_each_add_a_holder_merge_by_themselves() {
    let team = Team::new();
    team.joined_by("alice");
    let other = team.unlocked_clone_of("alice");
    let bob = team.sandbox.new_age_key("bob.txt");
    team.sandbox
        .hs(&other, ["add-age-user", "--name", "bob", &bob])
        .succeeds();
    team.joined_by("carol");
    team.pull(&other);
    team.push(&other);
    team.pull(&team.admin);
    for name in ["alice", "bob", "carol"] {
        let clone = team.unlocked_clone_of(name);
        assert_eq!(read(&clone, "api.key"), SECRET);
        let listed = team.sandbox.hs(&clone, ["ls-users"]).succeeds().text();
        assert!(!listed.contains("not attested"), "{listed}");
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_newcomer_of_one_branch_is_locked_out_by_the_rotation_of_another_and_added_again() {
    let team = Team::new();
    team.joined_by("alice");
    let other = team.unlocked_clone_of("alice");
    let bob = team.sandbox.new_age_key("bob.txt");
    let add = ["add-age-user", "--name", "bob", &bob];
    team.sandbox.hs(&other, add).succeeds();
    team.git(&other, &["push", "--quiet", "origin", "main:newcomer"]);
    let at_work = team.clone_of("bob");
    team.git(&at_work, &["switch", "--quiet", "newcomer"]);
    team.hs(&["rotate-key", "--commit"]).succeeds();
    team.git(&team.admin, &["fetch", "--quiet"]);
    let merge = ["merge", "--quiet", "--no-edit", "origin/newcomer"];
    team.git(&team.admin, &merge);
    team.push(&team.admin);
    // Bob is told so, and who can repair it, both in a fresh clone and in the clone that he works in.
    let clone = team.clone_of("bob");
    let told = team.unlock(&clone, "bob");
    let told = told.fails_saying(&["the key wrapped for you", "was rotated out"]);
    assert!(told.stderr.contains("adds you again: `add-age-user`"));
    team.unlock(&at_work, "bob").succeeds();
    team.git(&at_work, &["fetch", "--quiet"]);
    let reset = ["reset", "--quiet", "--soft", "origin/main"];
    team.git(&at_work, &reset);
    let indexed = ["read-tree", "HEAD"];
    team.git(&at_work, &indexed);
    let told = team.unlock(&at_work, "bob");
    let told = told.fails_saying(&["are encrypted with the key after"]);
    assert!(told.stderr.contains("a colleague who has it adds you"));
    let short = team.sandbox.hs(&at_work, ["status", "--short"]).text();
    assert!(
        short.contains("key `default` here was rotated out"),
        "{short}"
    );
    assert!(short.contains("`add-age-user`"), "{short}");
    let listed = team.hs(&["ls-users"]).succeeds().text();
    for line in listed.lines().skip(1) {
        let is_marked = line.contains("not attested");
        assert_eq!(is_marked, line.contains(&bob), "{listed}");
    }
    team.hs(&add).succeeds();
    team.push(&team.admin);
    let clone = team.unlocked_clone_of("bob");
    assert_eq!(read(&clone, "api.key"), SECRET);
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn the_list_is_text_that_people_can_read_and_tombstones_say_when() {
    let team = Team::new();
    let alice = team.joined_by("alice");
    let listed = team.git(&team.admin, &["ls-files", HOLDERS]);
    let path = listed.trim();
    let statement = || String::from_utf8(read(&team.admin, path)).expect("text");
    let lines = format!("holder: {alice}\nname: alice\nsince: 20");
    assert!(statement().starts_with("hs-secrets holder v1\nkey: default\n"));
    assert!(statement().contains(&lines), "{}", statement());
    team.hs(&["rm-age-user", "alice"]).succeeds();
    assert!(statement().starts_with("hs-secrets removal v1\n"));
    assert_eq!(team.git(&team.admin, &["ls-files", KEYS]), "");
    assert_eq!(team.git(&team.admin, &["status", "--porcelain"]), "");
    // Even if both happen within a second, the later statement counts.
    team.hs(&["add-age-user", &alice]).succeeds();
    let listed = team.hs(&["ls-users"]).succeeds().text();
    assert!(
        listed.contains(&alice) && !listed.contains("not attested"),
        "{listed}"
    );
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn who_is_removed_in_a_locked_clone_stays_until_that_can_be_signed() {
    let team = Team::new();
    let bob = team.joined_by("bob");
    let before = team.git(&team.admin, &["rev-parse", "HEAD"]);
    team.hs(&["lock"]).succeeds();
    let remove = ["rm-age-user", "bob"];
    let told = team.hs(&remove);
    let told = told.fails_saying(&["the key `default` is not here", "signed"]);
    assert!(told.stderr.contains("`unlock`, then remove them again"));
    assert_eq!(team.git(&team.admin, &["status", "--porcelain"]), "");
    assert_eq!(team.git(&team.admin, &["rev-parse", "HEAD"]), before);
    assert!(team.hs(&["ls-users"]).text().contains(&bob));
    team.hs(&["unlock", "../lab.key"]).succeeds();
    team.hs(&remove).succeeds();
    let listed = team.git(&team.admin, &["ls-files", HOLDERS]);
    let statement = String::from_utf8(read(&team.admin, listed.trim())).expect("text");
    assert!(statement.starts_with("hs-secrets removal v1\n"));
}
