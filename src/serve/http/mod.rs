//! The HTTP side. Its files are the only ones of this room that name hyper and tokio.
//!
//! There are two listeners (`listener`): one for forges and for people with a token, one for the page and the metrics. `routes` says
//! who answers what: `hooks` takes deliveries, `requests` takes what people ask for, and `reports` tells how things are. A `body` is
//! read within limits of length, time, and memory, a `certificate` is for TLS, and a `door` is not open for too many at once. Whoever needs the runs, which may
//! be on their way to the disk, waits in a thread of its own: the one that answers does not.
//!
//! The `client` is for requests of the service's own; a `messenger` waits for the answers. A receiver has a `relay` in place of the rest.

mod answer;
mod body;
mod certificate;
mod client;
mod door;
mod hooks;
mod listener;
mod messenger;
mod relay;
mod reports;
mod requests;
mod routes;

pub(crate) use client::WebError;
pub(crate) use listener::{Listeners, serve_http, serve_relay};
pub(crate) use messenger::Messenger;
