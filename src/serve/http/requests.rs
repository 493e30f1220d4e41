//! Answers requests of people and programs that have the token, and those who wait for runs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use hyper::body::Incoming as IncomingBody;
use hyper::header::AUTHORIZATION;
use hyper::{Request as HttpRequest, StatusCode};
use serde_json::json;

use super::answer::{HttpAnswer, json, refusal};
use super::hooks::is_wait;
use super::routes::{Entrance, Site};
use crate::serve::report::run_report;
use crate::serve::runs::{Cause, Queue, RunId, RunState, Wish};

/// Maximum number of connections that wait for the end of a run. Each has a thread.
const MAXIMUM_WAITING: usize = 32;

static WAITING: AtomicUsize = AtomicUsize::new(0);

impl Site {
    pub(super) async fn deploy(
        self: &Arc<Self>,
        stack: &str,
        request: HttpRequest<IncomingBody>,
    ) -> HttpAnswer {
        self.ordered(stack, request, Cause::Person).await
    }

    /// Goes back to the commit before the last change, or to the one of `?to=COMMIT`.
    pub(super) async fn rollback(
        self: &Arc<Self>,
        stack: &str,
        request: HttpRequest<IncomingBody>,
    ) -> HttpAnswer {
        self.ordered(stack, request, Cause::Rollback).await
    }

    async fn ordered(
        self: &Arc<Self>,
        stack: &str,
        request: HttpRequest<IncomingBody>,
        because: Cause,
    ) -> HttpAnswer {
        if let Some(refused) = self.without_token(&request) {
            return refused;
        }
        let parts = self.updater.parts();
        if parts.settings.stack(stack).is_none() {
            let why = format!("there is no stack {stack} in the settings");
            return refusal(StatusCode::NOT_FOUND, why);
        }
        let query = request.uri().query().unwrap_or_default();
        let commit = match because {
            Cause::Rollback => match self.commit_to_go_back_to(stack, query) {
                Ok(commit) => Some(commit),
                Err(why) => return refusal(StatusCode::CONFLICT, why),
            },
            _ => None,
        };
        let wish = Wish {
            target: stack.to_owned(),
            commit,
            delivery: None,
            because,
        };
        match parts.book.accept([wish]) {
            Ok(runs) => self.accepted_runs(runs, is_wait(query)).await,
            Err(error) => refusal(StatusCode::SERVICE_UNAVAILABLE, error),
        }
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
            if queue.held_back(stack).is_some() {
                return Err("it was rolled back already: `?to=COMMIT` goes further");
            }
            let before = queue.commit_before(stack);
            before.ok_or("no commit before the last change is known: `?to=COMMIT` names one")
        })
    }

    /// An answer for whoever has the token, or has come to the page's own listener.
    pub(super) fn guarded(
        &self,
        entrance: Entrance,
        request: &HttpRequest<IncomingBody>,
        answer: impl FnOnce(&Self) -> HttpAnswer,
    ) -> HttpAnswer {
        let refused = match entrance {
            Entrance::Forges => self.without_token(request),
            Entrance::Page => None,
        };
        refused.unwrap_or_else(|| answer(self))
    }

    /// The answer to a request that does not have the token.
    fn without_token(&self, request: &HttpRequest<IncomingBody>) -> Option<HttpAnswer> {
        let Some(token) = &self.updater.parts().settings.token else {
            let why = "nobody may ask for this: the settings have no `token-file`";
            return Some(refusal(StatusCode::FORBIDDEN, why));
        };
        let given = request.headers().get(AUTHORIZATION);
        let given = given.and_then(|given| given.as_bytes().strip_prefix(b"Bearer "));
        let mut token = token.lock().unwrap_or_else(PoisonError::into_inner);
        let is_right = given.is_some_and(|given| token.is(given));
        (!is_right).then(|| {
            let why = "this needs the header `Authorization: Bearer TOKEN`";
            refusal(StatusCode::UNAUTHORIZED, why)
        })
    }

    /// The answer about runs that were accepted: now, or when they are over.
    pub(super) async fn accepted_runs(
        self: &Arc<Self>,
        runs: Vec<RunId>,
        waits: bool,
    ) -> HttpAnswer {
        if !waits {
            return self.told(&runs, StatusCode::ACCEPTED);
        }
        if WAITING.fetch_add(1, Ordering::Relaxed) >= MAXIMUM_WAITING {
            WAITING.fetch_sub(1, Ordering::Relaxed);
            return self.told(&runs, StatusCode::ACCEPTED);
        }
        let site = Arc::clone(self);
        let waited = tokio::task::spawn_blocking(move || {
            let book = &site.updater.parts().book;
            let over = |queue: &Queue| all_are_over(queue, &runs);
            let are_good = book.wait_until(site.longest_run(), over);
            WAITING.fetch_sub(1, Ordering::Relaxed);
            let status = match are_good {
                Some(true) => StatusCode::OK,
                Some(false) => StatusCode::INTERNAL_SERVER_ERROR,
                None => StatusCode::ACCEPTED,
            };
            site.told(&runs, status)
        });
        waited.await.unwrap_or_else(|_| {
            refusal(
                StatusCode::INTERNAL_SERVER_ERROR,
                "an error in this program",
            )
        })
    }

    fn told(&self, runs: &[RunId], status: StatusCode) -> HttpAnswer {
        let updater = &self.updater;
        let reports = updater.parts().book.read(|queue| {
            let reports = runs.iter().filter_map(|id| {
                let (id, run) = queue.successor(*id)?;
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
        match queue.successor(*id).map(|(_, run)| &run.state) {
            Some(RunState::Ended(result)) => are_good &= result.is_good(),
            Some(_) => return None,
            // It is so old that it was forgotten.
            None => {}
        }
    }
    Some(are_good)
}
