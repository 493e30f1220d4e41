//! The key store: an unreadable key does not count as missing, a key from another program is noticed, and a key from an older
//! version is adopted.

use std::fs;

use crate::harness::desk::{Desk, read, write};
use crate::harness::sandbox::run;
use crate::lab::{Lab, SECRET};

#[test]
#[ignore = "needs age: tests/run.sh"]
fn one_that_cannot_be_read_is_named_by_every_verb_and_stays() {
    let lab = Lab::new();
    let stored = lab.alice.join(".git/git-crypt/keys/default");
    fs::remove_file(&stored).expect("removed");
    std::os::unix::fs::symlink("/no/such/stick", &stored).expect("a link");
    let reason = ["reading the key", "keys/default"];
    let add = ["add-age-user", &lab.recipient];
    for arguments in [
        &["unlock"][..],
        &["lock"],
        &["rotate-key"],
        &["export-key", "../x"],
        &add,
        &["rm-age-user", "alice"],
    ] {
        lab.hs(arguments).fails_saying(&reason);
        assert!(stored.is_symlink(), "{arguments:?}");
    }
    let short = lab.hs(&["status", "--short"]).text();
    assert!(
        short.contains("is here and can't be used: reading the key"),
        "{short}"
    );
    let listed = lab.hs(&["ls-users"]).succeeds();
    let warned = "of the key `default` nobody is marked as not attested";
    assert!(listed.stderr.contains(warned), "{}", listed.stderr);
    assert!(stored.is_symlink());
    assert_eq!(read(&lab.alice, "web/db.key"), SECRET.as_bytes());
}

