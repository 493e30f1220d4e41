//! The log lines of a run. Each is logged at once, and kept with the run.

use std::cell::RefCell;

use crate::serve::log::{LogLevel, LogMessage, ServiceLog};
use crate::serve::runs::RunId;
use crate::swarm::{Created, Event, Observer, Removed, UpdateReason, Watched};

/// Maximum number of lines kept with a run.
const MAXIMUM_LINES: usize = 300;

/// Number of bytes after which no further line is kept, except the error of the run. The last line may exceed it.
const MAXIMUM_BYTES: usize = 64 << 10;

/// Maximum length of a kept line in characters.
pub(super) const MAXIMUM_LENGTH: usize = 1000;

/// How many characters of a commit or blob id are shown.
const SHOWN: usize = 12;

/// Collects and logs the events of a run.
pub(super) struct RunLog<'a> {
    pub(super) stack: &'a str,
    pub(super) run: RunId,
    pub(super) log: &'a dyn ServiceLog,
    pub(super) is_stopped: &'a dyn Fn() -> bool,
    pub(super) lines: RefCell<Vec<String>>,
}

impl RunLog<'_> {
    pub(super) fn info(&self, text: &str) {
        self.log(LogLevel::Information, text);
    }

    pub(super) fn log(&self, level: LogLevel, text: &str) {
        self.log.write(&LogMessage {
            level,
            run: Some((self.stack, self.run)),
            text,
        });
        let mut lines = self.lines.borrow_mut();
        let kept: usize = lines.iter().map(String::len).sum();
        let is_room = lines.len() < MAXIMUM_LINES && kept < MAXIMUM_BYTES;
        if is_room || level == LogLevel::Error {
            lines.push(text.chars().take(MAXIMUM_LENGTH).collect());
        }
    }

    fn warn(&self, text: &str) {
        self.log(LogLevel::Warning, text);
    }
}

impl Observer for RunLog<'_> {
    fn tell(&self, event: Event<'_>) {
        match event {
            Event::TurnAwaited { holder, since, .. } => {
                self.info(&format!(
                    "waiting: {holder} deploys the stack since {since}"
                ));
            }
            Event::TurnInherited { holder, .. } => {
                self.info(&format!("taking the turn of {holder}, which has ended"));
            }
            Event::UnsetVariable { name, place } => self.warn(&format!(
                "{place}: the variable {name} is not set; docker puts nothing in its place"
            )),
            Event::CommitAhead(ahead) => self.warn(&format!(
                "the Swarm runs {} of commit {}, which this commit does not contain",
                ahead.runs,
                beginning(&ahead.commit)
            )),
            Event::ServiceChanges(reasons) => {
                reasons
                    .iter()
                    .for_each(|reason| self.info(&changed(reason)));
            }
            Event::Created { kind, name, by } => self.info(&match by {
                Created::Now => format!("created {kind} {name}"),
                Created::Elsewhere => format!("{kind} {name} is there by now"),
            }),
            Event::NetworkCreated(network) => {
                self.info(&format!("created network {}", network.name));
            }
            Event::ClientSaid { line } => self.info(&format!("docker: {line}")),
            Event::Deployed { stack } => self.info(&format!("deployed stack {stack}")),
            Event::Converged(services) => {
                converged(services).for_each(|line| self.info(&line));
            }
            Event::Removed {
                object,
                removed: Removed::Now,
            } => self.info(&format!("removed {} {}", object.kind, object.name)),
            // The other events are for people who work in the repository, or repeat what other lines say.
            Event::SettingChanged(_)
            | Event::EncryptedConfig(_)
            | Event::Unverified(_)
            | Event::LabelsChanged(_)
            | Event::Uncommitted { .. }
            | Event::InputChanged { .. }
            | Event::Creating { .. }
            | Event::CreatingNetworks { .. }
            | Event::ClientStarted { .. }
            | Event::Progress(_)
            | Event::Removing { .. }
            | Event::Removed { .. } => {}
        }
    }

    fn is_interrupted(&self) -> bool {
        (self.is_stopped)()
    }
}

/// The first characters of the id of a commit or blob.
pub(crate) fn beginning(id: &str) -> &str {
    id.get(..SHOWN).unwrap_or(id)
}

fn changed(reason: &UpdateReason) -> String {
    let change = &reason.change;
    let before = reason.blobs_before.first();
    let before = before.map_or("nothing", |blob| beginning(blob));
    let after = reason.blob_after.as_deref().map_or("nothing", beginning);
    let path = change.path.as_deref().unwrap_or("no longer mounted");
    format!(
        "service {} will be updated: {} {} ({path}) {before} -> {after}",
        change.service, change.kind, change.entry
    )
}

fn converged(services: &[Watched]) -> impl Iterator<Item = String> {
    let (changed, unchanged): (Vec<&Watched>, Vec<&Watched>) =
        services.iter().partition(|watched| watched.is_changed);
    let lines = changed.into_iter();
    let lines = lines.map(|watched| format!("converged service {}", watched.service));
    let rest = match unchanged.len() {
        0 => None,
        count => Some(format!("services that run as before: {count}")),
    };
    lines.chain(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Deaf;

    impl ServiceLog for Deaf {
        fn write(&self, _: &LogMessage<'_>) {}
    }

    #[test]
    fn the_error_of_a_long_story_is_kept() {
        for (line, count) in [
            ("x".to_owned(), MAXIMUM_LINES),
            ("x".repeat(MAXIMUM_LENGTH), 66),
        ] {
            let run_log = RunLog {
                stack: "web",
                run: RunId(1),
                log: &Deaf,
                is_stopped: &|| false,
                lines: RefCell::default(),
            };
            for _ in 0..2 * MAXIMUM_LINES {
                run_log.info(&line);
            }
            run_log.log(LogLevel::Error, "it broke");
            run_log.info("failed (no commit)");
            let lines = run_log.lines.take();
            assert_eq!(lines.len(), count + 1);
            assert_eq!(lines.last().map(String::as_str), Some("it broke"));
        }
    }
}
