//! Whoever has a key without a holder's word is named, by `status --short` and by the listings, until somebody decides.

use crate::harness::desk::Desk;
use crate::team::Team;

#[test]
#[ignore = "needs age: tests/run.sh"]
fn an_unlocked_clone_names_them_until_they_are_added_or_removed() {
    let team = Team::new();
    let carol = team.joined_by("carol");
    let short = |arguments: &[&str]| {
        let arguments = [&["status"], arguments].concat();
        team.hs(&arguments).succeeds().text()
    };
    assert_eq!(short(&["--short"]), "");
    let mallory = team.sandbox.new_age_key("mallory.txt");
    let pusher = team.clone_of("Mallory");
    team.smuggle_in(&pusher, &mallory);
    team.pull(&team.admin);
    let told = short(&["--short"]);
    assert!(told.contains("key `default` is wrapped for"), "{told}");
    assert!(told.contains(&mallory) && !told.contains(&carol), "{told}");
    for verb in ["rotate-key", "add-age-user", "rm-age-user"] {
        assert!(told.contains(&format!("`{verb}`")), "{told}");
    }
    assert!(short(&["--json"]).contains("\"not-attested\""));
    // Without the key nobody can tell.
    let locked = team.sandbox.hs(&pusher, ["status", "--short"]).text();
    assert!(!locked.contains("wrapped for"), "{locked}");

    let add = ["add-age-user", &mallory];
    team.hs(&add).succeeds();
    assert_eq!(short(&["--short"]), "");
    team.git(&team.admin, &["reset", "--quiet", "--hard", "HEAD~1"]);
    assert!(short(&["--short"]).contains(&mallory));
    team.hs(&["rm-age-user", "alice (new laptop)"]).succeeds();
    assert_eq!(short(&["--short"]), "");
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_repository_without_a_list_is_as_it_was_before_there_were_any() {
    let desk = Desk::with(&[("a.key", "opensesame\n")]);
    let dave = desk.sandbox.new_age_key("dave.txt");
    desk.hs(["add-age-user", "--name", "dave", &dave])
        .succeeds();
    // As an older version has left it, in a clone that has seen nothing else.
    desk.git(&["rm", "-r", "--quiet", ".git-crypt/hs-secrets"]);
    desk.commit("as before");
    std::fs::remove_dir_all(desk.repository.join(".git/hs-secrets")).expect("a memory");
    assert_eq!(desk.hs(["status", "--short"]).succeeds().text(), "");
    let listed = desk.hs(["ls-users"]).succeeds().text();
    assert!(!listed.contains("not attested"), "{listed}");
    // The first who is added begins a list, and then it says who is not on it.
    let erin = desk.sandbox.new_age_key("erin.txt");
    desk.hs(["add-age-user", "--name", "erin", &erin])
        .succeeds();
    let short = desk.hs(["status", "--short"]).succeeds().text();
    assert!(short.contains(&dave) && !short.contains(&erin), "{short}");
}
