//! The HTTP side. Its files are the only ones of this room that name hyper and tokio.
//!
//! There are two listeners (`connections`): one for forges and for people with a token, one for the page and the metrics. `routes` knows
//! which resource a request asks for. `dispatch` responds for an updater, whose state is a `site`: `hooks` takes deliveries, `requests`
//! takes orders that have the `token`, and `reports` shows the state of the service. A `relay` responds for a receiver. A `body` is read within
//! limits of length, time, and memory. A `response` that needs the runs, which may be on their way to the disk, is made in a thread of
//! its own.
//!
//! The `client` is for requests of the service's own, each with its `message_body`; a `messenger` waits for the responses.

mod body;
mod client;
mod connections;
mod dispatch;
mod hooks;
mod message_body;
mod messenger;
mod relay;
mod reports;
mod requests;
mod response;
mod routes;
mod site;
mod token;

pub(crate) use client::WebError;
pub(crate) use connections::Listeners;
pub(crate) use dispatch::serve_http;
pub(crate) use messenger::Messenger;
pub(crate) use relay::serve_relay;
