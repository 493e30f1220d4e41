//! A stack's files on a real, single-node Swarm.

#[path = "../harness/mod.rs"]
mod harness;

mod aged;
mod attacks;
mod connection;
mod daemon;
mod deploy;
mod deploy_failures;
mod deploy_interrupts;
mod deploy_lab;
mod deploy_pruning;
mod field_changes;
mod forecast;
mod foresight;
mod formats;
mod guarded;
mod home_lab;
mod jobs;
mod lab;
mod leftovers;
mod listing;
mod neighbours;
mod networks;
mod newlines;
mod objections;
mod prune;
#[path = "../trust/scene.rs"]
#[allow(dead_code, reason = "the attacks without an engine use the rest")]
mod scene;
mod several_files;
mod ssh;
mod sync;
mod variables;
