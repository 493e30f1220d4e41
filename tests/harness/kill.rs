//! A program that is killed in the middle of its work, at each of the system calls that change something.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::sandbox::{ENDED_BY_SIGNAL, Run, Sandbox, run};

/// What writes, renames, removes, or starts another program. A file that was created only is as one about to be written.
const CHANGING: &str = "write,link,linkat,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,fsync,utimensat,clone,clone3,vfork";

/// The call with which a command begins to note signals.
const WATCHES: &str = "rt_sigaction";

/// What befalls hs-secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// It is killed; a git that it has started goes on.
    Kill,
    /// Whichever program gets that far first is killed, it or a git that it has started.
    KillAnyone,
    /// It alone is sent what Ctrl-C sends, or the wish for an end.
    Signal(&'static str, i32),
}

pub const INTERRUPT: Blow = Blow::Signal("SIGINT", 130);
pub const TERMINATE: Blow = Blow::Signal("SIGTERM", 143);

/// Runs hs-secrets again and again, struck at each of its changing calls; returns how often that did not end well.
#[track_caller]
pub fn struck_everywhere(
    sandbox: &Sandbox,
    repository: &Path,
    blow: Blow,
    arguments: &[&str],
    prepare: impl Fn(),
    check: impl Fn(&str, &Run),
) -> usize {
    prepare();
    let calls = changing_calls(sandbox, repository, blow, arguments);
    let mut unfinished = 0;
    for (call, Calls { count, before_work }) in calls {
        for number in 1..=count {
            prepare();
            let struck = struck_at(sandbox, repository, blow, (&call, number), arguments);
            for lock in [
                "index.lock",
                "config.lock",
                "HEAD.lock",
                "refs/heads/main.lock",
            ] {
                let there = fs::remove_file(repository.join(".git").join(lock)).is_ok();
                // As Git's and our own hints say: a program that is killed can't remove its lock.
                assert!(
                    !there || !matches!(blow, Blow::Signal(..)),
                    "{lock} is left"
                );
            }
            if let Blow::Signal(_, code) = blow
                && struck.code != 0
            {
                // While git and the user are asked, nothing has begun, and a signal simply ends the program.
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

/// Runs hs-secrets, struck when it makes this system call for the so-manieth time.
pub fn struck_at(
    sandbox: &Sandbox,
    repository: &Path,
    blow: Blow,
    (call, number): (&str, usize),
    arguments: &[&str],
) -> Run {
    let signal = match blow {
        Blow::Kill | Blow::KillAnyone => "SIGKILL",
        Blow::Signal(signal, _) => signal,
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
    traced(sandbox, repository, blow, &options, arguments)
}

/// How often a program makes a call.
#[derive(Clone, Copy, Default)]
struct Calls {
    count: usize,
    /// How often it does before it begins to note signals.
    before_work: usize,
}

/// The changing calls that it makes, with how often the one does that makes most of them.
fn changing_calls(
    sandbox: &Sandbox,
    repository: &Path,
    blow: Blow,
    arguments: &[&str],
) -> BTreeMap<String, Calls> {
    let log = sandbox.path("calls");
    let options = [
        "-o",
        "../calls",
        "-e",
        &format!("trace={CHANGING},{WATCHES}"),
    ];
    traced(sandbox, repository, blow, &options, arguments).succeeds();
    let mut counts: BTreeMap<(&str, &str), Calls> = BTreeMap::new();
    let text = fs::read_to_string(log).expect("a trace");
    for line in text.lines() {
        // With `-f`, the process is named first.
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
    blow: Blow,
    options: &[&str],
    arguments: &[&str],
) -> Run {
    let mut command = sandbox.command(repository, "sh");
    // A third file that everybody inherits: the run is over when the last of them has ended.
    command.args(["-c", "exec strace -qq \"$@\" 3>&1", "sh"]);
    if blow == Blow::KillAnyone {
        command.arg("-f");
    }
    command.args(options).arg("hs-secrets").args(arguments);
    run(command, b"")
}
