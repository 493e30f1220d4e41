//! Turns errors into one line, hints and an exit code. There is one file for each module whose errors they are.

mod filter;
mod keyring;
mod leaks;
mod repository;
#[cfg(feature = "swarm")]
mod serve;
mod stack;
#[cfg(feature = "swarm")]
mod swarm;
mod written_path;

pub(crate) use filter::ROOM_FOR_LONG_FILES;
#[cfg(feature = "swarm")]
pub(crate) use swarm::IMAGE_HINT;

use std::collections::HashSet;
use std::fmt;
use std::io;

/// Why something could not be done, in one line, with hints at what to do next. It never holds a secret.
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    message: String,
    /// More failures that were found at the same time, one line each.
    further: Vec<String>,
    hints: Vec<String>,
}

/// The kinds of failure that a caller can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Any failure without a kind of its own.
    Failed,
    /// The arguments are wrong, or contradict each other.
    Usage,
    /// The user interrupted the program.
    Interrupted,
    /// The reader of standard output has closed it. The program ends without a message.
    BrokenPipe,
}

impl Failure {
    /// A failure whose message says in one line what was being done, to what, and why it failed.
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            kind: FailureKind::Failed,
            message: message.to_string(),
            further: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// A failure because the arguments are wrong or contradict each other.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self {
            kind: FailureKind::Usage,
            ..Self::new(message)
        }
    }

    /// A failure to write to standard output.
    pub fn output(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => FailureKind::BrokenPipe,
            _ => FailureKind::Failed,
        };
        Self {
            kind,
            ..Self::new(format_args!("writing to standard output failed: {error}"))
        }
    }

    /// Several failures that were found together. Repeated lines and hints are left out. `None` if there are no failures.
    pub(crate) fn several(failures: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut failures = failures.into_iter();
        let mut all = failures.next()?;
        let mut known: HashSet<String> = all.lines().map(str::to_owned).collect();
        let mut known_hints: HashSet<String> = all.hints.iter().cloned().collect();
        for failure in failures {
            let lines = std::iter::once(failure.message).chain(failure.further);
            let new = lines.filter(|line| known.insert(line.clone()));
            all.further.extend(new);
            let hints = failure.hints.into_iter();
            all.hints
                .extend(hints.filter(|hint| known_hints.insert(hint.clone())));
        }
        Some(all)
    }

    /// Adds a hint that says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// The kind of this failure.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The messages of all failures in this one, one line each.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        let further = self.further.iter().map(String::as_str);
        std::iter::once(self.message.as_str()).chain(further)
    }

    /// The hints at what to do next, one line each.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        self.further
            .iter()
            .try_for_each(|line| write!(formatter, "; {line}"))
    }
}
