//! Counts how often a command reads the index, which may be large.

use std::fs;

use crate::harness::sandbox::{Sandbox, run};

/// libgit2 opens the file twice for one reading, once to check its checksum.
const ONE_READING: usize = 2;

#[test]
#[ignore = "needs strace: tests/run.sh"]
fn a_command_reads_the_index_once_and_again_after_git_has_written_it() {
    let sandbox = Sandbox::new();
    let repository = sandbox.encrypted("r", &[("a.key", "opensesame\n"), ("b.key", "more\n")]);
    let exported = sandbox.run(&repository, "hs-secrets", ["export-key", "../key"], b"");
    exported.succeeds();
    for (words, readings) in [
        (&["status", "--short"][..], 1),
        (&["check", "--all"], 1),
        // Git writes the index when it checks files out.
        (&["lock"], 2),
        (&["unlock", "../key"], 2),
    ] {
        let mut strace = sandbox.command(&repository, "strace");
        strace.args(["--trace=open,openat", "--output"]);
        strace.arg(sandbox.path("trace")).arg("hs-secrets");
        strace.args(words);
        run(strace, b"").succeeds();
        let trace = fs::read_to_string(sandbox.path("trace")).expect("what strace saw");
        let opened = trace.lines().filter(|line| line.contains("/.git/index\""));
        assert_eq!(
            opened.count(),
            readings * ONE_READING,
            "{words:?}:\n{trace}"
        );
    }
}
