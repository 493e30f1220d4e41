//! A damaged memory of a key: the message names the file and the next step, and a key that is given by hand still works.

use std::fs;
use std::path::Path;

use crate::harness::desk::Desk;
use crate::lab::Lab;

const KNOWN: &str = ".git/hs-secrets/known/default";

/// Replaces the memory by something made from its valid content.
type Spoil = fn(&Path, &[u8]);

/// The ways in which the memory can be damaged.
const WAYS: [(&str, Spoil); 6] = [
    ("truncated", |path, good| {
        write(path, &good[..good.len() / 2])
    }),
    ("empty", |path, _| write(path, b"")),
    ("junk", |path, _| write(path, b"\xff\0junk")),
    ("of a newer version", |path, good| {
        write(path, &[b"newer = 1\n", good].concat());
    }),
    ("a link that leads in a circle", |path, _| {
        std::os::unix::fs::symlink("default", path).expect("a link");
    }),
    ("a folder", |path, good| {
        fs::create_dir(path).expect("a folder");
        write(&path.join("inside"), good);
    }),
];

fn write(path: &Path, content: &[u8]) {
    fs::write(path, content).expect("written");
}

#[test]
fn it_is_named_with_the_next_step_and_written_anew_from_a_key_by_hand() {
    for (way, make) in WAYS {
        let desk = Desk::with(&[("a.key", "opensesame\n")]);
        let known = desk.repository.join(KNOWN);
        let good = desk.read(KNOWN);
        let spoil = || {
            fs::remove_file(&known).expect("a file");
            make(&known, &good);
        };
        let somebody = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        spoil();
        for verb in [
            &["lock"][..],
            &["unlock"],
            &["rotate-key"],
            &["add-age-user", somebody],
        ] {
            let told = desk.hs(verb).fails_saying(&[KNOWN]).stderr;
            assert!(told.contains("`unlock KEYFILE`"), "{way}: {told}");
        }
        let short = desk.hs(["status", "--short"]).text();
        assert!(short.contains(KNOWN), "{way}: {short}");
        let told = desk.hs(["export-key", "../again.key"]).succeeds().stderr;
        assert!(told.contains("can't remember that"), "{way}: {told}");
        let told = desk.hs(["unlock", "../desk.key"]).succeeds().stderr;
        assert!(told.contains("is written anew"), "{way}: {told}");
        assert_eq!(desk.hs(["status", "--short"]).text(), "", "{way}");
        assert_eq!(desk.read("a.key"), b"opensesame\n", "{way}");
        // With `--force`, the clone adopts the key that is here, but no longer knows that it was exported.
        spoil();
        desk.hs(["lock", "--force"])
            .fails_saying(&["exists nowhere else"]);
        let told = desk.hs(["lock", "--force", "--discard-key"]).succeeds();
        assert!(told.stderr.contains("is written anew"), "{way}");
        spoil();
        desk.hs(["unlock", "../desk.key"]).succeeds();
        desk.hs(["lock"]).succeeds();
    }
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn it_is_written_anew_for_the_id_that_its_user_gives() {
    let lab = Lab::new();
    let known = fs::read_to_string(lab.alice.join(KNOWN)).expect("a memory");
    let id = known.split('"').nth(1).expect("an id").to_owned();
    lab.hs(&["lock"]).succeeds();
    write(&lab.alice.join(KNOWN), b"junk");
    lab.hs(&["unlock"]).fails_saying(&[KNOWN]);
    lab.hs(&["unlock", "--key-id", &"0".repeat(32)])
        .fails_saying(&[&id]);
    lab.hs(&["unlock"]).fails_saying(&[KNOWN]);
    let told = lab.hs(&["unlock", "--key-id", &id]).succeeds().stderr;
    assert!(told.contains("is written anew"), "{told}");
    lab.hs(&["lock"]).succeeds();
    lab.hs(&["unlock"]).succeeds();
}

#[test]
#[ignore = "needs age: tests/run.sh"]
fn locked_with_force_a_wrapped_key_goes_without_it() {
    let lab = Lab::new();
    write(&lab.alice.join(KNOWN), b"junk");
    let told = lab.hs(&["lock", "--force"]).succeeds().stderr;
    assert!(told.contains("is written anew"), "{told}");
    lab.hs(&["unlock"]).succeeds();
}
