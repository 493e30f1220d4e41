//! The fields of services that are compared with stack files, as the daemon lists them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::stack::{ServiceFields, ValueDigest};

/// The label in which docker stores the image as written in the stack file (`opts/convert/service.go` of the docker client).
const IMAGE: &str = "com.docker.stack.image";

/// An item of `GET /services`: only the fields that are compared.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ComparedService {
    spec: ComparedSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ComparedSpec {
    #[serde(default)]
    name: String,
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    task_template: ComparedTemplate,
    mode: Option<BTreeMap<String, ReplicaCount>>,
    endpoint_spec: Option<ComparedEndpoint>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ComparedTemplate {
    container_spec: ComparedContainer,
    resources: Option<ComparedResources>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ComparedContainer {
    image: String,
    env: Option<Vec<String>>,
    mounts: Option<Vec<ComparedMount>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ComparedMount {
    #[serde(rename = "Type")]
    kind: String,
    source: String,
    target: String,
    read_only: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ComparedResources {
    limits: Option<ComparedLimits>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ComparedLimits {
    #[serde(rename = "NanoCPUs")]
    nano_cpus: u64,
    memory_bytes: u64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ReplicaCount {
    replicas: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ComparedEndpoint {
    ports: Option<Vec<ComparedPort>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ComparedPort {
    protocol: String,
    target_port: u64,
    published_port: u64,
    publish_mode: String,
}

impl ComparedService {
    /// The service's name and its fields.
    pub(crate) fn read(self) -> (String, ServiceFields) {
        let ComparedSpec {
            name,
            labels,
            task_template,
            mode,
            endpoint_spec,
        } = self.spec;
        let ComparedTemplate {
            container_spec: container,
            resources,
        } = task_template;
        let limits = resources.and_then(|resources| resources.limits);
        let limits = limits.unwrap_or_default();
        let written = labels.and_then(|mut labels| labels.remove(IMAGE));
        let running = container.image.as_str();
        let image_by_hand = written
            .as_deref()
            .and_then(|written| image_by_hand(written, running));
        let variables = container.env.iter().flatten().map(|variable| {
            let (name, digest) = match variable.split_once('=') {
                Some((name, value)) => (name, ValueDigest::of(value)),
                None => (variable.as_str(), ValueDigest::of_no_value()),
            };
            (name.to_owned(), Some(digest))
        });
        let mounts = container.mounts.iter().flatten().map(|mount| {
            ServiceFields::mount(&mount.kind, &mount.source, &mount.target, mount.read_only)
        });
        let ports = endpoint_spec.and_then(|endpoint| endpoint.ports);
        let ports = ports.iter().flatten().map(|port| {
            let ComparedPort {
                protocol,
                target_port,
                published_port,
                publish_mode,
            } = port;
            ServiceFields::port(*published_port, *target_port, protocol, publish_mode)
        });
        let fields = ServiceFields {
            image: written.unwrap_or_else(|| without_digest(running).to_owned()),
            image_by_hand,
            environment: variables.collect(),
            mounts: mounts.collect(),
            ports: ports.collect(),
            replicas: replicas(mode),
            cpus: Some(limits.nano_cpus).filter(|limit| *limit > 0),
            memory: Some(limits.memory_bytes).filter(|limit| *limit > 0),
            secret_names: [].into(),
            unknown: [].into(),
        };
        (name, fields)
    }
}

/// The image that runs, if it is not the one `written` in the stack file. Before comparing, the digest that Docker adds and
/// the parts of a name that Docker may add are removed.
fn image_by_hand(written: &str, running: &str) -> Option<String> {
    let is_written = match written.split_once('@') {
        Some((_, digest)) => running.ends_with(digest),
        None => in_full(written) == in_full(without_digest(running)),
    };
    (!is_written).then(|| without_digest(running).to_owned())
}

fn without_digest(image: &str) -> &str {
    image.split('@').next().unwrap_or_default()
}

/// The image with its tag, and without the parts of its name that docker may leave out.
fn in_full(image: &str) -> String {
    let name = image.strip_prefix("index.").unwrap_or(image);
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') {
        name.to_owned()
    } else {
        format!("{name}:latest")
    }
}

fn replicas(mode: Option<BTreeMap<String, ReplicaCount>>) -> String {
    let mode = mode.unwrap_or_default().into_iter().next();
    match mode {
        Some((mode, _)) if mode == "Global" => "global".to_owned(),
        Some((mode, _)) if mode == "GlobalJob" => "global-job".to_owned(),
        Some((_, ReplicaCount { replicas })) => replicas.unwrap_or(1).to_string(),
        None => "1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_spec_are_read() {
        let service: ComparedService = serde_json::from_str(
            r#"{"Spec": {"Name": "web_app", "Labels": {"com.docker.stack.image": "a:1"},
                "TaskTemplate": {"ContainerSpec": {"Image": "a:1@sha256:00", "Env": ["A=b=c"],
                    "Mounts": [{"Type": "volume", "Source": "web_data", "Target": "/d"},
                        {"Type": "tmpfs", "Target": "/t"}]},
                    "Resources": {"Limits": {"NanoCPUs": 500000000}, "Reservations": {}}},
                "Mode": {"Replicated": {"Replicas": 2}},
                "EndpointSpec": {"Mode": "vip", "Ports": [{"Protocol": "tcp", "TargetPort": 80,
                    "PublishedPort": 8080, "PublishMode": "ingress"}]}}}"#,
        )
        .expect("it is the API's form");
        let (name, fields) = service.read();
        assert_eq!((name.as_str(), fields.image.as_str()), ("web_app", "a:1"));
        assert_eq!(fields.environment["A"], Some(ValueDigest::of("b=c")));
        let mounts = ["tmpfs at /t", "volume web_data at /d"];
        assert_eq!(fields.mounts, mounts.map(str::to_owned).into());
        assert_eq!(fields.ports, ["8080:80/tcp".to_owned()].into());
        assert_eq!(
            (fields.replicas.as_str(), fields.cpus),
            ("2", Some(500_000_000))
        );
        assert_eq!((fields.memory, fields.image_by_hand), (None, None));
    }

    #[test]
    fn an_image_that_docker_has_not_deployed_was_set_by_hand() {
        for (written, running, by_hand) in [
            ("a:1", "a:1@sha256:00", None),
            ("a", "a:latest@sha256:00", None),
            ("docker.io/library/a", "a:latest", None),
            ("host:5000/a", "host:5000/a:latest@sha256:00", None),
            ("a:1@sha256:00", "a@sha256:00", None),
            ("a:1", "a:2@sha256:00", Some("a:2")),
            ("a:1@sha256:00", "a:1@sha256:01", Some("a:1")),
            ("host:5000/a", "a:latest", Some("a:latest")),
        ] {
            let found = image_by_hand(written, running);
            assert_eq!(found.as_deref(), by_hand, "{written} {running}");
        }
    }
}
