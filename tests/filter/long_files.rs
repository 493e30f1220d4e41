//! Files that are too long to be held in memory: put aside, and never in plaintext.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use hs_secrets::internals::{KeyFile, SecretBytes, encrypt};

use crate::conversation::Conversation;
use crate::harness::desk::Desk;
use crate::harness::sandbox::run;

/// Beyond what the program holds in memory that the tests are built with.
const LENGTH: usize = 30 << 20;
/// How much is put aside at once when that begins.
const HELD: u64 = 4 << 20;
/// How much the memory of the process may grow in KiB: less than a file that is held takes.
const GROWTH: u64 = 25 << 10;
/// What every line says.
const WORDS: &str = "opensesame";

fn plaintext() -> Vec<u8> {
    let mut text = Vec::with_capacity(LENGTH + 64);
    let mut number = 0;
    while text.len() < LENGTH {
        text.extend_from_slice(format!("{WORDS} {number:09}\n").as_bytes());
        number += 1;
    }
    text
}

/// True if [`WORDS`] stand in `content`. `grep` is far faster than an unoptimised test.
fn holds_words(desk: &Desk, content: &[u8]) -> bool {
    let grep = ["--text", "--quiet", "--fixed-strings", WORDS];
    let found = desk.sandbox.run(&desk.repository, "grep", grep, content);
    assert!(found.code < 2, "{}", found.stderr);
    found.code == 0
}

/// The nameless file that a process has open in `folder`, once it has `length` bytes.
fn put_aside(process: u32, folder: &Path, length: u64) -> Vec<u8> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        for entry in fs::read_dir(format!("/proc/{process}/fd")).expect("its files") {
            let link = entry.expect("a file").path();
            let is_there = fs::read_link(&link).is_ok_and(|target| target.starts_with(folder));
            if !is_there {
                continue;
            }
            let file = File::open(&link).expect("it is ours");
            if file.metadata().expect("a file").len() >= length {
                let mut content = vec![0; length as usize];
                file.read_exact_at(&mut content, 0).expect("readable");
                return content;
            }
        }
        std::thread::yield_now();
    }
    panic!("nothing of {length} bytes in {}", folder.display());
}

fn most_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

#[test]
fn a_long_file_is_put_aside_without_plaintext_and_within_memory() {
    let desk = Desk::empty("repository");
    desk.hs(["init"]).succeeds();
    let aside = desk.sandbox.path("aside");
    fs::create_dir(&aside).expect("a new folder");
    let mut command = desk.sandbox.command(&desk.repository, "hs-secrets");
    command.env("TMPDIR", &aside);
    let mut conversation = Conversation::begin_with(command);
    // The code of a program without optimisation takes much by itself.
    let at_first = most_memory(conversation.id());
    let plaintext = plaintext();
    let keys = desk.read(".git/git-crypt/keys/default");
    let keys = KeyFile::parse(&keys).expect("a key");
    let mut content = SecretBytes::copy_of(&plaintext);
    let header = encrypt(&keys, &mut content).expect("short enough");
    let blob = [&header.to_bytes()[..], content.expose()].concat();
    assert!(holds_words(&desk, &plaintext));
    for (command, given, expected) in [("clean", &plaintext, &blob), ("smudge", &blob, &plaintext)]
    {
        conversation.ask(command, "long.key");
        conversation.give(given);
        let stored = put_aside(conversation.id(), &aside, HELD);
        assert!(!holds_words(&desk, &stored), "{command}");
        let answer = conversation.answer().expect("it is filtered");
        assert!(answer == *expected, "{command}: {} bytes", answer.len());
        let grown = most_memory(conversation.id()) - at_first;
        assert!(grown < GROWTH, "{command}: {grown} KiB");
    }
    let short = conversation.filter("clean", "short.key", b"short");
    assert_eq!(conversation.filter("smudge", "short.key", &short), b"short");
    assert_eq!(fs::read_dir(&aside).expect("the folder").count(), 0);
    conversation.end();
}

#[test]
fn without_room_git_is_told_which_file_and_why() {
    let desk = Desk::empty("repository");
    desk.hs(["init"]).succeeds();
    desk.write(".gitattributes", "*.key filter=git-crypt\n");
    desk.write("long.key", plaintext());
    let mut add = desk.sandbox.command(&desk.repository, "git");
    add.args(["add", "long.key"])
        .env("TMPDIR", "/no/such/folder");
    let told = run(add, b"");
    assert_eq!(told.code, 128, "{}", told.stderr);
    let expected = "long.key: a long file could not be put aside in /no/such/folder";
    assert!(told.stderr.contains(expected), "{}", told.stderr);
    assert!(
        told.stderr.contains("TMPDIR names another"),
        "{}",
        told.stderr
    );
    assert!(
        told.stderr.contains("clean filter 'git-crypt' failed"),
        "{}",
        told.stderr
    );
    assert_eq!(desk.git(&["ls-files"]), "");
    let mut clean = desk.sandbox.command(&desk.repository, "sh");
    clean.args(["-c", "hs-secrets clean < long.key > ../blob"]);
    clean.env("TMPDIR", "/no/such/folder");
    let told = run(clean, b"").fails_saying(&["could not be put aside"]);
    assert!(
        told.stderr.contains("TMPDIR names another"),
        "{}",
        told.stderr
    );
    assert_eq!(desk.read("../blob"), b"");
}

#[test]
fn a_full_disk_is_no_harm() {
    let desk = Desk::empty("repository");
    desk.hs(["init"]).succeeds();
    desk.write(".gitattributes", "*.key filter=git-crypt\n");
    desk.write("long.key", plaintext());
    desk.write("short.key", "short\n");
    let full = desk.sandbox.path("full");
    fs::create_dir(&full).expect("a new folder");
    let script = "mount -t tmpfs -o size=1m none ../full && git add long.key; ended=$?; git add short.key; exit $ended";
    let mut shell = desk.sandbox.command(&desk.repository, "unshare");
    shell.args(["--map-root-user", "--mount", "sh", "-c", script]);
    shell.env("TMPDIR", &full);
    let told = run(shell, b"");
    assert_eq!(told.code, 128, "{}", told.stderr);
    assert!(
        told.stderr.contains("No space left on device"),
        "{}",
        told.stderr
    );
    assert_eq!(desk.git(&["ls-files"]), "short.key\n");
}
