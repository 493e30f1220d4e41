//! Volumes of the whole Swarm (CSI) in the daemon's listings, which can use secrets.
//!
//! They count as services do. Swarm itself would remove a secret that only a volume uses, since `RemoveSecret` in swarmkit's
//! `manager/controlapi/secret.go` looks at services alone.

use serde::Deserialize;

use crate::stack::ObjectKind;
use crate::swarm::observed::inventory::{Reference, SwarmService};

/// `GET /volumes`.
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

/// The spec of a volume. Engines list the secrets here (`ClusterVolumeSpec` in moby's `api/types/volume`). The description of
/// their API has them within `AccessMode`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VolumeSpec {
    secrets: Option<Vec<VolumeSecret>>,
    access_mode: Option<Box<VolumeSpec>>,
}

/// A secret, by its id or its name: the API takes either.
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
