//! The events of work on a Swarm, and the observer that hears of them.

use super::deploy::commits_ahead::CommitAhead;
use super::deploy::convergence::watch::Watched;
use super::objects::created::Created;
use super::objects::notices::setting_change::SettingChange;
use super::objects::reasons::UpdateReason;
use super::objects::removal::Removed;
use super::observed::object::SwarmObject;
use crate::stack::{ExternalNetwork, ObjectKind, ObjectName, StackName, StackObject};

/// Hears what happens while stacks are brought to a Swarm. Nothing in this room prints.
///
/// An implementation that keeps what it hears has a lock or a cell inside.
pub trait Observer {
    /// Something has happened or is about to happen.
    fn tell(&self, event: Event<'_>);

    /// True once the work is to end. What is under way is finished first.
    fn is_interrupted(&self) -> bool {
        false
    }
}

/// An observer that ignores everything.
impl Observer for () {
    fn tell(&self, _: Event<'_>) {}
}

/// An event on the way from a commit to converged services. They are listed in the order in which they happen.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another deployment has the turn of the stack.
    TurnAwaited {
        /// The stack.
        stack: &'a StackName,
        /// Who has the turn.
        holder: &'a str,
        /// The time since when, in words.
        since: &'a str,
    },
    /// The deployment that had the turn of the stack has ended without giving it back.
    TurnInherited {
        /// The stack.
        stack: &'a StackName,
        /// Who had the turn.
        holder: &'a str,
    },
    /// A setting has changed since the newest objects in the Swarm were made.
    SettingChanged(&'a SettingChange),
    /// A stack makes a config of a file that is encrypted in Git.
    EncryptedConfig(&'a StackObject),
    /// These objects have a wanted name, and content that can't be verified.
    Unverified(&'a [&'a SwarmObject]),
    /// The entries of these objects have other labels now. The objects keep those that they were made with.
    LabelsChanged(&'a [&'a SwarmObject]),
    /// Files of a stack that no commit has.
    Uncommitted {
        /// The stack.
        stack: &'a StackName,
        /// The paths of the files.
        files: &'a [String],
    },
    /// A variable in a stack file is not set. Docker puts nothing in its place.
    UnsetVariable {
        /// The variable.
        name: &'a str,
        /// Stack file and line.
        place: &'a str,
    },
    /// Files or variables of a stack have changed since it was deployed. Docker decides which of its services that changes.
    InputChanged {
        /// The stack.
        stack: &'a StackName,
        /// The files and variables, in words.
        changed: &'a [String],
        /// The id of the commit that was deployed; none if there was none.
        since: Option<&'a str>,
    },
    /// Something that runs was made from a commit that the revision in hand does not contain.
    CommitAhead(&'a CommitAhead),
    /// The deployment will update the services of a stack.
    ServiceChanges(&'a [UpdateReason]),
    /// Objects are about to be created.
    Creating {
        /// How many.
        total: usize,
    },
    /// An object is in the Swarm now.
    Created {
        /// Secret or config.
        kind: ObjectKind,
        /// Its name.
        name: &'a ObjectName,
        /// Who created it.
        by: Created,
    },
    /// External networks are about to be made.
    CreatingNetworks {
        /// How many.
        total: usize,
    },
    /// A network was made.
    NetworkCreated(&'a ExternalNetwork),
    /// The docker client begins to deploy a stack.
    ClientStarted {
        /// The stack.
        stack: &'a StackName,
    },
    /// The docker client has printed a line.
    ClientSaid {
        /// The line.
        line: &'a str,
    },
    /// The docker client has deployed a stack; its services have not converged yet.
    Deployed {
        /// The stack.
        stack: &'a StackName,
    },
    /// The states of the services. This event comes again and again.
    Progress(&'a [Watched]),
    /// All services are as the stacks want them.
    Converged(&'a [Watched]),
    /// Stale objects are about to be removed.
    Removing {
        /// How many.
        total: usize,
    },
    /// A stale object was removed, or left.
    Removed {
        /// The object.
        object: &'a SwarmObject,
        /// How its removal ended.
        removed: Removed,
    },
}
