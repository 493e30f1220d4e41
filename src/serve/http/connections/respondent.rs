//! Asks for answers: the side of the connections does not know whether an updater or a receiver gives them.

use std::sync::Arc;
use std::time::Duration;

use hyper::{Request as HttpRequest, body::Incoming as IncomingBody};

use crate::serve::http::answer::HttpAnswer;
use crate::serve::http::routes::{Entrance, Resource};
use crate::serve::news::ServiceLog;
use crate::serve::refusals::Refusals;

/// Somebody who answers requests.
pub(in crate::serve::http) trait Respondent: Send + Sync + 'static {
    /// The answer to a request for `resource`, which came to `entrance`.
    fn respond(
        self: &Arc<Self>,
        entrance: Entrance,
        resource: Resource,
        request: HttpRequest<IncomingBody>,
    ) -> impl Future<Output = HttpAnswer> + Send;

    /// True once the service is to end.
    fn is_stopped(&self) -> bool;

    /// How long a run may take.
    fn longest_run(&self) -> Duration;

    fn log(&self) -> &dyn ServiceLog;

    /// The deliveries that it refuses.
    fn refusals(&self) -> &Refusals;
}
