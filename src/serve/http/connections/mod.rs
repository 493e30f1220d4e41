//! The connections that come in: accepted, counted, and read as HTTP until a request is known.
//!
//! A `listener` has a `door`, which is not open for too many at once, and may have a `certificate` for TLS. It asks a `respondent` for
//! the answer to each request.

mod certificate;
mod door;
mod listener;
mod respondent;

pub(crate) use listener::Listeners;
pub(super) use listener::answer_requests;
pub(super) use respondent::Respondent;
