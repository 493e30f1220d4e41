//! A fresh clone trusts the key that opens it, prints the key's id, and can be told which id is expected.

use crate::harness::desk::read;
use crate::lab::{Lab, SECRET};

/// The key id in the output of the first `unlock`.
fn id_in(told: &str) -> String {
    let (_, rest) = told.split_once("the id of key `default` is ").expect(told);
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn the_id_is_said_once_and_can_be_pinned() {
    let lab = Lab::new();
    let clone = lab.fresh();
    let told = lab.sandbox.hs(&clone, ["unlock"]).succeeds().stderr;
    let id = id_in(&told);
    assert_eq!(id.len(), 32, "{told}");
    let told = lab.sandbox.hs(&clone, ["unlock"]).succeeds().stderr;
    assert!(!told.contains(&id), "{told}");

    let pinned = lab.fresh();
    let other = "0123456789abcdef0123456789abcdef";
    let run = lab.sandbox.hs(&pinned, ["unlock", "--key-id", other]);
    run.fails_saying(&[&id, other]);
    assert!(!pinned.join(".git/git-crypt/keys/default").exists());
    let run = lab
        .sandbox
        .hs(&pinned, ["unlock", "--key-id", other, "../first.key"]);
    run.fails_saying(&[&id, other]);
    lab.sandbox
        .hs(&pinned, ["unlock", "--key-id", &id])
        .succeeds();
    assert_eq!(read(&pinned, "web/db.key"), SECRET.as_bytes());
    lab.sandbox
        .hs(&pinned, ["unlock", "--key-id", "12"])
        .ends_with(2);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn what_is_pinned_keeps_a_foreign_key_out_of_a_fresh_clone() {
    let lab = Lab::new();
    let id = id_in(&lab.sandbox.hs(&lab.fresh(), ["unlock"]).succeeds().stderr);
    lab.push_foreign_key("of mallory\n");
    let clone = lab.fresh();
    let run = lab.sandbox.hs(&clone, ["unlock", "--key-id", &id]);
    run.fails_saying(&[&id]);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn without_an_index_a_wrong_key_is_found_out_by_the_last_commit() {
    let lab = Lab::new();
    let top = lab.sandbox.path("");
    lab.sandbox.hs(&top, ["keygen", "wrong.key"]).succeeds();
    let hub = lab.sandbox.path("hub.git");
    let hub = lab.sandbox.url_of_partial_clones(&hub);
    for (name, options) in [
        ("bare-n", &["-n"][..]),
        ("sparse", &["--filter=blob:none", "--sparse"]),
    ] {
        let clone = [&["clone", "--quiet"], options, &[&hub, name]].concat();
        lab.sandbox.git(&top, clone).succeeds();
        let place = lab.sandbox.path(name);
        lab.sandbox
            .hs(&place, ["unlock", "../wrong.key"])
            .fails_saying(&["wrong key"]);
        assert!(
            !place.join(".git/git-crypt/keys/default").exists(),
            "{name}"
        );
        lab.sandbox
            .hs(&place, ["unlock", "../first.key"])
            .succeeds();
    }
}
