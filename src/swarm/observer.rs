//! The events during work on a Swarm, and the observer that receives them.

use super::deploy::commits_ahead::CommitAhead;
use super::deploy::convergence::watch::Watched;
use super::objects::created::Created;
use super::objects::notices::setting_change::SettingChange;
use super::objects::reasons::UpdateReason;
use super::objects::removal::Removed;
use super::observed::object::SwarmObject;
use crate::stack::{ExternalNetwork, ObjectKind, ObjectName, StackName, StackObject};

/// Receives the events while stacks are synchronised or deployed. Nothing in `swarm` prints.
///
/// The methods take `&self`: an implementation that stores events needs a lock or a cell.
pub trait Observer {
    /// Called when something has happened or is about to happen.
    fn tell(&self, event: Event<'_>);

    /// True if the work must end. Requests that were sent are completed first.
    fn is_interrupted(&self) -> bool {
        false
    }
}

/// An observer that ignores everything.
impl Observer for () {
    fn tell(&self, _: Event<'_>) {}
}

/// An event on the way from a commit to converged services. The variants are sorted in the order in which they occur.
#[derive(Debug)]
pub enum Event<'a> {
    /// The stack is locked by another deployment, which is waited for.
    TurnAwaited {
        /// The stack.
        stack: &'a StackName,
        /// The holder of the lock.
        holder: &'a str,
        /// Since when, as text.
        since: &'a str,
    },
    /// The deployment that had the lock of the stack has ended without releasing it.
    TurnInherited {
        /// The stack.
        stack: &'a StackName,
        /// The former holder of the lock.
        holder: &'a str,
    },
    /// A setting has changed since the newest objects in the Swarm were created.
    SettingChanged(&'a SettingChange),
    /// A stack makes a config from a file that is encrypted in Git.
    EncryptedConfig(&'a StackObject),
    /// These objects have wanted names, but their content can't be verified.
    Unverified(&'a [&'a SwarmObject]),
    /// The entries of these objects have other labels now. The objects keep the labels that they were created with.
    LabelsChanged(&'a [&'a SwarmObject]),
    /// Files of a stack have changes that are not committed.
    Uncommitted {
        /// The stack.
        stack: &'a StackName,
        /// The paths of the files.
        files: &'a [String],
    },
    /// A variable in a stack file is not set. Docker replaces it with nothing.
    UnsetVariable {
        /// The variable.
        name: &'a str,
        /// Stack file and line.
        place: &'a str,
    },
    /// Files or variables of a stack have changed since it was deployed. Docker decides which services change.
    InputChanged {
        /// The stack.
        stack: &'a StackName,
        /// Descriptions of the files and variables.
        changed: &'a [String],
        /// The id of the commit that was deployed. `None` if there was no commit.
        since: Option<&'a str>,
    },
    /// Something in the Swarm was made from a commit that the history of the deployed revision does not contain.
    CommitAhead(&'a CommitAhead),
    /// The deployment will update the services of a stack.
    ServiceChanges(&'a [UpdateReason]),
    /// Objects are about to be created.
    Creating {
        /// How many objects.
        total: usize,
    },
    /// An object exists in the Swarm now.
    Created {
        /// Secret or config.
        kind: ObjectKind,
        /// Its name.
        name: &'a ObjectName,
        /// The run that created it.
        by: Created,
    },
    /// External networks are about to be created.
    CreatingNetworks {
        /// How many networks.
        total: usize,
    },
    /// A network was created.
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
    /// The docker client has deployed a stack. Its services have not converged yet.
    Deployed {
        /// The stack.
        stack: &'a StackName,
    },
    /// The states of the services. This event occurs repeatedly.
    Progress(&'a [Watched]),
    /// All services have reached the state that the stacks want.
    Converged(&'a [Watched]),
    /// Stale objects are about to be removed.
    Removing {
        /// How many objects.
        total: usize,
    },
    /// A stale object was removed, or was kept after all.
    Removed {
        /// The object.
        object: &'a SwarmObject,
        /// The result of the removal.
        removed: Removed,
    },
}
