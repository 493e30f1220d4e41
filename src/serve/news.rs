//! The news of the service, for a log.

use super::runs::RunId;

/// How much somebody should care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Information,
    Warning,
    Error,
}

/// A line of the log. It holds no secret.
#[derive(Debug)]
pub(crate) struct News<'a> {
    pub weight: Weight,
    /// The stack and the run that it is about.
    pub run: Option<(&'a str, RunId)>,
    pub text: &'a str,
}

/// Where the service tells of its work.
pub(crate) trait ServiceLog: Send + Sync {
    /// Something has happened.
    fn tell(&self, news: &News<'_>);
}

impl<'a> News<'a> {
    /// A line about the service itself.
    pub(crate) fn of_service(weight: Weight, text: &'a str) -> Self {
        Self {
            weight,
            run: None,
            text,
        }
    }
}
