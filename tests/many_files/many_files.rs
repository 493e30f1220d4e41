//! They are listed, locked and unlocked, in little memory.

use crate::harness::desk::{Desk, MAGIC, read};
use crate::harness::sandbox::Run;

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn thousands_of_files_are_listed_as_git_crypt_lists_them_and_come_back_as_they_were() {
    let lab = Lab::of(2_000);
    let sandbox = &lab.desk.sandbox;
    let clone = sandbox.cloned(&lab.desk.repository);
    let hs = |arguments: &[&str]| sandbox.hs(&clone, arguments);
    let is_clean = || {
        let status = sandbox.git(&clone, ["status", "--porcelain"]);
        assert_eq!(status.succeeds().text(), "");
    };
    for _ in 0..2 {
        hs(&["unlock", "../desk.key"]).succeeds();
        for (path, content) in &lab.files {
            assert_eq!(read(&clone, path), content.as_bytes(), "{path}");
        }
        is_clean();
        let ours = hs(&["status"]).succeeds().text();
        assert_eq!(ours.matches("    encrypted: ").count(), lab.files.len());
        let theirs = sandbox.git_crypt(&clone, ["status"]).succeeds();
        assert_eq!(ours, theirs.text());
        hs(&["lock"]).succeeds();
        for (path, _) in &lab.files {
            assert!(read(&clone, path).starts_with(MAGIC), "{path}");
        }
        is_clean();
    }
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
#[cfg(target_os = "linux")]
fn tens_of_thousands_of_files_take_less_than_100_megabytes() {
    let lab = Lab::of(20_000);
    for arguments in [&["status"][..], &["lock"], &["unlock", "../desk.key"]] {
        let run = lab.measured(arguments);
        let kilobytes: u64 = run.stderr.trim().parse().expect("a number");
        assert!(kilobytes < 100 << 10, "{arguments:?}: {kilobytes} kB");
    }
}

/// An unlocked repository with many encrypted files in folders, all committed.
struct Lab {
    desk: Desk,
    files: Vec<(String, String)>,
}

impl Lab {
    fn of(count: usize) -> Self {
        let file = |number: usize| {
            let path = format!("host {}/{}/{number}.key", number % 50, number % 7);
            let content = format!("password-of-{number}\n").repeat(number % 90);
            (path, content)
        };
        let files: Vec<_> = (0..count).map(file).collect();
        let desk = Desk::with(&[]);
        for (path, content) in &files {
            desk.write(path, content);
        }
        desk.commit("all");
        Self { desk, files }
    }

    /// Runs the program under test; says on standard error how many kilobytes of memory it, or a git that it has run, had
    /// at most.
    #[cfg(target_os = "linux")]
    fn measured(&self, arguments: &[&str]) -> Run {
        const MEASURE: &str = "import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)";
        let command = [&["-c", MEASURE, "hs-secrets"], arguments].concat();
        let run = self
            .desk
            .sandbox
            .run(&self.desk.repository, "python3", command, b"");
        run.succeeds()
    }
}
