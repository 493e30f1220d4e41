//! Files that somebody without a key has pushed into the place of others: nothing is lost by them.

use std::fs;
use std::os::unix::fs::symlink;

use crate::harness::desk::{MAGIC, read, write};
use crate::harness::gnupg::GnupgHome;
use crate::harness::sandbox::Sandbox;
use crate::team::{HOLDERS, KEYS, SECRET, Team};

#[test]
#[ignore = "needs age: tests/run.sh"]
fn attributes_that_encrypt_wrapped_keys_are_told_before_a_key_is_wrapped() {
    let team = Team::new();
    team.joined_by("carol");
    let clone = team.clone_of("Mallory");
    let attributes = ".git-crypt/.gitattributes";
    write(&clone, attributes, b"*.age filter=git-crypt\n");
    team.git(&clone, &["commit", "--quiet", "--all", "-m", "tidied up"]);
    team.push(&clone);
    team.pull(&team.admin);
    let before = team.state();
    let bob = team.sandbox.new_age_key("bob.txt");
    for verb in [&["add-age-user", &bob][..], &["rotate-key", "--commit"]] {
        team.hs(verb).fails_saying(&[".age would be encrypted"]);
        assert_eq!(team.state(), before, "{verb:?}");
    }
    let short = team.hs(&["status", "--short"]).ends_with(1).text();
    assert!(short.contains("nobody can open it then"), "{short}");
    // Once the file is removed, everything works again.
    team.git(
        &team.admin,
        &["checkout", "--quiet", "HEAD~1", "--", attributes],
    );
    team.git(&team.admin, &["commit", "--quiet", "-m", "as it was"]);
    team.hs(&["add-age-user", "--name", "bob", &bob]).succeeds();
    let wrapped = team.git(&team.admin, &["ls-files", "*.age"]);
    for path in wrapped.lines() {
        assert!(!read(&team.admin, path).starts_with(MAGIC), "{path}");
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn who_can_not_be_added_or_removed_for_a_planted_link_leaves_everything_as_it_was() {
    let team = Team::new();
    team.joined_by("carol");
    let bob = team.sandbox.new_age_key("bob.txt");
    let clone = team.clone_of("Mallory");
    for planted in [
        ".git-crypt/hs-secrets",
        HOLDERS,
        ".git-crypt/.gitattributes",
    ] {
        team.git(&clone, &["rm", "-r", "--quiet", "--cached", planted]);
        let place = clone.join(planted);
        let _ = fs::remove_dir_all(&place).or_else(|_| fs::remove_file(&place));
        symlink("/tmp", &place).expect("a link");
        team.git(&clone, &["add", "--all"]);
        team.git(&clone, &["commit", "--quiet", "-m", "tidied up"]);
        team.push(&clone);
        team.pull(&team.admin);
        let before = team.state();
        for verb in [&["add-age-user", &bob][..], &["rm-age-user", "carol"]] {
            team.hs(verb).ends_with(1);
            assert_eq!(team.state(), before, "{planted}: {verb:?}");
        }
        team.git(&clone, &["revert", "--no-edit", "HEAD"]);
        team.push(&clone);
        team.pull(&team.admin);
    }
    team.hs(&["rm-age-user", "carol"]).succeeds();
    team.hs(&["add-age-user", &bob]).succeeds();
}

#[test]
fn a_file_that_only_looks_like_a_wrapped_key_lets_no_key_go() {
    let sandbox = Sandbox::new();
    let lab = sandbox.repository("alone");
    sandbox.hs(&lab, ["init"]).succeeds();
    let name = "0".repeat(40);
    for ending in ["age", "gpg"] {
        let path = format!(".git-crypt/keys/default/0/{name}.{ending}");
        write(&lab, &path, b"junk");
    }
    sandbox.git(&lab, ["add", "."]).succeeds();
    for verb in [&["lock"][..], &["lock", "--force"]] {
        sandbox
            .hs(&lab, verb)
            .fails_saying(&["exists nowhere else"]);
    }
    // An export to a device is kept nowhere, so it does not count.
    sandbox.hs(&lab, ["export-key", "/dev/null"]).succeeds();
    sandbox
        .hs(&lab, ["lock"])
        .fails_saying(&["exists nowhere else"]);
    sandbox.hs(&lab, ["export-key", "../saved"]).succeeds();
    sandbox.hs(&lab, ["lock"]).succeeds();
}

/// A repository that has no list of holders, like those that only git-crypt has added people to.
#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_file_for_the_users_own_gpg_key_counts_only_if_it_opens_to_the_key() {
    let sandbox = Sandbox::new();
    let gnupg = GnupgHome::new();
    let fingerprint = gnupg.new_key(&sandbox, "Alice <alice@example.org>");
    let lab = sandbox.repository("alone");
    let run = |program: &str, arguments: &[&str]| gnupg.run(&sandbox, &lab, program, arguments);
    run("hs-secrets", &["init"]).succeeds();
    sandbox.hs(&lab, ["keygen", "../foreign"]).succeeds();
    let path = format!(".git-crypt/keys/default/0/{fingerprint}.gpg");
    fs::create_dir_all(lab.join(&path).parent().expect("a folder")).expect("created");
    let crafted = [
        "--batch",
        "--yes",
        "--trust-model",
        "always",
        "-r",
        &fingerprint,
        "-o",
        &path,
        "-e",
        "../foreign",
    ];
    for content in ["a foreign key", "junk", "nothing"] {
        match content {
            "a foreign key" => drop(run("gpg", &crafted).succeeds()),
            "junk" => write(&lab, &path, b"junk"),
            _ => write(&lab, &path, b""),
        }
        sandbox.git(&lab, ["add", "."]).succeeds();
        run("hs-secrets", &["lock"]).fails_saying(&["exists nowhere else"]);
    }
    sandbox
        .git(&lab, ["rm", "-r", "-f", "-q", ".git-crypt"])
        .succeeds();
    sandbox
        .git(&lab, ["commit", "--quiet", "--allow-empty", "-m", "first"])
        .succeeds();
    run("git-crypt", &["add-gpg-user", "--trusted", &fingerprint]).succeeds();
    run("hs-secrets", &["lock"]).succeeds();
    run("hs-secrets", &["unlock"]).succeeds();
}

#[test]
fn attributes_that_are_a_link_are_not_read_through_it() {
    let sandbox = Sandbox::new();
    let lab = sandbox.encrypted("lab", &[("api.key", "opensesame\n")]);
    fs::create_dir(lab.join("sub")).expect("created");
    write(&lab, "sub/plain.txt", b"nothing\n");
    // A program that opens a pipe which nobody writes to would wait forever.
    let pipe = sandbox.path("pipe");
    let pipe = pipe.to_str().expect("a path in ASCII");
    sandbox.run(&lab, "mkfifo", [pipe], b"").succeeds();
    symlink(pipe, lab.join("sub/.gitattributes")).expect("a link");
    sandbox.git(&lab, ["add", "."]).succeeds();
    for scope in ["--staged", "--all"] {
        let check = ["20", "hs-secrets", "check", scope];
        sandbox.run(&lab, "timeout", check, b"").succeeds();
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn junk_that_a_pusher_puts_into_the_place_of_a_sealed_key_is_sealed_anew() {
    let team = Team::new();
    let bob = team.joined_by("bob");
    let clone = team.clone_of("Mallory");
    let sealed = team.git(&clone, &["ls-files", &format!("{KEYS}/*.age")]);
    write(&clone, sealed.trim(), b"junk\n");
    team.git(&clone, &["commit", "--quiet", "--all", "-m", "tidied up"]);
    team.push(&clone);
    team.pull(&team.admin);
    let told = team.hs(&["add-age-user", &bob]).succeeds().stderr;
    assert!(
        told.contains("committed: ") && told.contains("wrapped anew"),
        "{told}"
    );
    team.push(&team.admin);
    let clone = team.unlocked_clone_of("bob");
    assert_eq!(read(&clone, "api.key"), SECRET);
}

/// Links that an attacker puts in the place of a wrapped key, or of the folder above it.
#[test]
#[ignore = "needs gpg or age: tests/run.sh"]
fn no_verb_writes_a_wrapped_key_through_a_link() {
    for in_place_of_the_folder in [false, true] {
        let gnupg = GnupgHome::new();
        let team = Team::new();
        let fingerprint = gnupg.new_key(&team.sandbox, "Gina <gina@example.org>");
        let bob = team.joined_by("bob");
        let run = |arguments: &[&str]| gnupg.hs(&team.sandbox, &team.admin, arguments);
        let add_gina = ["add-gpg-user", "--trusted", &fingerprint];
        run(&add_gina).succeeds();
        team.push(&team.admin);
        let outside = team.sandbox.path("outside");
        fs::create_dir(&outside).expect("a new folder");
        let profile = outside.join("profile");
        fs::write(&profile, "mine\n").expect("a new file");
        let clone = team.clone_of("Mallory");
        if in_place_of_the_folder {
            fs::remove_dir_all(clone.join(KEYS)).expect("ours");
            symlink(&outside, clone.join(KEYS)).expect("a new link");
        } else {
            let listed = team.git(
                &clone,
                &[
                    "ls-files",
                    &format!("{KEYS}/*.age"),
                    &format!("{KEYS}/*.gpg"),
                ],
            );
            assert_eq!(listed.lines().count(), 2);
            for path in listed.lines() {
                fs::remove_file(clone.join(path)).expect("ours");
                symlink(&profile, clone.join(path)).expect("a new link");
            }
        }
        team.git(&clone, &["add", "--all"]);
        team.git(&clone, &["commit", "--quiet", "-m", "tidied up"]);
        team.push(&clone);
        team.pull(&team.admin);
        for verb in [&["add-age-user", &bob][..], &add_gina, &["rotate-key"]] {
            let told = run(verb);
            // A rotation wraps nothing for people who have no wrapped key any more.
            if !verb.contains(&"rotate-key") {
                told.fails_saying(&["is a symbolic link"]);
            }
            let content = fs::read(&profile).expect("it is there");
            assert_eq!(content, b"mine\n", "{verb:?}");
            let files = fs::read_dir(&outside).expect("it is there");
            assert_eq!(files.count(), 1, "{verb:?}");
        }
    }
}
