//! The holder of a lock, described so that another process on the same machine can see when it has ended.
//! A process may also find its own lock that it could not remove, because the daemon was unreachable. To recognise one,
//! it counts its own contenders for each turn.
//! it counts its own contenders for each turn.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::stack::StackName;

/// A process, described for people and for other processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TurnHolder {
    /// `host, process 123`.
    pub(crate) shown: String,
    /// Boot, pid namespace, pid and start time, unique for all time. Empty if the system does not provide them.
    pub(crate) process: String,
}

impl TurnHolder {
    /// This process.
    pub(crate) fn this() -> Self {
        let pid = std::process::id();
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = match host.trim() {
            "" => "a machine",
            host => host,
        };
        Self {
            shown: format!("{host}, process {pid}"),
            process: started(pid)
                .zip(machine())
                .map(|(started, machine)| format!("{machine} {pid} {started}"))
                .unwrap_or_default(),
        }
    }

    /// True if `process` ran on this machine and has ended.
    pub(crate) fn is_dead(process: &str) -> bool {
        let Some((there, pid, began)) = parts(process) else {
            return false;
        };
        machine().is_some_and(|here| here == there) && started(pid) != Some(began)
    }
}

/// A thread's claim to the turn of a stack: it has the turn or waits for it.
pub(super) struct Contender {
    stack: String,
}

/// How many contenders this process has for the turn of each stack.
static CONTENDERS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

impl Contender {
    pub(super) fn of(stack: &StackName) -> Self {
        let stack = stack.to_string();
        *contenders().entry(stack.clone()).or_default() += 1;
        Self { stack }
    }

    /// True if no other thread of this process has the turn or waits for it.
    pub(super) fn is_alone(&self) -> bool {
        contenders().get(&self.stack) == Some(&1)
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        let mut contenders = contenders();
        if let Some(count) = contenders.get_mut(&self.stack) {
            *count -= 1;
            if *count == 0 {
                contenders.remove(&self.stack);
            }
        }
    }
}

fn contenders() -> MutexGuard<'static, BTreeMap<String, usize>> {
    CONTENDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parts(process: &str) -> Option<(String, u32, String)> {
    let mut words = process.rsplitn(3, ' ');
    let began = words.next()?.to_owned();
    let pid = words.next()?.parse().ok()?;
    Some((words.next()?.to_owned(), pid, began))
}

/// Ids of this boot of this machine, and of this pid namespace in it.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

/// The time when a process began, in ticks since boot: field 22 of `/proc/PID/stat` (proc_pid_stat(5)). None for a process that
/// has ended, even if its parent has not waited for it yet.
fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in parentheses, may contain any character, even `)`.
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_whitespace();
    let alive = !matches!(fields.next()?, "Z" | "X");
    alive.then(|| fields.nth(18).map(str::to_owned))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_one_that_ended_does_not() {
        let this = TurnHolder::this();
        assert!(!TurnHolder::is_dead(&this.process));
        let mut child = std::process::Command::new("true")
            .spawn()
            .expect("true can be run");
        let pid = child.id();
        child.wait().expect("it ends");
        let machine = machine().expect("Linux has /proc");
        assert!(TurnHolder::is_dead(&format!("{machine} {pid} 1")));
        // Another process with the same number.
        assert!(TurnHolder::is_dead(&format!(
            "{machine} {} 1",
            std::process::id()
        )));
        assert!(!TurnHolder::is_dead(&format!("elsewhere pid:[1] {pid} 1")));
        assert!(!TurnHolder::is_dead(""));
    }
}
