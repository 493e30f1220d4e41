//! A program that is killed in the middle of its work, at each of the system calls that change something.

use std::fs;
use std::path::Path;

use super::sandbox::{Run, Sandbox, run};

/// What writes, renames, removes, or starts another program. A file that was created only is as one about to be written.
const CHANGING: &str = "write,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,fsync,utimensat,clone,clone3,vfork";

/// Who is killed.
#[derive(Clone, Copy)]
pub enum Victim {
    /// hs-secrets alone; a git that it has started goes on.
    Program,
    /// Whichever program gets that far first, hs-secrets or a git that it has started.
    Anyone,
}

/// Runs hs-secrets again and again, killed at its first, second, third … changing call, until it gets through; returns
/// how often.
#[track_caller]
pub fn killed_everywhere(
    sandbox: &Sandbox,
    repository: &Path,
    victim: Victim,
    arguments: &[&str],
    prepare: impl Fn(),
    mut check: impl FnMut(usize, &Run),
) -> usize {
    for call in 1..400 {
        prepare();
        let killed = killed_at(sandbox, repository, victim, arguments, call);
        // As Git's and our own hints say: a program that is killed can't remove its lock.
        for lock in [
            "index.lock",
            "config.lock",
            "HEAD.lock",
            "refs/heads/main.lock",
        ] {
            let _ = fs::remove_file(repository.join(".git").join(lock));
        }
        check(call, &killed);
        if killed.code == 0 {
            return call;
        }
    }
    panic!("it never got through");
}

fn killed_at(
    sandbox: &Sandbox,
    repository: &Path,
    victim: Victim,
    arguments: &[&str],
    call: usize,
) -> Run {
    let mut command = sandbox.command(repository, "sh");
    // A third file that everybody inherits: the run is over when the last of them has ended.
    command.args(["-c", "exec strace \"$@\" 3>&1", "sh"]);
    command.args(match victim {
        Victim::Program => &["-qq"][..],
        Victim::Anyone => &["-qq", "-f"],
    });
    command
        .args(["-o", "/dev/null", "-e", &format!("trace={CHANGING}")])
        .args([
            "-e",
            &format!("inject={CHANGING}:signal=SIGKILL:when={call}"),
        ])
        .arg("hs-secrets")
        .args(arguments);
    run(command, b"")
}
