//! Finds out where a program and its children write plaintext.

use std::fs;
use std::process::Command;

use super::sandbox::{Sandbox, run};

const CALLS: &str =
    "--trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,open,openat,openat2,creat";

/// What strace saw of a command and its children.
#[derive(Debug)]
pub struct Trace {
    /// The files or sockets to which plaintext was written.
    pub plaintext: Vec<String>,
    /// Files, other than devices, that were opened for writing.
    pub opened: Vec<String>,
}

impl Trace {
    /// Runs a command line, which must succeed, with the given `strace` command, and searches what is written for the pieces
    /// of `plaintext`.
    #[track_caller]
    pub fn of(sandbox: &Sandbox, mut strace: Command, words: &[&str], plaintext: &[&str]) -> Self {
        let path = sandbox.path("trace");
        strace
            .args(["--follow-forks", "--decode-fds=path", CALLS, "--output"])
            .arg(&path)
            .args(words);
        run(strace, b"").succeeds();
        let text = fs::read_to_string(path).expect("what strace saw");
        let (opens, writes): (Vec<&str>, Vec<&str>) = text
            .lines()
            .partition(|line| line.contains(" open") || line.contains(" creat("));
        let between = |line: &str| line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let has_plaintext = |line: &&&str| plaintext.iter().any(|text| line.contains(text));
        let for_writing = |line: &&&str| {
            let writing = ["O_WRONLY", "O_RDWR", "O_CREAT", " creat("];
            let done = !line.contains(" = -1 ") && !line.contains("unfinished");
            done && writing.iter().any(|flag| line.contains(flag))
        };
        let opened = opens.iter().filter(for_writing).map(|line| {
            let (_, result) = line.rsplit_once(" = ").expect("a call that succeeded");
            between(result)
        });
        Self {
            plaintext: writes
                .iter()
                .filter(has_plaintext)
                .map(|line| between(line))
                .collect(),
            opened: opened
                .filter(|path| !path.starts_with("/dev/") && !path.starts_with("/proc/"))
                .collect(),
        }
    }
}
