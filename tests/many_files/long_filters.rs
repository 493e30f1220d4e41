//! Files of 120 MiB, filtered with less than that as memory.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Stdio;

use crate::harness::desk::Desk;

/// The length of the file, in bytes.
const LENGTH: u64 = 120 << 20;
/// A length that is put aside, too.
const BEYOND_HELD: usize = 9 << 20;
/// Maximum memory, in KiB.
const MEMORY: u64 = 100 << 10;
/// How many bytes are left unread while the memory is looked at: more than a pipe takes.
const UNREAD: u64 = 4 << 20;

/// Runs a filter from one file into another. Returns the most memory that it had.
fn filtered(desk: &Desk, verb: &str, from: &Path, to: &Path) -> u64 {
    let length = fs::metadata(from).expect("it is there").len();
    let mut command = desk.sandbox.command(&desk.repository, "hs-secrets");
    command.arg(verb).stdin(File::open(from).expect("readable"));
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it runs");
    let mut output = child.stdout.take().expect("piped");
    let mut written = File::create(to).expect("room");
    let most = (&mut output).take(length - UNREAD);
    io::copy(&mut { most }, &mut written).expect("most of it");
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let memory = line.and_then(|line| line.split_whitespace().nth(1));
    io::copy(&mut output, &mut written).expect("the rest");
    assert!(child.wait().expect("it ends").success());
    memory
        .and_then(|memory| memory.parse().ok())
        .expect("a number")
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_long_file_is_filtered_with_100_mb_of_memory() {
    let desk = Desk::empty("repository");
    desk.hs(["init"]).succeeds();
    let plain = desk.sandbox.path("plain");
    let mut file = File::create(&plain).expect("a file");
    file.set_len(LENGTH).expect("a sparse file");
    for place in (0..LENGTH).step_by(50 << 20) {
        file.seek(SeekFrom::Start(place)).expect("a place");
        file.write_all(format!("place {place}").as_bytes())
            .expect("room");
    }
    let (blob, again) = (desk.sandbox.path("blob"), desk.sandbox.path("again"));
    for (verb, from, to) in [("clean", &plain, &blob), ("smudge", &blob, &again)] {
        let memory = filtered(&desk, verb, from, to);
        assert!(memory < MEMORY, "{verb}: {memory} KiB");
    }
    let compare = [plain.as_os_str(), again.as_os_str()];
    let compared = desk.sandbox.run(&desk.repository, "cmp", compare, b"");
    compared.succeeds();
    assert_eq!(fs::metadata(&blob).expect("there").len(), LENGTH + 22);
}

fn words() -> Vec<u8> {
    b"opensesame ".repeat(BEYOND_HELD / 11 + 1)
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn long_files_of_a_former_key_and_of_a_foreign_one_do_not_look_modified() {
    let desk = Desk::empty("repository");
    let fast = ["config", "core.compression", "0"];
    desk.git(&fast);
    desk.hs(["init"]).succeeds();
    desk.write(".gitattributes", "*.key filter=git-crypt\n");
    desk.write("long.key", words());
    desk.commit("first");
    desk.hs(["rotate-key", "--commit"]).succeeds();
    desk.git(&["checkout", "HEAD~1", "--", "long.key"]);
    let again = |desk: &Desk, content: &[u8]| {
        desk.write("long.key", content);
        desk.git(&["diff", "--exit-code", "--stat"]);
    };
    again(&desk, &words());
    // The ciphertext of today's key, of the former one, and of one that is not here.
    let stored = |desk: &Desk, name: &str| {
        let cat = ["cat-file", "blob", name];
        desk.sandbox.git(&desk.repository, cat).succeeds().stdout
    };
    let former = stored(&desk, ":long.key");
    again(&desk, &former);
    let newest = stored(&desk, "HEAD:long.key");
    assert!(former != newest);
    let foreign = desk.sandbox.path("foreign");
    let mut blob = newest;
    // The last byte of the nonce: no key makes it.
    blob[21] ^= 1;
    fs::write(&foreign, &blob).expect("room");
    let id = desk.git(&["hash-object", "-w", "--no-filters", "../foreign"]);
    let entry = format!("100644,{},long.key", id.trim());
    desk.git(&["update-index", "--cacheinfo", &entry]);
    again(&desk, &blob);
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn damaged_and_plain_blobs_are_told_from_others_however_long_they_are() {
    let desk = Desk::empty("repository");
    desk.hs(["init"]).succeeds();
    fs::write(desk.sandbox.path("plain"), words()).expect("room");
    let script = "
        hs-secrets clean < ../plain > ../blob && hs-secrets diff ../blob | cmp - ../plain &&
        hs-secrets clean < ../blob | cmp - ../blob && hs-secrets smudge < ../plain | cmp - ../plain";
    let shell = ["-c", script];
    desk.sandbox
        .run(&desk.repository, "sh", shell, b"")
        .succeeds();
    let mut blob = desk.read("../blob");
    *blob.last_mut().expect("it is long") ^= 1;
    fs::write(desk.sandbox.path("blob"), &blob).expect("room");
    let smudge = ["-c", "hs-secrets smudge < ../blob > ../none"];
    let told = desk.sandbox.run(&desk.repository, "sh", smudge, b"");
    told.fails_saying(&["tampered with"]);
    assert_eq!(desk.read("../none"), b"");
    // It is nobody's, and is encrypted like any other content.
    let clean = ["-c", "hs-secrets clean < ../blob | wc -c"];
    let told = desk
        .sandbox
        .run(&desk.repository, "sh", clean, b"")
        .succeeds();
    assert_eq!(told.text().trim(), (blob.len() + 22).to_string());
}
