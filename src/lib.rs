//! The map of the house: git-crypt-compatible encryption, Swarm secrets and configs named by content.
//!
//! Each room may use those above it, never those below:
//!
//! | room | lives there |
//! | --- | --- |
//! | [`secret`] | bytes that are wiped and can't be printed |
//! | [`format`](mod@format) | the git-crypt format, bytes in and bytes out |
//! | [`repository`] | the Git repository: attributes, index, blobs, key store, local config |
//! | [`filter`] | what Git calls: clean, smudge, textconv and the long-running process |
//! | [`stack`] | the stack file: its secrets and configs, versions and names, rendering |
//! | [`leaks`] | the leak check: rules, what to look at, known values, report |
//! | [`swarm`] | the Docker side: inventory, plan, prune policy, apply |
//! | [`commands`] | arguments, one file a verb |
//! | [`terminal`], [`failure`] | the one voice; errors into lines, hints and exit codes |

pub mod commands;
pub mod failure;
pub mod filter;
pub mod format;
pub mod keyring;
pub mod leaks;
pub mod repository;
pub mod secret;
pub mod stack;
pub mod swarm;
pub mod terminal;
