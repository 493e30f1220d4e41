//! A receiver: it verifies what comes from the internet, and hands it on to an updater inside, which verifies it again.
//!
//! A receiver needs no Swarm, no clone and no key. The `handover` says what is verified and which headers are handed on, the `forwarder`
//! counts the results, and `receiving` starts the receiver. A receiver stores no delivery: if the updater does not respond, the forge
//! gets an error, and shows the delivery as failed.

mod forwarder;
mod handover;
mod receiving;

pub(crate) use forwarder::Forwarder;
pub(crate) use handover::{FORWARDED, HOPS, hops_after, verify_delivery};
pub(crate) use receiving::{check_receiver, receive};
