//! Anybody who has a key without being attested is named by `status --short` and by the listings, until somebody decides.

use std::fs;

use crate::harness::desk::Desk;
use crate::lab::{Lab, wrapped_file};
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
    // Without the key, attestations can't be checked.
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
    // The state that an older version has left, in a clone that has seen nothing else.
    desk.git(&["rm", "-r", "--quiet", ".git-crypt/hs-secrets"]);
    desk.commit("as before");
    fs::remove_dir_all(desk.repository.join(".git/hs-secrets")).expect("a memory");
    assert_eq!(desk.hs(["status", "--short"]).succeeds().text(), "");
    let listed = desk.hs(["ls-users"]).succeeds().text();
    assert!(!listed.contains("not attested"), "{listed}");
    // The first person who is added begins a list. From then on, people who are not on it are reported.
    let erin = desk.sandbox.new_age_key("erin.txt");
    desk.hs(["add-age-user", "--name", "erin", &erin])
        .succeeds();
    let short = desk.hs(["status", "--short"]).succeeds().text();
    assert!(short.contains(&dave) && !short.contains(&erin), "{short}");
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_list_that_was_seen_and_is_gone_is_told() {
    for with_gitlink in [false, true] {
        let lab = Lab::new();
        lab.mallory(&["rm", "-r", "--quiet", ".git-crypt"]);
        if with_gitlink {
            let head = lab.mallory(&["rev-parse", "HEAD"]).text();
            let link = format!("160000,{},.git-crypt", head.trim());
            lab.mallory(&["update-index", "--add", "--cacheinfo", &link]);
        }
        lab.mallory(&["commit", "--quiet", "-m", "tidy up"]);
        lab.mallory(&["push", "--quiet"]);
        assert_eq!(lab.hs(&["status", "--short"]).succeeds().text(), "");
        lab.git(&["pull", "--quiet"]);
        let told = |lab: &Lab| {
            let short = lab.hs(&["status", "--short"]).text();
            let line = "danger: this clone has seen a list of the holders of key `default`, and it is gone";
            assert!(short.contains(line), "{short}");
            let listed = lab.hs(&["ls-users"]).succeeds().stderr;
            assert!(listed.contains("and it is gone"), "{listed}");
        };
        told(&lab);
        let all = lab.hs(&["status", "--json"]).text();
        assert!(all.contains("\"holders-gone\""), "{all}");
        // A locked clone remembers this as well.
        lab.hs(&["lock", "--discard-key"]).succeeds();
        told(&lab);
        // A branch without secrets has no list, and needs none.
        lab.git(&["checkout", "--quiet", "--orphan", "pages"]);
        lab.git(&["rm", "-r", "--quiet", "--force", "."]);
        assert_eq!(lab.hs(&["status", "--short"]).succeeds().text(), "");
        lab.git(&["checkout", "--quiet", "--force", "main"]);
        // The advice in the message brings the list back.
        lab.git(&[
            "rm",
            "--quiet",
            "--cached",
            "--ignore-unmatch",
            ".git-crypt",
        ]);
        lab.git(&["checkout", "HEAD~", "--", ".git-crypt"]);
        let short = lab.hs(&["status", "--short"]).text();
        assert!(!short.contains("it is gone"), "{short}");
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_name_that_a_pusher_has_written_is_signed_by_nobody() {
    // Next to Alice's wrapped key stands another name than the attested one.
    let lab = Lab::new();
    let beside = wrapped_file(&lab.mallory).with_extension("pub");
    let text = fs::read_to_string(&beside).expect("a public key");
    assert!(text.contains("alice"), "{text}");
    fs::write(&beside, text.replace("alice", "the boss")).expect("ours");
    // Somebody without a name has a wrapped key that opens nothing, and is called "the boss" as well.
    let bob = lab.sandbox.new_age_key("bob.txt");
    lab.push();
    lab.git(&["pull", "--quiet"]);
    let holders = |lab: &Lab| {
        lab.git(&[
            "grep",
            "-h",
            "^name:",
            "--",
            ".git-crypt/hs-secrets/holders",
        ])
    };
    lab.hs(&["add-age-user", &lab.recipient]).succeeds();
    assert_eq!(holders(&lab), "name: alice\n");
    fs::write(
        wrapped_file(&lab.alice).with_extension("pub"),
        text.replace("alice", "the boss"),
    )
    .expect("ours");
    lab.git(&["commit", "--quiet", "--all", "-m", "of mallory"]);
    lab.hs(&["rotate-key", "--commit", "--trust", &lab.recipient])
        .succeeds();
    assert_eq!(holders(&lab), "name: alice\n");
    let listed = lab.hs(&["ls-users"]).succeeds().text();
    assert!(
        listed.contains("alice") && !listed.contains("boss"),
        "{listed}"
    );

    // Nothing about Bob is attested: the name that lies there is ignored, and this is reported.
    lab.hs(&["add-age-user", "--name", "the boss", &bob])
        .succeeds();
    lab.git(&["rm", "-r", "--quiet", ".git-crypt/hs-secrets/holders"]);
    lab.git(&["commit", "--quiet", "-m", "of mallory"]);
    let told = lab.hs(&["add-age-user", &bob]).succeeds().stderr;
    assert!(
        told.contains("the name \"the boss\" that the repository had"),
        "{told}"
    );
    assert_eq!(
        lab.sandbox
            .git(&lab.alice, ["grep", "-e", "boss", "--", ".git-crypt"])
            .text(),
        ""
    );
    lab.hs(&["add-age-user", "--name", "bob", &bob]).succeeds();
    assert_eq!(holders(&lab), "name: bob\n");
}
