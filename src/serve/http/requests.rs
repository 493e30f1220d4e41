//! Answers requests for runs, which need the token, and waits for the end of runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::body::Incoming as IncomingBody;
use hyper::{Request as HttpRequest, StatusCode};
use serde_json::json;

use super::response::{HttpResponse, json, refusal};
use super::routes::{Entrance, is_wait};
use super::site::Site;
use super::token::without_token;
use crate::serve::report::run_report;
use crate::serve::runs::{Cause, Queue, RunId, RunRequest, RunState};

/// Maximum number of connections that wait for the end of a run. Each has a thread.
const MAXIMUM_WAITING: usize = 32;

static WAITING: AtomicUsize = AtomicUsize::new(0);

/// A connection that waits, counted until this is dropped. A panic drops it, too.
struct WaitingConnection;

impl WaitingConnection {
    /// `None` if as many as may wait do so already.
    fn counted() -> Option<Self> {
        let one_more = |count| (count < MAXIMUM_WAITING).then_some(count + 1);
        let counted = WAITING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        counted.is_ok().then(|| Self)
    }
}

impl Drop for WaitingConnection {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Site {
    pub(super) async fn deploy(
        self: &Arc<Self>,
        stack: &str,
        request: HttpRequest<IncomingBody>,
    ) -> HttpResponse {
        self.ordered(stack, request, Cause::Person).await
    }

    /// Goes back to the commit before the last change, or to the one of `?to=COMMIT`.
    pub(super) async fn rollback(
        self: &Arc<Self>,
        stack: &str,
        request: HttpRequest<IncomingBody>,
    ) -> HttpResponse {
        self.ordered(stack, request, Cause::Rollback).await
    }

    async fn ordered(
        self: &Arc<Self>,
        stack: &str,
        request: HttpRequest<IncomingBody>,
        because: Cause,
    ) -> HttpResponse {
        let settings = &self.updater.parts().settings;
        if let Some(refused) = without_token(settings.token.as_ref(), &request) {
            return refused;
        }
        if settings.stack(stack).is_none() {
            let why = format!("there is no stack {stack} in the settings");
            return refusal(StatusCode::NOT_FOUND, why);
        }
        let query = request.uri().query().unwrap_or_default().to_owned();
        let stack = stack.to_owned();
        let waits = is_wait(&query);
        self.in_thread(move |site| match site.order(stack, because, &query) {
            Ok(runs) => site.accepted_runs(&runs, waits),
            Err((status, why)) => refusal(status, why),
        })
        .await
    }

    fn order(
        &self,
        stack: String,
        because: Cause,
        query: &str,
    ) -> Result<Vec<RunId>, (StatusCode, String)> {
        let commit = match because {
            Cause::Rollback => match self.commit_to_go_back_to(&stack, query) {
                Ok(commit) => Some(commit),
                Err(why) => return Err((StatusCode::CONFLICT, why.to_owned())),
            },
            _ => None,
        };
        let wanted = RunRequest {
            target: stack,
            commit,
            delivery: None,
            because,
        };
        let accepted = self.updater.parts().book.accept([wanted]);
        accepted.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
    }

    fn commit_to_go_back_to(&self, stack: &str, query: &str) -> Result<String, &'static str> {
        let mut fields = form_urlencoded::parse(query.as_bytes());
        if let Some((_, commit)) = fields.find(|(name, _)| name == "to") {
            let is_id = |id: &str| id.bytes().all(|digit| digit.is_ascii_hexdigit());
            let is_long = (7..=64).contains(&commit.len());
            let is_commit = is_long && is_id(&commit);
            let commit = is_commit.then(|| commit.into_owned());
            return commit.ok_or("`to` must be a commit, in at least 7 hexadecimal digits");
        }
        self.updater.parts().book.read(|queue| {
            if queue.runs().held_back(stack).is_some() {
                return Err("it was rolled back already: `?to=COMMIT` goes further");
            }
            let before = queue.runs().commit_before(stack);
            before.ok_or("no commit before the last change is known: `?to=COMMIT` names one")
        })
    }

    /// The refusal of a request that may not see the runs. The listener for forges asks for the token, the listener for the page does not.
    pub(super) fn without_access(
        &self,
        entrance: Entrance,
        request: &HttpRequest<IncomingBody>,
    ) -> Option<HttpResponse> {
        match entrance {
            Entrance::Forges => {
                let token = &self.updater.parts().settings.token;
                without_token(token.as_ref(), request)
            }
            Entrance::Page => None,
        }
    }

    /// The response about accepted runs: at once, or after their end.
    pub(super) fn accepted_runs(&self, runs: &[RunId], waits: bool) -> HttpResponse {
        let waiting = waits.then(WaitingConnection::counted).flatten();
        if waiting.is_none() {
            return self.told(runs, StatusCode::ACCEPTED);
        }
        let book = &self.updater.parts().book;
        let over = |queue: &Queue| all_are_over(queue, runs);
        let are_good = book.wait_until(self.updater.parts().settings.timeout, over);
        drop(waiting);
        let status = match are_good {
            Some(true) => StatusCode::OK,
            Some(false) => StatusCode::INTERNAL_SERVER_ERROR,
            None => StatusCode::ACCEPTED,
        };
        self.told(runs, status)
    }

    fn told(&self, runs: &[RunId], status: StatusCode) -> HttpResponse {
        let updater = &self.updater;
        let reports = updater.parts().book.read(|queue| {
            let reports = runs.iter().filter_map(|id| {
                let (id, run) = queue.runs().successor(*id)?;
                Some(run_report(id, run, updater))
            });
            reports.collect::<Vec<_>>()
        });
        json(status, &json!({ "runs": reports }))
    }
}

/// Whether all of these runs were successful; `None` if one is not over.
fn all_are_over(queue: &Queue, runs: &[RunId]) -> Option<bool> {
    let mut are_good = true;
    for id in runs {
        match queue.runs().successor(*id).map(|(_, run)| &run.state) {
            Some(RunState::Ended(result)) => are_good &= result.is_good(),
            Some(_) => return None,
            // The run is so old that it was forgotten.
            None => {}
        }
    }
    Some(are_good)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_connection_is_counted_until_it_waits_no_longer_even_if_its_thread_panics() {
        let panicked = thread::spawn(|| {
            let _waiting = WaitingConnection::counted().expect("nothing else waits");
            panic!("an error in this program");
        });
        assert!(panicked.join().is_err());
        let count = || WaitingConnection::counted();
        let waiting: Vec<_> = std::iter::from_fn(count).collect();
        assert_eq!(waiting.len(), MAXIMUM_WAITING);
        drop(waiting);
        assert!(WaitingConnection::counted().is_some());
    }
}
