//! A key that somebody without the right key has pushed does not replace any key.

use crate::harness::desk::{read, write};
use crate::lab::{Lab, SECRET};

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn fetched_and_unlocked_an_unlocked_clone_keeps_its_key() {
    let lab = Lab::new();
    // Mallory knows the plaintext, since she once was a collaborator.
    lab.push_foreign_key(SECRET);
    lab.git(&["fetch", "--quiet"]);
    let told = lab.hs(&["unlock"]).succeeds().stderr;
    assert!(told.contains("stays as it is"), "{told}");
    assert!(!told.contains("--new-key"), "{told}");
    assert_eq!(lab.key(), lab.first_key());
    // The attacker can't read the file that Alice adds next.
    write(&lab.alice, "next.key", b"of alice\n");
    lab.git(&["add", "."]);
    let blob = lab.git_blob(":next.key");
    lab.assert_opened_by("../first.key", &blob, "of alice\n");
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn pulled_into_a_locked_clone_a_foreign_key_is_refused() {
    for agree in [&["unlock"][..], &["unlock", "--accept-rotation"]] {
        let lab = Lab::new();
        lab.hs(&["lock"]).succeeds();
        lab.push_foreign_key("of mallory\n");
        lab.git(&["pull", "--quiet"]);
        let told = lab
            .hs(agree)
            .fails_saying(&["nothing signed with that says"])
            .stderr;
        assert!(!told.contains("--new-key"), "{told}");
        assert!(!lab.alice.join(".git/git-crypt/keys/default").exists());
        assert!(read(&lab.alice, "web/db.key").starts_with(b"\0GITCRYPT\0"));
    }
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_clone_that_an_older_version_unlocked_adopts_its_key_when_it_is_locked() {
    let lab = Lab::new();
    std::fs::remove_dir_all(lab.alice.join(".git/hs-secrets")).expect("a memory");
    lab.hs(&["lock"]).succeeds();
    lab.push_foreign_key("of mallory\n");
    lab.git(&["pull", "--quiet"]);
    lab.hs(&["unlock"])
        .fails_saying(&["nothing signed with that says"]);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn her_user_can_say_that_a_key_was_changed() {
    let lab = Lab::new();
    lab.hs(&["lock"]).succeeds();
    let foreign = lab.push_foreign_key("changed\n");
    lab.git(&["pull", "--quiet"]);
    lab.hs(&["unlock", "--new-key"]).succeeds();
    assert_eq!(lab.key(), foreign);
    assert_eq!(read(&lab.alice, "web/db.key"), b"changed\n");
    // The earlier key does not come back if it is pushed again.
    lab.hs(&["unlock", "../first.key"])
        .fails_saying(&["was rotated out"]);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn by_hand_the_key_decides() {
    let lab = Lab::new();
    lab.hs(&["lock"]).succeeds();
    lab.push_foreign_key("changed\n");
    lab.git(&["pull", "--quiet"]);
    lab.hs(&["unlock", "../foreign.key"]).succeeds();
    assert_eq!(read(&lab.alice, "web/db.key"), b"changed\n");
}
