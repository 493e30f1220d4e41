//! Files that are longer than memory: looked at all the same, or said not to be.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::harness::sandbox::{Run, Sandbox, run};
use crate::{PASSWORD, found, repository, write};

/// The size of the files here, in bytes: beyond what is held in memory, and more than [`MEMORY`].
const LENGTH: u64 = 320 << 20;
/// The memory that a check may use, in KiB.
const MEMORY: u64 = 300 << 10;

/// Stages a file of [`LENGTH`] bytes, with these texts at these places.
fn stage_long(sandbox: &Sandbox, repository: &Path, path: &str, texts: &[(u64, &[u8])]) {
    let mut file = File::create(repository.join(path)).expect("a file");
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
    sandbox.git(repository, settings).succeeds();
}

/// Runs `hs-secrets` with too little memory for such a file.
fn within_memory(sandbox: &Sandbox, repository: &Path, arguments: &str) -> Run {
    let mut shell = sandbox.command(repository, "sh");
    let limited = format!("ulimit -v {MEMORY}; exec hs-secrets {arguments}");
    shell.args(["-c", &limited]);
    run(shell, b"")
}

#[test]
fn a_long_file_is_looked_at_to_its_end() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let known = format!("\n{PASSWORD}\n");
    let assigned = concat!("\npass", "word: kJ82hQp0aLz9Xw3TgB5m\n");
    let lines = "x\n".repeat(10);
    stage_long(
        &sandbox,
        &repository,
        "long.yml",
        &[
            (0, lines.repeat(1000).as_bytes()),
            ((32 << 20) - 10, known.as_bytes()),
            (LENGTH - 100, assigned.as_bytes()),
        ],
    );
    for scope in ["", "--all"] {
        let arguments = format!("check --format json {scope}");
        let run = within_memory(&sandbox, &repository, &arguments).ends_with(3);
        let expected = ["long.yml known-secret", "long.yml password-assignment"];
        assert_eq!(found(&run), expected, "{}", run.stderr);
        assert!(run.text().contains("\"line\": 10002"), "{}", run.text());
    }
}

#[test]
fn a_long_file_at_an_encrypted_path_is_judged_by_its_beginning() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    for driver in ["clean", "process"] {
        let setting = format!("filter.git-crypt.{driver}");
        sandbox
            .git(&repository, ["config", "--unset", &setting])
            .succeeds();
    }
    sandbox
        .git(
            &repository,
            ["config", "filter.git-crypt.required", "false"],
        )
        .succeeds();
    stage_long(&sandbox, &repository, "secret/plain.bin", &[]);
    stage_long(
        &sandbox,
        &repository,
        "secret/forged.bin",
        &[(0, b"\0GITCRYPT\0aaaaaaaaaaaa")],
    );
    let run = within_memory(&sandbox, &repository, "check --format json").ends_with(3);
    let expected = [
        "secret/forged.bin wrong-key",
        "secret/plain.bin unencrypted-blob",
    ];
    assert_eq!(found(&run), expected, "{}", run.stderr);
    let told = run.text();
    assert!(told.contains("does not look for its values"), "{told}");
}

#[test]
fn long_settings_and_long_utf_16_are_not_read() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    stage_long(&sandbox, &repository, "windows.txt", &[(0, b"\xFF\xFEa\0")]);
    let told = within_memory(&sandbox, &repository, "check")
        .ends_with(1)
        .stderr;
    let expected = "could not check windows.txt: it is UTF-16, and too long";
    assert!(told.contains(expected), "{told}");
    write(&repository, "README.md", "# More\n");
    stage_long(&sandbox, &repository, ".hs-secrets.toml", &[]);
    within_memory(&sandbox, &repository, "check")
        .fails_saying(&[".hs-secrets.toml has ", "at most 4194304 are read"]);
}
