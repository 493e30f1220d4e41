//! Cluster volumes (CSI) as the daemon lists them. They can use secrets.
//!
//! A volume counts as a user, as a service does. Swarm itself would remove a secret that only a volume uses, since
//! `RemoveSecret` in swarmkit's `manager/controlapi/secret.go` looks at services only.

use serde::Deserialize;

use crate::stack::ObjectKind;
use crate::swarm::observed::inventory::{Reference, SwarmService};

/// The response to `GET /volumes`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct WireVolumes {
    volumes: Option<Vec<WireVolume>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireVolume {
    #[serde(default)]
    name: String,
    cluster_volume: Option<ClusterVolume>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClusterVolume {
    spec: Option<VolumeSpec>,
}

/// The spec of a volume. Engines list the secrets here (`ClusterVolumeSpec` in moby's `api/types/volume`), although the
/// description of their API has them inside `AccessMode`. Both places are read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VolumeSpec {
    secrets: Option<Vec<VolumeSecret>>,
    access_mode: Option<Box<VolumeSpec>>,
}

/// A secret, by its id or its name. The API accepts both.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VolumeSecret {
    #[serde(default)]
    secret: String,
}

impl WireVolumes {
    /// The volumes that use secrets.
    pub(crate) fn read(self) -> Vec<SwarmService> {
        let volumes = self.volumes.unwrap_or_default().into_iter();
        let users = volumes.map(|volume| {
            let spec = volume.cluster_volume.and_then(|volume| volume.spec);
            SwarmService {
                name: format!("volume {}", volume.name),
                current: spec.map(VolumeSpec::uses).unwrap_or_default(),
                ..SwarmService::default()
            }
        });
        users.filter(|user| !user.current.is_empty()).collect()
    }
}

impl VolumeSpec {
    fn uses(self) -> Vec<Reference> {
        let within = self.access_mode.map(|mode| mode.uses()).unwrap_or_default();
        let secrets = self.secrets.unwrap_or_default().into_iter();
        let uses = secrets.map(|VolumeSecret { secret }| Reference {
            kind: ObjectKind::Secret,
            id: secret.clone(),
            name: Some(secret),
        });
        uses.chain(within).collect()
    }
}
