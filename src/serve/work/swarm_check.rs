//! Whether the Swarm answered the last request.

use std::time::Duration;

use super::context::WorkContext;
use super::last_error::LastError;
use crate::serve::log::LogLevel;
use crate::swarm::{DockerEngine, Engine as _};

/// Time between two requests.
const BETWEEN_LOOKS: Duration = Duration::from_secs(15);

/// The result of the last request to the Swarm.
#[derive(Default)]
pub(super) struct SwarmCheck {
    trouble: LastError,
}

impl SwarmCheck {
    /// Why the Swarm can't be reached, if it can't.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.seen()
    }

    /// Asks the Swarm again and again until the service is to end.
    pub(super) fn run(&self, context: &WorkContext) {
        while !context.is_stopped() {
            let engine = DockerEngine::connect(&context.parts.docker.endpoint, |_| {});
            let trouble = engine.and_then(|engine| engine.inventory_of_objects());
            let trouble = trouble.err().map(|error| error.to_string());
            let (level, text) = match &trouble {
                Some(trouble) => (LogLevel::Warning, trouble.clone()),
                None => (LogLevel::Information, "the Swarm answers again".to_owned()),
            };
            if self.trouble.note(trouble) {
                context.write_log(level, &text);
            }
            context.pause(BETWEEN_LOOKS);
        }
    }
}
