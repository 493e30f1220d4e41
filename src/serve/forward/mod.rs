//! A receiver: it verifies what comes from the internet, and hands it on to an updater inside, which verifies it again.
//!
//! It needs no Swarm, no clone and no key. The `handover` says what is verified and which headers are handed on, the `forwarder`
//! knows how that went, and `receiving` starts it. It does not remember a delivery: one that the updater has not answered is answered so, and shown as failed at its forge.

mod forwarder;
mod handover;
mod receiving;

pub(crate) use forwarder::Forwarder;
pub(crate) use handover::{FORWARDED, HOPS, hops_after, verify_delivery};
pub(crate) use receiving::{check_receiver, receive};
