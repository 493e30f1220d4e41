//! Reads from the docker client's configuration folder which daemon to use.
//!
//! The layout is that of the docker client's context store (`cli/context/store`). The description of a context is in
//! `contexts/meta/ID/meta.json`, and its TLS files are in `contexts/tls/ID/docker`. `ID` is the SHA-256 of the context's
//! name.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::limits::read_file;
use super::tls::TlsFiles;
use crate::stack::hexadecimal;
use crate::swarm::engine::EngineError;

/// The docker client's configuration folder: `DOCKER_CONFIG`, or `.docker` in the home folder. `None` if neither is known.
pub(crate) struct ClientSettings(Option<PathBuf>);

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(rename = "currentContext", default)]
    current_context: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextFile {
    #[serde(default)]
    endpoints: BTreeMap<String, ContextEndpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEndpoint {
    #[serde(default)]
    host: String,
    #[serde(rename = "SkipTLSVerify", default)]
    skip_tls_verify: bool,
}

impl ClientSettings {
    pub(crate) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let folder = variable("DOCKER_CONFIG").map(PathBuf::from);
        Self(folder.or_else(|| Some(Path::new(&variable("HOME")?).join(".docker"))))
    }

    /// The configuration folder, which may also contain TLS files.
    pub(crate) fn folder(&self) -> PathBuf {
        self.0.clone().unwrap_or_default()
    }

    /// The context set by `docker context use`. If `config.json` is broken, the docker client only warns and uses the
    /// default socket, which may belong to another Swarm. Here it is an error.
    pub(crate) fn current_context(&self) -> Result<Option<String>, EngineError> {
        let Some(folder) = &self.0 else {
            return Ok(None);
        };
        let settings: Option<ConfigFile> = read(&folder.join("config.json"))?;
        Ok(settings
            .map(|settings| settings.current_context)
            .filter(|name| !name.is_empty()))
    }

    /// The address of the context called `name`, and its TLS files if it uses TLS.
    pub(crate) fn address_of(&self, name: &str) -> Result<(String, Option<TlsFiles>), EngineError> {
        let contexts = self.folder().join("contexts");
        let id = hexadecimal(&Sha256::digest(name));
        let path = contexts.join("meta").join(&id).join("meta.json");
        let file: ContextFile = read(&path)?.ok_or_else(|| EngineError::NoContext {
            name: name.to_owned(),
            path: path.clone(),
        })?;
        let docker = file
            .endpoints
            .get("docker")
            .ok_or_else(|| EngineError::ClientFile {
                path,
                reason: "the context names no Docker daemon".to_owned(),
            })?;
        let tls = contexts.join("tls").join(&id).join("docker");
        let secured = docker.skip_tls_verify || tls.is_dir();
        let tls = secured.then(|| TlsFiles::of(&tls, !docker.skip_tls_verify));
        Ok((docker.host.clone(), tls))
    }
}

/// Reads a file of the docker client. `None` if it does not exist.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, EngineError> {
    let refused = |reason: String| EngineError::ClientFile {
        path: path.to_owned(),
        reason,
    };
    let text = match read_file(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(error.to_string())),
    };
    // Serde's message would quote a value of the wrong type, and `config.json` can contain a login.
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        let kind = if error.is_data() {
            "it is not what the docker client writes"
        } else {
            "it is not JSON"
        };
        refused(format!("{kind} (line {})", error.line()))
    })
}
