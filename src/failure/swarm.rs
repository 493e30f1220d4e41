//! The next steps when the Docker daemon refuses a request, or the Swarm has an unexpected object.

use super::{Failure, FailureKind};
use crate::swarm::{
    ClientError, Conflict, Difference, EngineError, Obstacle, SwarmError, is_about_image,
};

/// The hint if an image can't be pulled.
pub(crate) const IMAGE_HINT: &str = "is the image's name right, and does the registry need a login (`docker login`, `deploy STACK -- --with-registry-auth`)?";

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let failure = Self::new(&error);
        match error {
            EngineError::MalformedHost { .. } | EngineError::MalformedSshHost { .. } => Self {
                kind: FailureKind::Usage,
                ..failure
            },
            EngineError::UnsupportedHost { .. } => {
                failure.hint("use unix:///path, tcp://host:port or ssh://user@host")
            }
            EngineError::NoContext { .. } => failure.hint("`docker context ls` shows the contexts"),
            EngineError::NoTlsFiles { .. } | EngineError::Unverified { .. } => failure.hint(
                "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem",
            ),
            EngineError::Tls { .. } => failure.hint(
                "ca.pem, cert.pem and key.pem of DOCKER_CERT_PATH or of the context must be those made for this daemon",
            ),
            EngineError::Ssh { .. } => failure.hint(
                "`ssh HOST docker version` must work without a question: a key that an agent holds, a known host",
            ),
            EngineError::Refused { message, .. } if message.contains("HTTP request to an HTTPS") => {
                failure.hint("this daemon speaks TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH")
            }
            EngineError::NotRunning { .. } => {
                failure.hint("start Docker, or name another daemon with `--host` or DOCKER_HOST")
            }
            EngineError::PermissionDenied { .. } => {
                failure.hint("run as root, or as a member of the group `docker`")
            }
            EngineError::NotManager { .. } => failure.hint(
                "run on a manager (`--host`, DOCKER_HOST), or `docker swarm init` for a new swarm",
            ),
            EngineError::NoLeader { .. } => failure
                .hint("more than half of the managers must be up: `docker node ls` on one of them"),
            EngineError::NotALock { name } => failure.hint(format_args!(
                "deployments take turns by that name: give the config another one, or `docker config rm {name}` if nobody needs it"
            )),
            EngineError::NotARecord { name } => failure.hint(format_args!(
                "give the config another name, or `docker config rm {name}` if nobody needs it"
            )),
            EngineError::SwarmLocked { .. } => {
                failure.hint("`docker swarm unlock` on that manager, with the key of `docker swarm unlock-key`")
            }
            EngineError::TooNew { .. } => failure.hint("a newer hs-secrets, or an older engine"),
            EngineError::Forbidden { doing, .. } => failure.hint(permission_for(&doing)),
            EngineError::VolumePluginHangs { .. } => failure.hint(
                "`docker plugin ls` lists the plugins: start what one of them waits for, or `docker plugin disable` it; `deploy --no-prune` needs no volumes",
            ),
            EngineError::TimedOut { .. } | EngineError::Gone { .. } => {
                failure.hint("running it again finishes what was begun")
            }
            _ => failure,
        }
    }
}

