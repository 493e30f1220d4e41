//! Why the docker client did not deploy a stack.

use std::io;

use thiserror::Error;

use crate::stack::StackName;

/// A failure between this program and the docker client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The client can't be run.
    #[error("the docker client can't be run: {source}")]
    NotInstalled { source: io::Error },
    /// A file can't be handed to the client.
    #[error("{file} can't be handed to the docker client: {source}")]
    HandOver {
        /// The path of the file, from the top of the repository.
        file: String,
        source: io::Error,
    },
    /// The client does not reach the daemon, or is too old for it.
    #[error("the docker client can't talk to the daemon: {words}")]
    CanNotConnect {
        /// The client's words.
        words: String,
    },
    /// The client would refuse the stack, as it says before anything is done.
    #[error("{}docker refuses stack {stack}: {words}", place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default())]
    Objection {
        /// The stack.
        stack: StackName,
        /// Stack file and line that the words are about; none if they don't tell.
        place: Option<String>,
        /// The client's words.
        words: String,
    },
    /// The client would refuse the stack, in words that may hold a secret.
    #[error("{}docker refuses stack {stack}, in words that may hold a value of {files} and are not shown", place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default())]
    SecretObjection {
        /// The stack.
        stack: StackName,
        /// Stack file and line that the words are about; none if they don't tell.
        place: Option<String>,
        /// The paths of the files that give secret values.
        files: String,
    },
    /// The client ended without an error, and has deployed nothing.
    #[error("docker stack deploy {stack} ended without an error, and did not deploy {}", services.join(", "))]
    DidNothing {
        /// The stack.
        stack: StackName,
        /// The services that are as they were.
        services: Vec<String>,
    },
    /// The client has refused the stack, in its own words.
    #[error("{}docker stack deploy {stack} failed: {words}", place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default())]
    Refused {
        stack: StackName,
        /// Stack file and line that the words are about; none if they don't tell.
        place: Option<String>,
        /// The client's words.
        words: String,
        /// True if the client does not take the user's own arguments.
        usage: bool,
    },
}
