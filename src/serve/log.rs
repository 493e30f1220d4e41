//! The log of the service: its messages, and where they go.

use super::runs::RunId;

/// How serious a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogLevel {
    Information,
    Warning,
    Error,
}

/// A message for the log. It holds no secret.
#[derive(Debug)]
pub(crate) struct LogMessage<'a> {
    pub level: LogLevel,
    /// The stack and the run that the message is about; `None` for the service itself.
    pub run: Option<(&'a str, RunId)>,
    pub text: &'a str,
}

/// Writes the log of the service.
pub(crate) trait ServiceLog: Send + Sync {
    /// Writes a message.
    fn write(&self, message: &LogMessage<'_>);
}

impl<'a> LogMessage<'a> {
    /// A message about the service itself.
    pub(crate) fn of_service(level: LogLevel, text: &'a str) -> Self {
        Self {
            level,
            run: None,
            text,
        }
    }
}