impl From<SwarmError> for Failure {
    fn from(error: SwarmError) -> Self {
        let kind = if error.is_interrupt() {
            FailureKind::Interrupted
        } else {
            FailureKind::Failed
        };
        let failure = Self {
            kind,
            ..Self::new(&error)
        };
        match error {
            SwarmError::Engine(error) => error.into(),
            SwarmError::Blocked { obstacles } => obstacles
                .iter()
                .fold(failure, |failure, obstacle| failure.hint(way_around(obstacle))),
            SwarmError::HalfCreated { source, .. } | SwarmError::HalfRemoved { source, .. } => {
                Self {
                    hints: Self::from(*source).hints,
                    ..failure
                }
            }
            SwarmError::Interrupted | SwarmError::TimedOut { .. } => {
                failure.hint("running it again finishes what was begun")
            }
            SwarmError::Stopped { source, .. } => Self {
                hints: Self::from(*source).hints,
                ..failure
            },
            SwarmError::StaleClone { .. } => failure
                .hint("`git pull` first; where that commit is gone for good, as after a rebase, `--force` deploys all the same"),
            SwarmError::NotConverged { broken, waiting, stacks, source } => {
                let hints = source.map_or_else(Vec::new, |source| Self::from(*source).hints);
                let failure = Self { hints, ..failure };
                let failure = if broken.iter().any(|(_, breakage)| breakage.is_by_early_end()) {
                    failure.hint("a task that ends with 0 pauses an update: `failure_action: continue` in its `update_config` goes on, and `mode: replicated-job` is made for tasks that end")
                } else {
                    failure
                };
                let words = broken.iter().filter_map(|(_, breakage)| breakage.error());
                let mut words = words.chain(waiting.iter().map(|(_, words)| words.as_str()));
                let failure = if words.any(is_about_image) {
                    failure.hint(IMAGE_HINT)
                } else {
                    failure
                };
                let broken = broken.iter().map(|(name, _)| name.as_str());
                let mut services = broken.chain(waiting.iter().map(|(name, _)| name.as_str()));
                let Some(first) = services.next() else {
                    return failure;
                };
                // The name of a service begins with the name of its stack.
                let mut stacks = stacks.iter();
                let stack = stacks.find(|stack| first.starts_with(&stack.service_name("")));
                let stack = stack.map_or("STACK", |stack| stack.as_str());
                failure
                    .hint(format_args!("nothing was pruned; `rollback {stack}` deploys what was wanted before, or `--to REVISION` what a commit wants"))
                    .hint(format_args!("`docker service ps --no-trunc {first}` lists its tasks"))
            }
            SwarmError::Stack(error) => (*error).into(),
            SwarmError::Client(ClientError::NotInstalled { .. }) => failure
                .hint("`deploy` runs `docker stack deploy`: install the docker client (Debian: docker.io or docker-cli)"),
            SwarmError::Client(ClientError::HandOver { .. }) => failure.hint(
                "`sync`, then `render STACK --output FILE` and your own `docker stack deploy`",
            ),
            SwarmError::Client(ClientError::Refused { usage: true, .. }) => {
                failure.hint("what follows `--` goes to `docker stack deploy`: correct that")
            }
            SwarmError::Client(ClientError::Objection { .. }) => {
                failure.hint("nothing was changed in the Swarm: correct that first")
            }
            SwarmError::Client(ClientError::SecretObjection { .. }) => failure
                .hint("nothing was changed in the Swarm: look at what those files hold, and at where the stack file uses it"),
            SwarmError::Client(ClientError::CanNotConnect { .. }) => failure
                .hint("nothing was changed in the Swarm; `docker version` must work, with a client that the daemon is not too new for"),
            SwarmError::Client(ClientError::DidNothing { .. }) => {
                failure.hint("what follows `--` goes to `docker stack deploy`, and must let it deploy")
            }
            SwarmError::Client(ClientError::Refused { .. }) => {
                failure.hint("once that is put right, running it again finishes what was begun")
            }
            SwarmError::TurnLost { .. } => {
                failure.hint("run it again, once the other deployment is done")
            }
            SwarmError::Several { problems } => {
                let problems = problems.into_iter().map(Self::from);
                Self::several(problems).unwrap_or(failure)
            }
            SwarmError::StillUsed { .. } => failure,
        }
    }
}

/// The permission that a proxy in front of Docker's socket must grant for a request: the endpoint of Docker's API, and the
/// variable of the usual socket proxy.
fn permission_for(doing: &str) -> String {
    let mut words = doing.split(' ');
    let verb = words.next().unwrap_or_default();
    let rest = words.collect::<Vec<_>>().join(" ");
    let sections = [
        "secrets", "configs", "services", "tasks", "networks", "volumes",
    ];
    let section = sections.into_iter().find(|section| {
        let one = section.trim_end_matches('s');
        rest.split(' ').any(|word| word == *section || word == one)
    });
    let section = section.unwrap_or(if verb == "connecting" {
        "version"
    } else {
        "configs"
    });
    let variable = section.to_uppercase();
    if matches!(verb, "listing" | "looking" | "connecting") {
        format!("a proxy before the socket must allow `GET /{section}` (`{variable}=1`)")
    } else {
        format!(
            "a proxy before the socket must allow `POST` and `DELETE` on `/{section}` (`{variable}=1`, `POST=1`)"
        )
    }
}

fn way_around(obstacle: &Obstacle) -> String {
    let (kind, name, difference) = match obstacle {
        Obstacle::Missing(external) => {
            let (kind, name) = (external.kind, &external.name);
            return format!("`docker {kind} create {name} FILE`, or correct the entry's name");
        }
        Obstacle::Conflict(Conflict {
            kind,
            name,
            difference,
            ..
        }) => (kind, name, difference),
    };
    match difference {
        Difference::Driver { option, .. } => format!(
            "Swarm ignores a changed {option}: rename the entry, or give it another `name:`"
        ),
        Difference::Content { .. } | Difference::Unknown { .. } => format!(
            "rename the entry or give it another `name:`, or `docker {kind} rm {name}` if nobody needs that one"
        ),
    }
}
