//! Tests of `serve` over HTTP with real git, some of them with a real single-node Swarm.

#[path = "../harness/mod.rs"]
mod harness;

mod credentials;
mod deliveries;
mod forward;
mod health;
mod inbox;
mod limits;
mod notifications;
mod outages;
mod page;
mod polling;
mod rollbacks;
#[allow(dead_code, reason = "the matrices use the rest")]
mod scene;
mod self_update;
mod settings;
mod swarm;
mod tls;
mod web_client;
