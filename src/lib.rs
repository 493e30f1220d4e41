//! Encrypts files in Git as git-crypt does, and brings a stack's files to the Swarm as secrets and configs named by their
//! content.
//!
//! The program is [`run_program`]. A program of one's own begins with [`Repository::open`]: it can [`decrypt`]
//! blobs, look for [`leaks`](leaks()), [`load_stack`], and deploy with [`Deployment`].
//!
//! # The map of the house
//!
//! Each room may use those above it, never those below:
//!
//! | room | lives there |
//! | --- | --- |
//! | `secret` | bytes that are wiped and can't be printed |
//! | `format` | the git-crypt format, bytes in and bytes out |
//! | `repository` | the Git repository: attributes, index, blobs, key store, local config |
//! | `keyring` | where keys come from and go to: collaborators, lock and unlock, rotation |
//! | `filter` | what Git calls: clean, smudge, textconv, merge and the long-running process |
//! | `stack` | the stack file: its secrets and configs, versions and names, rendering |
//! | `leaks` | the leak check: rules, what to look at, known values, report |
//! | `swarm` | the Docker side: inventory, plan, prune policy, apply |
//! | `serve` | the service: deliveries, runs, page, metrics |
//! | `failure` | errors into lines, hints and kinds |
//! | `library` | the public surface |
//! | `terminal` | the one voice |
//! | `commands` | arguments, one file a verb |

// Much in the other rooms is there for those two alone.
#![cfg_attr(not(feature = "swarm"), allow(dead_code, unused_imports))]

mod commands;
mod failure;
mod filter;
mod format;
mod keyring;
mod leaks;
mod library;
mod repository;
mod secret;
#[cfg(feature = "swarm")]
mod serve;
mod stack;
#[cfg(feature = "swarm")]
mod swarm;
mod terminal;

pub use commands::{command, run_program};
pub use failure::{Failure, FailureKind};
pub use library::{Leak, decrypt, leaks};
pub use repository::{History, Repository};
pub use secret::SecretBytes;
pub use stack::{Accepted, Settings, Stack, StackName, StackQuery, load as load_stack};
#[cfg(feature = "swarm")]
pub use swarm::{
    ClientRun, Created, Deployment, DockerEngine, Endpoint, Engine, Event, Keep, Observer, Plan,
    Policy, PreparedDeployment, Pruning, SwarmError,
};

/// The door for this package's own tests, benches and fuzz targets: no part of the library's interface.
#[doc(hidden)]
pub mod internals {
    pub use crate::commands::EXIT_CODES;
    pub use crate::failure::Failure;
    pub use crate::filter::{
        Packet, PacketReader, PacketWriter, awaited_input, serve, standard_output,
    };
    pub use crate::format::{FileKey, Header, KeyFile, KeyName, decrypt, encrypt, is_authentic};
    pub use crate::leaks::{CheckSettings, finder, searched_texts, secret_words, token_examples};
    pub use crate::repository::Repository;
    pub use crate::secret::{SecretBytes, wipe, wipe_stack};
    pub use crate::stack::{
        Accepted, ObjectKind, Settings, StackName, StackObject, StackQuery, load,
    };
    #[cfg(feature = "swarm")]
    pub use crate::swarm::{
        DockerEngine, Endpoint, Engine, EngineError, Networks, State, SwarmError, Watch, Watched,
    };

    /// A statement about a holder or a succession, written anew; none if the bytes are no good one.
    pub fn statement_written_anew(bytes: &[u8]) -> Option<String> {
        crate::keyring::statement_written_anew(bytes)
    }

    /// A list of age and SSH recipients, written anew; none if it is no good one.
    pub fn recipients_written_anew(list: &str) -> Option<String> {
        let recipients = crate::keyring::AgeRecipient::parse_list(list).ok()?;
        Some(
            recipients
                .iter()
                .map(|recipient| recipient.to_list())
                .collect(),
        )
    }

    /// A stack file in flow style; none if it is no good one.
    pub fn stack_file_written_anew(text: &str) -> Option<String> {
        crate::stack::written_anew(text)
    }

    /// A stack file with invented names; none if it is no good one, or can't be rendered.
    pub fn stack_file_rendered(text: &str) -> Option<String> {
        crate::stack::rendered_with_invented_names(text)?.ok()
    }

    /// A text with its variables replaced, as Docker does it and as names need it; none for what is refused. `V` has a value,
    /// and `E` is blank.
    pub fn interpolated(text: &str) -> [Option<String>; 2] {
        let environment = |name: &str| {
            Ok(match name {
                "V" => Some("value".to_owned()),
                "E" => Some(String::new()),
                _ => None,
            })
        };
        [
            crate::stack::interpolate(text, &environment).ok(),
            crate::stack::interpolate_strictly(text, &environment).ok(),
        ]
    }

    /// How many public and secret keys a listing of GPG has.
    pub fn keys_listed_by_gpg(listing: &str) -> [usize; 2] {
        let public = crate::keyring::public_keys(listing).len();
        [public, crate::keyring::secret_fingerprints(listing).len()]
    }
}
