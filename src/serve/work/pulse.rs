//! Whether the Swarm answered the last request.

use std::time::Duration;

use super::context::WorkContext;
use super::trouble::Trouble;
use crate::serve::news::Weight;
use crate::swarm::{DockerEngine, Engine as _};

/// Time between two requests.
const BETWEEN_LOOKS: Duration = Duration::from_secs(15);

/// The result of the last request to the Swarm.
#[derive(Default)]
pub(super) struct Pulse {
    trouble: Trouble,
}

impl Pulse {
    /// Why the Swarm can't be reached, if it can't.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.seen()
    }

    /// Asks the Swarm again and again until the service is to end.
    pub(super) fn feel(&self, context: &WorkContext) {
        while !context.is_stopped() {
            let engine = DockerEngine::connect(&context.parts.docker.endpoint, |_| {});
            let trouble = engine.and_then(|engine| engine.inventory_of_objects());
            let trouble = trouble.err().map(|error| error.to_string());
            let (weight, text) = match &trouble {
                Some(trouble) => (Weight::Warning, trouble.clone()),
                None => (Weight::Information, "the Swarm answers again".to_owned()),
            };
            if self.trouble.note(trouble) {
                context.say(weight, &text);
            }
            context.pause(BETWEEN_LOOKS);
        }
    }
}
