//! `rotate-key` wraps the new key for nobody whom its user has not accepted.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::harness::desk::{MAGIC, read, write};
use crate::harness::gnupg::GnupgHome;
use crate::harness::pty::run_answering;
use crate::team::{HOLDERS, KEYS, SECRET, Team};

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_recipient_that_a_pusher_smuggled_in_is_asked_about_before_anything_happens() {
    let team = Team::new();
    let carol = team.joined_by("carol");
    let mallory = team.sandbox.new_age_key("mallory.txt");
    team.smuggle_in(&team.clone_of("Mallory"), &mallory);
    team.pull(&team.admin);
    let before = team.state();

    let run = team.hs(&["rotate-key", "--commit"]);
    let told = run
        .fails_saying(&["whom this clone has not accepted", &mallory])
        .stderr;
    let commit = team.git(&team.admin, &["rev-parse", "HEAD"]);
    for part in [
        "alice (new laptop)",
        "not attested",
        &format!("since commit {}", &commit[..12]),
        "\"Mallory <x@example.org>\", unsigned: anybody can write this name",
        "\"alice (new laptop)\" (unproven) age1",
        "rotate-key --trust ID",
    ] {
        assert!(told.contains(part), "`{part}` is not in {told}");
    }
    assert!(!told.contains(&carol), "{told}");
    assert_eq!(team.state(), before);
    // A name, or a part of a key, is not enough to vouch for somebody.
    for wrong in [&carol, &mallory[..20], "alice (new laptop)"] {
        team.hs(&["rotate-key", "--trust", wrong]).ends_with(1);
        assert_eq!(team.state(), before);
    }
    let asked = |answer| {
        let answers = [("wrap the new key for this collaborator too?", answer)];
        run_answering(
            &team.sandbox,
            &team.admin,
            "hs-secrets rotate-key",
            &answers,
        )
    };
    asked("n").fails_saying(&["nothing was changed"]);
    assert_eq!(team.state(), before);

    team.hs(&["rm-age-user", "alice (new laptop)"]).succeeds();
    team.hs(&["rotate-key", "--commit"]).succeeds();
    team.push(&team.admin);
    let clone = team.clone_of("Mallory");
    assert_ne!(team.unlock(&clone, "mallory").code, 0);
    team.unlock(&clone, "carol").succeeds();
    assert_eq!(read(&clone, "api.key"), SECRET);
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn what_a_pusher_writes_for_a_name_seems_to_say_nothing_else() {
    let team = Team::new();
    team.joined_by("carol");
    let mallory = team.sandbox.new_age_key("mallory.txt");
    let clone = team.clone_of("Mallory\", signed by \"Tester");
    let forged = "alice\" age1alice, attested by a holder of the key, since 2024 \u{ad}\u{3164}";
    team.smuggle_in_as(&clone, &mallory, forged);
    team.pull(&team.admin);
    let shown =
        r#""alice\" age1alice, attested by a holder of the key, since 2024" (unproven) age1"#;
    let status = team.hs(&["status", "--short"]).succeeds().text();
    assert!(status.contains(shown), "{status}");
    let told = team.hs(&["rotate-key"]).ends_with(1).stderr;
    let lines = told.lines().filter(|line| line.contains(shown));
    assert_eq!(lines.count(), 2, "{told}");
    let author = r#"by "Mallory\", signed by \"Tester <x@example.org>", unsigned"#;
    assert!(told.contains(author), "{told}");
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn of_many_strangers_the_first_few_are_named() {
    let team = Team::new();
    let clone = team.clone_of("Mallory");
    for number in 0..40 {
        let path = format!("{KEYS}/{number:040}.age");
        write(&clone, &path, b"whatever it may be\n");
    }
    team.git(&clone, &["add", "."]);
    team.git(&clone, &["commit", "--quiet", "-m", "tidied up"]);
    team.push(&clone);
    team.pull(&team.admin);
    team.hs(&["add-age-user", &team.sandbox.new_age_key("carol.txt")])
        .succeeds();
    let status = team.hs(&["status", "--short"]).succeeds().text();
    assert!(status.contains(" and 35 more without"), "{status}");
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn whom_an_undone_rotation_was_to_accept_is_asked_about_again() {
    let team = Team::new();
    team.joined_by("carol");
    let mallory = team.sandbox.new_age_key("mallory.txt");
    team.smuggle_in(&team.clone_of("Mallory"), &mallory);
    team.pull(&team.admin);
    let before = team.state();
    team.hs(&["rotate-key", "--trust", &mallory]).succeeds();
    team.hs(&["rotate-key", "--abort"]).succeeds();
    team.hs(&["rotate-key"])
        .fails_saying(&["whom this clone has not accepted", &mallory]);
    let known = ".git/hs-secrets/known/default";
    let remembered = String::from_utf8(read(&team.admin, known)).expect("text");
    assert!(!remembered.contains(&mallory), "{remembered}");
    assert!(String::from_utf8_lossy(&before).contains(&remembered));
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn what_was_wrapped_for_a_holder_and_is_taken_away_is_told_and_given_back_or_signed() {
    for by_link in [false, true] {
        let team = Team::new();
        let carol = team.joined_by("carol");
        team.joined_by("dave");
        let clone = team.clone_of("Mallory");
        team.git(&clone, &["rm", "-r", "--quiet", ".git-crypt/keys"]);
        if by_link {
            fs::create_dir_all(clone.join(".git-crypt/keys")).expect("made");
            symlink("/etc", clone.join(".git-crypt/keys/default")).expect("a link");
        }
        team.git(&clone, &["add", "--all"]);
        team.git(&clone, &["commit", "--quiet", "-m", "tidied up"]);
        team.push(&clone);
        team.pull(&team.admin);
        let before = team.state();

        let both = ["wrapped for them no more", "carol age1", "dave age1"];
        let short = team.hs(&["status", "--short"]).succeeds().text();
        let listed = team.hs(&["ls-users"]).succeeds().stderr;
        for part in both {
            assert!(short.contains(part), "{part}: {short}");
            assert!(listed.contains(part), "{part}: {listed}");
        }
        let rotation = team.hs(&["rotate-key", "--commit"]);
        let rotation = rotation.fails_saying(&["wrapped no more for people", "carol age1"]);
        assert!(rotation.stderr.contains("rm-age-user"));
        assert_eq!(team.state(), before);
        if by_link {
            team.hs(&["add-age-user", &carol]).fails_saying(&["link"]);
            assert_eq!(team.state(), before);
            let commit = ["checkout", "--quiet", "HEAD~", "--", ".git-crypt"];
            team.git(&team.admin, &["rm", "--quiet", ".git-crypt/keys/default"]);
            team.git(&team.admin, &commit);
        } else {
            team.hs(&["add-age-user", &carol]).succeeds();
            team.hs(&["rm-age-user", "dave"]).succeeds();
        }
        let short = team.hs(&["status", "--short"]).succeeds().text();
        assert!(!short.contains("no more"), "{short}");
        team.hs(&["rotate-key"]).succeeds();
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn who_takes_the_statements_away_too_hides_nobody() {
    for with_own_list in [false, true] {
        let team = Team::new();
        team.joined_by("carol");
        team.joined_by("dave");
        let clone = team.clone_of("Mallory");
        team.git(&clone, &["rm", "-r", "--quiet", ".git-crypt"]);
        if with_own_list {
            // Statements that are signed by another key.
            let own = team.sandbox.encrypted("own", &[("api.key", "x")]);
            let mallory = team.sandbox.new_age_key("mallory.txt");
            team.sandbox.hs(&own, ["add-age-user", &mallory]).succeeds();
            let list = own.join(HOLDERS);
            fs::create_dir_all(clone.join(HOLDERS)).expect("a folder");
            for file in fs::read_dir(list).expect("statements") {
                let file = file.expect("a file");
                let place = clone.join(HOLDERS).join(file.file_name());
                fs::copy(file.path(), place).expect("copied");
            }
        }
        team.git(&clone, &["add", "--all"]);
        team.git(&clone, &["commit", "--quiet", "-m", "tidied up"]);
        team.push(&clone);
        team.pull(&team.admin);
        let fresh = team.clone_of("fresh");
        team.sandbox.hs(&fresh, ["unlock", "../lab.key"]).succeeds();
        for place in [&team.admin, &fresh] {
            let short = team.sandbox.hs(place, ["status", "--short"]).text();
            assert!(short.contains("wrapped for them no more"), "{short}");
            let rotation = team.sandbox.hs(place, ["rotate-key", "--commit"]);
            assert_eq!(rotation.code, 1, "{}", rotation.stderr);
        }
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn an_unsettled_merge_of_holders_is_settled_by_its_user() {
    let team = Team::new();
    team.joined_by("bob");
    team.joined_by("carol");
    let dora = team.unlocked_clone_of("carol");
    team.sandbox.hs(&dora, ["rm-age-user", "bob"]).succeeds();
    team.push(&dora);
    team.hs(&["rotate-key", "--commit"]).succeeds();
    let pull = ["pull", "--quiet", "--no-rebase", "--no-edit"];
    assert_ne!(team.sandbox.git(&team.admin, pull).code, 0);
    let conflicts = team.git(&team.admin, &["ls-files", "--unmerged"]);
    team.hs(&["rotate-key"]).fails_saying(&["is in conflict"]);
    let after = team.git(&team.admin, &["ls-files", "--unmerged"]);
    assert_eq!(after, conflicts);
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn while_a_rotation_is_not_committed_nobody_is_added_or_removed() {
    let team = Team::new();
    team.joined_by("carol");
    let dave = team.sandbox.new_age_key("dave.txt");
    team.hs(&["rotate-key"]).succeeds();
    for verb in [&["add-age-user", &dave][..], &["rm-age-user", "carol"]] {
        let told = team.hs(verb).fails_saying(&["is under way"]).stderr;
        assert!(told.contains("`git commit` what it has staged"), "{told}");
    }
    team.git(&team.admin, &["commit", "--quiet", "-m", "rotated"]);
    team.hs(&["add-age-user", &dave]).succeeds();
    team.hs(&["rm-age-user", "carol"]).succeeds();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_rotation_is_undone_and_finished_where_it_was_begun() {
    let team = Team::new();
    team.joined_by("carol");
    let add = ["worktree", "add", "--quiet", "-b", "other", "../linked"];
    team.git(&team.admin, &add);
    let linked = team.sandbox.path("linked");
    team.hs(&["rotate-key"]).succeeds();
    let staged = team.git(&team.admin, &["ls-files", "--stage"]);
    for option in ["--abort", "--continue"] {
        let elsewhere = team.sandbox.hs(&linked, ["rotate-key", option]);
        elsewhere.fails_saying(&["was begun in another work tree", "/lab/.git"]);
    }
    assert_eq!(team.git(&team.admin, &["ls-files", "--stage"]), staged);
    team.hs(&["rotate-key", "--abort"]).succeeds();
    assert_eq!(team.git(&team.admin, &["status", "--porcelain"]), "");
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn whom_its_user_vouches_for_gets_the_key_and_is_not_asked_about_again() {
    let team = Team::new();
    let dave = team.sandbox.new_age_key("dave.txt");
    team.smuggle_in(&team.clone_of("Dave"), &dave);
    team.pull(&team.admin);
    let answers = [("wrap the new key for this collaborator too?", "y")];
    run_answering(
        &team.sandbox,
        &team.admin,
        "hs-secrets rotate-key --commit",
        &answers,
    )
    .succeeds();
    team.hs(&["rotate-key", "--commit"]).succeeds();
    team.push(&team.admin);
    let clone = team.unlocked_clone_of("dave");
    assert_eq!(read(&clone, "api.key"), SECRET);
    // A fresh clone has accepted nobody, so its user is shown everybody.
    let run = team.sandbox.hs(&clone, ["rotate-key"]);
    run.fails_saying(&["has not accepted", &dave]);
    team.sandbox
        .hs(&clone, ["rotate-key", "--trust", &dave])
        .succeeds();
}

#[test]
#[ignore = "needs age and GPG: tests/run.sh"]
fn somebody_whose_gpg_key_is_in_the_keyring_is_asked_about_too() {
    let team = Team::new();
    let (gnupg, theirs) = (GnupgHome::new(), GnupgHome::new());
    gnupg.new_key(&team.sandbox, "Alice <alice@example.org>");
    let mallory = theirs.new_key(&team.sandbox, "Mallory <mallory@example.org>");
    gnupg.import_from(&team.sandbox, &theirs, "Mallory");
    let hs = |arguments: &[&str]| gnupg.hs(&team.sandbox, &team.admin, arguments);
    hs(&["add-gpg-user", "Alice"]).succeeds();
    team.push(&team.admin);
    let clone = team.clone_of("Mallory");
    write(
        &clone,
        &format!("{KEYS}/{mallory}.gpg"),
        b"whatever it may be",
    );
    team.git(&clone, &["add", "."]);
    team.git(&clone, &["commit", "--quiet", "-m", "tidied up"]);
    team.push(&clone);
    team.pull(&team.admin);
    let before = team.state();
    hs(&["rotate-key"]).fails_saying(&["has not accepted", &mallory]);
    assert_eq!(team.state(), before);
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_friend_whom_a_removed_collaborator_attests_is_asked_about() {
    let team = Team::new();
    team.joined_by("bob");
    let bobs = team.unlocked_clone_of("bob");
    team.hs(&["rm-age-user", "bob"]).succeeds();
    team.push(&team.admin);
    // Bob still has the key and may push.
    let friend = team.sandbox.new_age_key("friend.txt");
    let add = ["add-age-user", "--name", "carol", &friend];
    team.sandbox.hs(&bobs, add).succeeds();
    team.pull(&bobs);
    team.push(&bobs);
    team.pull(&team.admin);
    let before = team.state();
    let told = team
        .hs(&["rotate-key"])
        .fails_saying(&["has not accepted", &friend])
        .stderr;
    assert!(told.contains("attested by a holder of the key"), "{told}");
    assert!(told.contains("bob <x@example.org>\", unsigned"), "{told}");
    assert_eq!(team.state(), before);
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_removed_collaborator_who_is_put_back_is_not_attested_and_asked_about() {
    let team = Team::new();
    let bob = team.joined_by("bob");
    team.joined_by("carol");
    team.hs(&["rm-age-user", "bob"]).succeeds();
    team.push(&team.admin);
    let listed = team.hs(&["ls-users"]).succeeds().text();
    assert!(!listed.contains("not attested"), "{listed}");
    let clone = team.clone_of("Mallory");
    let put_back = ["checkout", "--quiet", "HEAD~1", "--", KEYS, HOLDERS];
    team.git(&clone, &put_back);
    team.git(&clone, &["commit", "--quiet", "-m", "tidied up"]);
    team.push(&clone);
    for (place, forgets) in [(team.admin.clone(), false), (team.clone_of("carol"), true)] {
        if forgets {
            team.unlock(&place, "carol").succeeds();
        } else {
            team.pull(&place);
        }
        let listed = team.sandbox.hs(&place, ["ls-users"]).succeeds().text();
        for line in listed.lines().skip(1) {
            let is_marked = line.contains("not attested");
            assert_eq!(is_marked, line.contains(&bob), "{listed}");
        }
        let told = team.sandbox.hs(&place, ["rotate-key"]);
        let told = told.fails_saying(&["has not accepted", &bob]).stderr;
        assert!(told.contains("not attested, removed on 20"), "{told}");
    }
    // In a shallow clone, nobody can see the removal.
    let origin = format!("file://{}", team.sandbox.path("origin.git").display());
    let top = team.sandbox.path("");
    let shallow = ["clone", "--quiet", "--depth=1", &origin, "shallow"];
    team.git(&top, &shallow);
    let shallow = team.sandbox.path("shallow");
    team.unlock(&shallow, "carol").succeeds();
    for verb in ["ls-users", "rotate-key"] {
        let told = team.sandbox.hs(&shallow, [verb]).stderr;
        assert!(told.contains("this is a shallow clone"), "{verb}: {told}");
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn a_list_of_holders_that_is_gone_stops_a_rotation() {
    let team = Team::new();
    team.joined_by("carol");
    let clone = team.clone_of("Mallory");
    team.git(&clone, &["rm", "-r", "--quiet", ".git-crypt/hs-secrets"]);
    team.git(&clone, &["commit", "--quiet", "-m", "tidied up"]);
    team.push(&clone);
    team.pull(&team.admin);
    let before = team.state();
    let run = team.hs(&["rotate-key"]);
    run.fails_saying(&["the list of those who hold key `default` is gone"]);
    assert_eq!(team.state(), before);
    let bring_back = [
        "checkout",
        "--quiet",
        "HEAD~1",
        "--",
        ".git-crypt/hs-secrets",
    ];
    team.git(&team.admin, &bring_back);
    team.hs(&["rotate-key"]).succeeds();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn who_was_accepted_and_is_gone_is_shown() {
    let team = Team::new();
    let carol = team.joined_by("carol");
    team.joined_by("dave");
    let clone = team.unlocked_clone_of("dave");
    let remove = ["rm-age-user", "carol"];
    team.sandbox.hs(&clone, remove).succeeds();
    team.push(&clone);
    team.pull(&team.admin);
    let told = team.hs(&["rotate-key"]).succeeds().stderr;
    let line = format!("accepted before, and no collaborator any more: {carol}");
    assert!(told.contains(&line), "{told}");
}

#[test]
#[ignore = "needs GPG, age and git-crypt: tests/run.sh"]
fn users_of_git_crypt_go_on_before_and_after_a_rotation() {
    let team = Team::new();
    let gnupg = GnupgHome::new();
    let alice = gnupg.new_key(&team.sandbox, "Alice <alice@example.org>");
    let bob = gnupg.new_key(&team.sandbox, "Bob <bob@example.org>");
    let run = |place: &Path, program: &str, arguments: &[&str]| {
        gnupg.run(&team.sandbox, place, program, arguments)
    };
    run(&team.admin, "hs-secrets", &["add-gpg-user", "Alice"]).succeeds();
    team.push(&team.admin);
    // A colleague adds another user with git-crypt.
    let colleague = team.clone_of("colleague");
    run(&colleague, "git-crypt", &["unlock"]).succeeds();
    run(&colleague, "git-crypt", &["add-gpg-user", "Bob"]).succeeds();
    team.push(&colleague);
    team.pull(&team.admin);
    let listed = run(&team.admin, "hs-secrets", &["ls-users"])
        .succeeds()
        .text();
    for line in listed.lines().skip(1) {
        assert_eq!(
            line.contains("not attested"),
            line.contains(&bob),
            "{listed}"
        );
    }
    let told = run(&team.admin, "hs-secrets", &["rotate-key"])
        .fails_saying(&["has not accepted", &bob])
        .stderr;
    assert!(
        told.contains("--trust ID") && !told.contains(&alice),
        "{told}"
    );
    let trust = ["rotate-key", "--commit", "--trust", &bob.to_lowercase()];
    run(&team.admin, "hs-secrets", &trust).succeeds();
    team.push(&team.admin);
    for program in ["git-crypt", "hs-secrets"] {
        let clone = team.clone_of("anybody");
        run(&clone, program, &["unlock"]).succeeds();
        assert_eq!(read(&clone, "api.key"), SECRET);
    }
    run(&colleague, "git-crypt", &["lock"]).succeeds();
    assert!(read(&colleague, "api.key").starts_with(MAGIC));
    team.pull(&colleague);
    run(&colleague, "git-crypt", &["unlock"]).succeeds();
    assert_eq!(read(&colleague, "api.key"), SECRET);
}
