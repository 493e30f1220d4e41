//! Files that are longer than memory: looked at all the same, or said not to be.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use crate::harness::desk::Desk;
use crate::harness::sandbox::{Run, run};

/// The size of the files here, in bytes: beyond what is held in memory, and more than [`MEMORY`].
const LENGTH: u64 = 320 << 20;
/// The memory that a check may use, in KiB.
const MEMORY: u64 = 300 << 10;

const PASSWORD: &str = "velvet-harbor-quince-58";

/// A repository that has a password in an encrypted file.
fn desk() -> Desk {
    let content = format!("DB_PASSWORD={PASSWORD}\n");
    Desk::with(&[("app.key", &content)])
}

/// What a check has found, as path and rule.
fn found(run: &Run) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let findings = document["findings"].as_array().expect("a list").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let mut found: Vec<String> = findings
        .map(|finding| format!("{} {}", text(&finding["path"]), text(&finding["rule"])))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Stages a file of [`LENGTH`] bytes, with these texts at these places.
fn stage_long(desk: &Desk, path: &str, texts: &[(u64, &[u8])]) {
    let mut file = File::create(desk.repository.join(path)).expect("a file");
    file.set_len(LENGTH).expect("a sparse file");
    for (place, text) in texts {
        file.seek(SeekFrom::Start(*place)).expect("a place");
        file.write_all(text).expect("room");
    }
    let settings = [
        "-c",
        "core.compression=1",
        "-c",
        "core.bigFileThreshold=1m",
        "add",
        "-f",
        path,
    ];
    desk.git(&settings);
}

/// Runs `hs-secrets` with too little memory for such a file.
fn within_memory(desk: &Desk, arguments: &str) -> Run {
    let mut shell = desk.sandbox.command(&desk.repository, "sh");
    let limited = format!("ulimit -v {MEMORY}; exec hs-secrets {arguments}");
    shell.args(["-c", &limited]);
    run(shell, b"")
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_long_file_is_looked_at_to_its_end() {
    let desk = desk();
    let known = format!("\n{PASSWORD}\n");
    let assigned = concat!("\npass", "word: kJ82hQp0aLz9Xw3TgB5m\n");
    let lines = "x\n".repeat(10);
    stage_long(
        &desk,
        "long.yml",
        &[
            (0, lines.repeat(1000).as_bytes()),
            ((32 << 20) - 10, known.as_bytes()),
            (LENGTH - 100, assigned.as_bytes()),
        ],
    );
    for scope in ["", "--all"] {
        let arguments = format!("check --format json {scope}");
        let run = within_memory(&desk, &arguments).ends_with(3);
        let expected = ["long.yml known-secret", "long.yml password-assignment"];
        assert_eq!(found(&run), expected, "{}", run.stderr);
        assert!(run.text().contains("\"line\": 10002"), "{}", run.text());
    }
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn a_long_file_at_an_encrypted_path_is_judged_by_its_beginning() {
    let desk = desk();
    for driver in ["clean", "process"] {
        let setting = format!("filter.git-crypt.{driver}");
        desk.git(&["config", "--unset", &setting]);
    }
    desk.git(&["config", "filter.git-crypt.required", "false"]);
    stage_long(&desk, "plain.key", &[]);
    stage_long(&desk, "forged.key", &[(0, b"\0GITCRYPT\0aaaaaaaaaaaa")]);
    let run = within_memory(&desk, "check --format json").ends_with(3);
    let expected = ["forged.key wrong-key", "plain.key unencrypted-blob"];
    assert_eq!(found(&run), expected, "{}", run.stderr);
    let told = run.text();
    assert!(told.contains("does not look for their values"), "{told}");
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn long_settings_and_long_utf_16_are_not_read() {
    let desk = desk();
    stage_long(&desk, "windows.txt", &[(0, b"\xFF\xFEa\0")]);
    let told = within_memory(&desk, "check").ends_with(1).stderr;
    let expected = "could not check windows.txt: it is UTF-16, and too long";
    assert!(told.contains(expected), "{told}");
    desk.write("README.md", "# More\n");
    stage_long(&desk, ".hs-secrets.toml", &[]);
    within_memory(&desk, "check")
        .fails_saying(&[".hs-secrets.toml has ", "at most 4194304 are read"]);
}