#[test]
#[ignore = "needs root and setpriv: tests/run.sh"]
fn one_that_its_user_may_not_read_is_not_taken_for_none() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with(&[("a.key", "opensesame\n")]);
    let top = desk.sandbox.path("");
    // Root may read everything, and other users may not be able to read the build directory.
    let program = top.join("hs-secrets");
    fs::copy(env!("CARGO_BIN_EXE_hs-secrets"), &program).expect("a copy of the program");
    let owner = ["-R".as_ref(), "65534:65534".as_ref(), top.as_os_str()];
    desk.sandbox.run(&top, "chown", owner, b"").succeeds();
    let as_nobody = |arguments: &[&str]| {
        let mut command = desk.sandbox.command(&desk.repository, "setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        command.arg(&program).args(arguments);
        run(command, b"")
    };
    let key = ".git/git-crypt/keys/default";
    let before = desk.read(key);
    for place in [key, ".git/git-crypt/keys"] {
        let place = desk.repository.join(place);
        let mode = fs::metadata(&place).expect("there").permissions();
        let unreadable = fs::Permissions::from_mode(0o000);
        fs::set_permissions(&place, unreadable).expect("ours");
        for verb in [&["unlock", "../desk.key"][..], &["init"], &["rotate-key"]] {
            let told = as_nobody(verb);
            assert_eq!(told.code, 1, "{verb:?}: {}", told.stderr);
        }
        as_nobody(&["unlock", "../desk.key"]).fails_saying(&["keys", "Permission denied"]);
        fs::set_permissions(&place, mode).expect("ours");
        assert_eq!(desk.read(key), before);
    }
    let retired = desk.repository.join(".git/hs-secrets/retired");
    assert!(!retired.exists(), "nothing took its place");
    as_nobody(&["unlock", "../desk.key"]).succeeds();
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn one_that_another_program_has_put_there_is_seen_and_not_taken_over() {
    let desk = Desk::with(&[("a.key", "opensesame\n")]);
    let other = desk.sandbox.encrypted("other", &[("b.key", "hunter2\n")]);
    desk.git(&["fetch", "--quiet", "../other", "main"]);
    desk.hs(["lock"]).succeeds();
    let known = desk.read(".git/hs-secrets/known/default");
    desk.git(&["switch", "--quiet", "--detach", "FETCH_HEAD"]);
    let unlock = ["unlock", "../other.key"];
    desk.sandbox.git_crypt(&desk.repository, unlock).succeeds();
    assert_eq!(desk.read("b.key"), b"hunter2\n");
    let short = desk.hs(["status", "--short"]).text();
    assert!(short.contains("danger: key `default` here is"), "{short}");
    assert!(short.contains("and this clone knows"), "{short}");
    // The foreign key can't be given to anybody, and can't be rotated.
    let index = desk.git(&["ls-files", "--stage"]);
    let somebody = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    for arguments in [
        &["add-age-user", somebody][..],
        &["rotate-key"],
        &["rotate-key", "--commit"],
    ] {
        let told = desk.hs(arguments).fails_saying(&["and this clone knows"]);
        assert!(told.stderr.contains("`unlock KEYFILE`"), "{}", told.stderr);
        assert_eq!(desk.git(&["ls-files", "--stage"]), index, "{arguments:?}");
    }
    desk.hs(["unlock"])
        .fails_saying(&["nothing signed with that says"]);
    // The foreign key was not exported from here. The remembered export is one of the other key.
    desk.hs(["lock"]).fails_saying(&["exists nowhere else"]);
    let told = desk.hs(["lock", "--discard-key"]).succeeds().stderr;
    assert!(told.contains("another program had changed it"), "{told}");
    assert_eq!(desk.read(".git/hs-secrets/known/default"), known);
    desk.hs(["unlock", "../other.key"]).succeeds();
    assert_eq!(desk.hs(["status", "--short"]).text(), "");
    desk.hs(["add-age-user", "--no-commit", somebody])
        .succeeds();
    assert!(other.exists());
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn one_that_an_older_version_has_left_is_adopted_without_a_question() {
    let adopts: [&[&str]; 4] = [
        &["unlock"],
        &["export-key", "../again.key"],
        &["rotate-key", "--commit", "--trust"],
        &["add-age-user"],
    ];
    for arguments in adopts {
        let lab = Lab::new();
        let known = lab.alice.join(".git/hs-secrets");
        fs::remove_dir_all(&known).expect("a memory");
        lab.push_foreign_key("of mallory\n");
        lab.git(&["fetch", "--quiet"]);
        assert_eq!(lab.hs(&["status", "--short"]).text(), "");
        let arguments = match arguments {
            [.., "--trust"] | ["add-age-user"] => [arguments, &[&lab.recipient[..]]].concat(),
            _ => arguments.to_vec(),
        };
        let told = lab.hs(&arguments).succeeds().stderr;
        assert!(!told.contains("the id of key"), "{told}");
        assert!(known.join("known/default").exists(), "{arguments:?}");
        if arguments[0] != "rotate-key" {
            assert_eq!(lab.key(), lab.first_key(), "{arguments:?}");
            lab.hs(&["lock"]).succeeds();
            lab.git(&["reset", "--quiet", "--hard", "origin/main"]);
            lab.hs(&["unlock"])
                .fails_saying(&["nothing signed with that says"]);
        }
    }
}

#[test]
#[ignore = "needs git-crypt and age: tests/run.sh"]
fn one_that_git_crypt_has_made_in_the_place_of_another_is_not_lost() {
    let lab = Lab::new();
    let known = || read(&lab.alice, ".git/hs-secrets/known/default");
    let before = known();
    lab.git(&["rm", "--quiet", "web/db.key"]);
    fs::remove_dir_all(lab.alice.join(".git/git-crypt")).expect("a key store");
    lab.sandbox.git_crypt(&lab.alice, ["init"]).succeeds();
    write(&lab.alice, "web/new.key", b"hunter2\n");
    lab.git(&["add", "web/new.key"]);
    lab.git(&["commit", "--quiet", "-m", "new"]);
    let made = lab.key();
    // Alice's wrapped key is the known one. Neither that nor its export is a copy of the new key.
    for lock in [&["lock"][..], &["lock", "--force"]] {
        lab.hs(lock).fails_saying(&["exists nowhere else"]);
        assert_eq!(lab.key(), made);
    }
    lab.hs(&["export-key", "../made.key"]).succeeds();
    lab.hs(&["lock"]).succeeds();
    assert_eq!(read(&lab.sandbox.path(""), "made.key"), made);
    assert_ne!(
        known(),
        before,
        "it is noted that the other one was exported"
    );
    lab.git(&["reset", "--quiet", "--hard", "origin/main"]);
    lab.hs(&["unlock"]).succeeds();
    assert_eq!(lab.key(), lab.first_key());
}
