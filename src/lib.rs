//! Encrypts files in Git as git-crypt does, and creates a stack's files in a Docker Swarm as secrets and configs whose names
//! hold the version of their content.
//!
//! The `hs-secrets` program is [`run_program`]. A program that uses this library begins with [`Repository::open`]. Then it
//! can [`decrypt`] blobs, search for [`leaks`](leaks()), load a stack with [`load_stack`], and deploy one with
//! [`Deployment`].
//!
//! # The map of the modules
//!
//! Each module ("room") may use those above it in this table, never those below:
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
//! | `failure` | turns errors into lines, hints and kinds |
//! | `library` | the public functions that are in no other module |
//! | `terminal` | everything that is printed or asked |
//! | `commands` | the command line, one file for each command |

// Without the feature `swarm`, the modules `swarm` and `serve` are left out. Much in the other modules is then unused.
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

/// For this package's own tests, benches and fuzz targets. It is not part of the library's interface.
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

    /// Parses a statement about a holder or a succession and serializes it again. `None` if the bytes are not a valid
    /// statement.
    pub fn statement_written_anew(bytes: &[u8]) -> Option<String> {
        crate::keyring::statement_written_anew(bytes)
    }

    /// Parses a list of age and SSH recipients and serializes it again. `None` if the list is not valid.
    pub fn recipients_written_anew(list: &str) -> Option<String> {
        let recipients = crate::keyring::AgeRecipient::parse_list(list).ok()?;
        Some(
            recipients
                .iter()
                .map(|recipient| recipient.to_list())
                .collect(),
        )
    }

    /// Rewrites a stack file in flow style. `None` if the text is not a valid stack file.
    pub fn stack_file_written_anew(text: &str) -> Option<String> {
        crate::stack::written_anew(text)
    }

    /// Renders a stack file with invented object names. `None` if the text is not a valid stack file or can't be rendered.
    pub fn stack_file_rendered(text: &str) -> Option<String> {
        crate::stack::rendered_with_invented_names(text)?.ok()
    }

    /// Replaces the variables in a text, first by Docker's rules, then by the strict rules for names. `None` if the text is
    /// refused. The variable `V` has a value, `E` is blank, and all others are unset.
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

    /// The number of public keys and of secret keys in a listing that `gpg` printed.
    pub fn keys_listed_by_gpg(listing: &str) -> [usize; 2] {
        let public = crate::keyring::public_keys(listing).len();
        [public, crate::keyring::secret_fingerprints(listing).len()]
    }
}
