//! Holders of a key: attested when they are added, merged without anybody's help.

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
        let listed = team.sandbox.hs(&clone, ["ls-age-users"]).succeeds().text();
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
    team.hs(&["rotate-key", "--commit"]).succeeds();
    team.git(&team.admin, &["fetch", "--quiet"]);
    let merge = ["merge", "--quiet", "--no-edit", "origin/newcomer"];
    team.git(&team.admin, &merge);
    team.push(&team.admin);
    let clone = team.clone_of("bob");
    assert_ne!(team.unlock(&clone, "bob").code, 0);
    let listed = team.hs(&["ls-age-users"]).succeeds().text();
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
    // Added again within the second, the later statement counts.
    team.hs(&["add-age-user", &alice]).succeeds();
    let listed = team.hs(&["ls-age-users"]).succeeds().text();
    assert!(
        listed.contains(&alice) && !listed.contains("not attested"),
        "{listed}"
    );
}
