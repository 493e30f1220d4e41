//! Takes deliveries: verifies them, finds the stacks that they concern, and has their runs on the disk before it answers.

use std::sync::PoisonError;

use http::HeaderMap;
use thiserror::Error;

use super::deliveries::{Delivery, DeliveryError, DeliveryEvent, Forge, Push};
use super::runs::{Book, Cause, JournalError, RunId, RunRequest};
use super::settings::{ServedRepository, ServiceSettings};

/// The answer to a delivery that is a forge's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reception {
    /// The forge has asked whether anybody is there.
    Ping,
    /// Nothing is to be done, for this reason.
    Ignored(String),
    /// These runs do it.
    Runs(Vec<RunId>),
}

/// Why a delivery is not taken.
#[derive(Debug, Error)]
pub(crate) enum ReceptionError {
    /// It is no good delivery.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// Nobody has a secret that could show whose it is.
    #[error("no repository has `secret-files`")]
    NoSecrets,
    /// It is about a repository that is not in the settings, or is signed with the secret of another one.
    #[error("its secret is that of no repository called {name}")]
    OtherRepository { name: String },
    /// Its runs can't be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Takes a delivery that came to the path of `forge`. `now` is in seconds since 1970.
pub(crate) fn take_delivery(
    settings: &ServiceSettings,
    book: &Book,
    forge: Forge,
    headers: &HeaderMap,
    body: &[u8],
    now: u64,
) -> Result<Reception, ReceptionError> {
    let mut refused = None;
    let mut other = None;
    let mut ignored = None;
    let mut requests = Vec::new();
    let mut is_ours = false;
    for (place, repository) in settings.repositories.iter().enumerate() {
        let trust = repository.trust.lock();
        let mut trust = trust.unwrap_or_else(PoisonError::into_inner);
        if trust.secrets.is_empty() {
            continue;
        }
        let delivery = match Delivery::read(forge, &mut trust, headers, body, now) {
            Ok(delivery) => delivery,
            Err(error) => {
                error.keep_in(&mut refused);
                continue;
            }
        };
        drop(trust);
        let pushes = match delivery.event {
            DeliveryEvent::Ping => return Ok(Reception::Ping),
            DeliveryEvent::Other => {
                let why = "this kind of event changes no branch".to_owned();
                return Ok(Reception::Ignored(why));
            }
            DeliveryEvent::Pushes(pushes) => pushes,
        };
        if pushes.is_empty() {
            ignored = Some("no branch was pushed to".to_owned());
        }
        for push in pushes {
            if !repository.is_named(&push.repository) {
                other.get_or_insert(push.repository);
                continue;
            }
            match commit_to_deploy(repository, &push) {
                Ok(commit) => {
                    let id = delivery.id.as_ref();
                    let id = id.map(|id| format!("{} {id}", forge.word()));
                    requests.extend(settings.stacks_of(place).map(|stack| RunRequest {
                        target: stack.name.to_string(),
                        commit: Some(commit.clone()),
                        delivery: id.clone(),
                        because: Cause::Push,
                    }));
                    is_ours = true;
                }
                Err(why) => ignored = Some(why),
            }
        }
    }
    // One delivery may tell of several branches.
    if is_ours {
        return Ok(Reception::Runs(book.accept(requests)?));
    }
    match (ignored, other, refused) {
        (Some(why), ..) => Ok(Reception::Ignored(why)),
        (None, Some(name), _) => Err(ReceptionError::OtherRepository { name }),
        (None, None, Some(error)) => Err(error.into()),
        (None, None, None) => Err(ReceptionError::NoSecrets),
    }
}

/// The commit that was pushed to the branch that is deployed, or why there is none.
fn commit_to_deploy(repository: &ServedRepository, push: &Push) -> Result<String, String> {
    if push.branch != repository.branch {
        return Err(format!(
            "the branch {} is deployed, and no other",
            repository.branch
        ));
    }
    let commit = push.commit.clone();
    commit.ok_or_else(|| "the branch was deleted".to_owned())
}
