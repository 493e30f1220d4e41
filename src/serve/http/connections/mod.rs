//! Incoming connections: accepted, counted, and read up to an HTTP request.
//!
//! A `listener` asks its `door` whether there is room for another connection. It may have a `certificate` for TLS. A `respondent` makes
//! the response to each request.

mod certificate;
mod door;
mod listener;
mod respondent;

pub(crate) use listener::Listeners;
pub(super) use listener::answer_requests;
pub(super) use respondent::Respondent;
