//! Kills or interrupts a program at each system call that changes something.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::sandbox::{ENDED_BY_SIGNAL, Run, Sandbox, run};

/// The system calls that write, rename, remove, or start another program. Creating a file is not in the list: a program
/// killed at its first write to a new file leaves the same state.
const CHANGING: &str = "write,link,linkat,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,fsync,utimensat,clone,clone3,vfork";

/// The system call with which a command installs its signal handlers.
const WATCHES: &str = "rt_sigaction";

/// The way in which hs-secrets is stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// It is killed. A `git` that it has started continues.
    Kill,
    /// The first process that reaches the system call is killed: hs-secrets or a `git` that it has started.
    KillAnyone,
    /// A signal (such as SIGINT, which Ctrl-C sends) is sent to hs-secrets only. The number is the exit code expected then.
    Signal(&'static str, i32),
}

pub const INTERRUPT: Interruption = Interruption::Signal("SIGINT", 130);
pub const TERMINATE: Interruption = Interruption::Signal("SIGTERM", 143);

/// Runs hs-secrets repeatedly, each time with `interruption` at another one of its changing calls. Returns how many runs did not end
/// with exit code 0.
#[track_caller]
pub fn killed_everywhere(
    sandbox: &Sandbox,
    repository: &Path,
    interruption: Interruption,
    arguments: &[&str],
    prepare: impl Fn(),
    check: impl Fn(&str, &Run),
) -> usize {
    prepare();
    let calls = changing_calls(sandbox, repository, interruption, arguments);
    let mut unfinished = 0;
    for (call, Calls { count, before_work }) in calls {
        for number in 1..=count {
            prepare();
            let struck = killed_at(
                sandbox,
                repository,
                interruption,
                (&call, number),
                arguments,
            );
            for lock in [
                "index.lock",
                "config.lock",
                "HEAD.lock",
                "refs/heads/main.lock",
            ] {
                let there = fs::remove_file(repository.join(".git").join(lock)).is_ok();
                // A killed program can't remove its lock files. The hints of Git and of this program tell the user to remove
                // them.
                assert!(
                    !there || !matches!(interruption, Interruption::Signal(..)),
                    "{lock} is left"
                );
            }
            if let Interruption::Signal(_, code) = interruption
                && struck.code != 0
            {
                // Before the work begins (git and the user are asked first), a signal simply ends the program.
                let is_asking = number <= before_work;
                if !(is_asking && struck.code == ENDED_BY_SIGNAL) {
                    assert_eq!(struck.code, code, "{call} {number}: {}", struck.stderr);
                    assert!(struck.stderr.contains("interrupted"), "{}", struck.stderr);
                }
            }
            check(&format!("at {call} {number}"), &struck);
            unfinished += usize::from(struck.code != 0);
        }
    }
    unfinished
}

/// Runs hs-secrets with `interruption` at the given call of this system call, counted from 1.
pub fn killed_at(
    sandbox: &Sandbox,
    repository: &Path,
    interruption: Interruption,
    (call, number): (&str, usize),
    arguments: &[&str],
) -> Run {
    let signal = match interruption {
        Interruption::Kill | Interruption::KillAnyone => "SIGKILL",
        Interruption::Signal(signal, _) => signal,
    };
    let inject = format!("inject={call}:signal={signal}:when={number}");
    let options = [
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={call}"),
        "-e",
        &inject,
    ];
    traced(sandbox, repository, interruption, &options, arguments)
}

/// How many times a process makes a system call.
#[derive(Clone, Copy, Default)]
struct Calls {
    count: usize,
    /// How many of these calls come before it installs its signal handlers.
    before_work: usize,
}

/// The changing system calls that hs-secrets makes. If several processes make a call, the numbers of the one that makes most
/// calls count.
fn changing_calls(
    sandbox: &Sandbox,
    repository: &Path,
    interruption: Interruption,
    arguments: &[&str],
) -> BTreeMap<String, Calls> {
    let log = sandbox.path("calls");
    let options = [
        "-o",
        "../calls",
        "-e",
        &format!("trace={CHANGING},{WATCHES}"),
    ];
    traced(sandbox, repository, interruption, &options, arguments).succeeds();
    let mut counts: BTreeMap<(&str, &str), Calls> = BTreeMap::new();
    let text = fs::read_to_string(log).expect("a trace");
    for line in text.lines() {
        // With `-f`, the line begins with the process id.
        let (process, rest) = match line.split_once(' ') {
            Some((number, rest)) if number.parse::<u32>().is_ok() => (number, rest.trim_start()),
            _ => ("", line),
        };
        match rest.split_once('(') {
            Some((WATCHES, what)) if what.starts_with("SIGINT, {") => {
                for (_, calls) in counts.iter_mut().filter(|((one, _), _)| *one == process) {
                    calls.before_work = calls.count;
                }
            }
            Some((WATCHES, _)) | None => {}
            Some((call, _)) => counts.entry((process, call)).or_default().count += 1,
        }
    }
    let mut most: BTreeMap<String, Calls> = BTreeMap::new();
    for ((_, call), calls) in counts {
        let so_far = most.entry(call.to_owned()).or_insert(calls);
        if calls.count > so_far.count {
            *so_far = calls;
        }
    }
    most
}

fn traced(
    sandbox: &Sandbox,
    repository: &Path,
    interruption: Interruption,
    options: &[&str],
    arguments: &[&str],
) -> Run {
    let mut command = sandbox.command(repository, "sh");
    // File descriptor 3 is inherited by all children, so that `run` returns only when the last of them has ended.
    command.args(["-c", "exec strace -qq \"$@\" 3>&1", "sh"]);
    if interruption == Interruption::KillAnyone {
        command.arg("-f");
    }
    command.args(options).arg("hs-secrets").args(arguments);
    run(command, b"")
}
