//! Where the Docker daemon listens, found as the docker client finds it.

use std::fmt;
use std::path::{Path, PathBuf};

use super::EngineError;

/// The docker client's default (`opts/hosts.go`).
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// Where Docker Desktop on a Mac keeps it for the user.
const DESKTOP_SOCKET: &str = ".docker/run/docker.sock";
/// Port of a daemon without TLS (`DefaultHTTPPort` in `opts/hosts.go`).
const DEFAULT_PORT: u16 = 2375;

/// The address of a Docker daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A socket in the file system.
    Unix(PathBuf),
    /// `host:port`, unencrypted.
    Tcp(String),
}

impl Endpoint {
    /// Finds the daemon: `host` (`--host`), else `DOCKER_HOST`, else the docker client's context, else the default
    /// socket; `environment` looks up a variable.
    ///
    /// Contexts are not read yet. One that is set is refused: the default socket would be another Swarm.
    pub fn find(
        host: Option<&str>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, EngineError> {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        if let Some(host) = host.map(str::to_owned).or_else(|| variable("DOCKER_HOST")) {
            let tls = variable("DOCKER_TLS_VERIFY").or_else(|| variable("DOCKER_TLS"));
            return Self::parse(&host, tls.is_some());
        }
        if let Some(name) = context(&variable) {
            return Err(EngineError::UnsupportedContext { name });
        }
        let default = PathBuf::from(DEFAULT_SOCKET);
        let home = variable("HOME").filter(|_| cfg!(target_os = "macos") && !default.exists());
        Ok(Self::Unix(home.map_or(default, |home| {
            Path::new(&home).join(DESKTOP_SOCKET)
        })))
    }

    /// Reads an address as the docker client does: without a scheme it is a TCP address.
    pub fn parse(host: &str, tls: bool) -> Result<Self, EngineError> {
        let unsupported = |what| EngineError::UnsupportedHost {
            host: host.to_owned(),
            what,
        };
        let malformed = || EngineError::MalformedHost {
            host: host.to_owned(),
        };
        let (scheme, address) = host.split_once("://").unwrap_or(("tcp", host));
        match scheme {
            "unix" if address.is_empty() => Ok(Self::Unix(PathBuf::from(DEFAULT_SOCKET))),
            "unix" if address.starts_with('/') => Ok(Self::Unix(PathBuf::from(address))),
            "tcp" | "http" if tls => Err(unsupported("TLS (DOCKER_TLS_VERIFY, DOCKER_TLS)")),
            "tcp" | "http" => with_port(address.trim_end_matches('/'))
                .map(Self::Tcp)
                .ok_or_else(malformed),
            "https" => Err(unsupported("TLS")),
            "ssh" => Err(unsupported("a connection over SSH")),
            "npipe" => Err(unsupported("a named pipe")),
            "fd" => Err(unsupported("an inherited socket")),
            _ => Err(malformed()),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(socket) => write!(formatter, "unix://{}", socket.display()),
            Self::Tcp(address) => write!(formatter, "tcp://{address}"),
        }
    }
}

/// The docker client's context, unless it is the default one.
fn context(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let in_settings = || {
        let folder = variable("DOCKER_CONFIG").map(PathBuf::from);
        let folder = folder.or_else(|| Some(Path::new(&variable("HOME")?).join(".docker")))?;
        let settings = std::fs::read(folder.join("config.json")).ok()?;
        let settings: serde_json::Value = serde_json::from_slice(&settings).ok()?;
        Some(settings.get("currentContext")?.as_str()?.to_owned())
    };
    variable("DOCKER_CONTEXT")
        .or_else(in_settings)
        .filter(|name| !name.is_empty() && name != "default")
}

/// `address` with the default host and port where it has none; `None` where it makes no sense.
fn with_port(address: &str) -> Option<String> {
    let (host, port) = match address.rsplit_once(':') {
        // A colon inside the brackets of an IPv6 address is not the port's.
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (address, DEFAULT_PORT),
    };
    let host = if host.is_empty() { "localhost" } else { host };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    (bracketed || host.chars().all(plain)).then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_docker_reads_them() {
        for (host, expected) in [
            ("unix:///tmp/d.sock", "unix:///tmp/d.sock"),
            ("unix://", "unix:///var/run/docker.sock"),
            ("tcp://manager", "tcp://manager:2375"),
            ("tcp://manager:1234", "tcp://manager:1234"),
            ("tcp://:1234", "tcp://localhost:1234"),
            ("manager:1234", "tcp://manager:1234"),
            ("tcp://[fe80::1]:1234", "tcp://[fe80::1]:1234"),
            ("tcp://[fe80::1]", "tcp://[fe80::1]:2375"),
            ("http://manager:80/", "tcp://manager:80"),
        ] {
            let endpoint = Endpoint::parse(host, false).expect(host);
            assert_eq!(endpoint.to_string(), expected);
        }
    }

    #[test]
    fn what_is_not_supported_or_makes_no_sense_is_refused() {
        for host in ["ssh://me@manager", "npipe:////./pipe/x", "https://manager"] {
            let refused = Endpoint::parse(host, false).expect_err(host);
            assert!(matches!(refused, EngineError::UnsupportedHost { .. }));
        }
        let refused = Endpoint::parse("tcp://manager", true).expect_err("TLS comes later");
        assert!(refused.to_string().contains("TLS"), "{refused}");
        for host in ["unix://relative", "ftp://manager", "tcp://a b", "a:port"] {
            let refused = Endpoint::parse(host, false).expect_err(host);
            assert!(matches!(refused, EngineError::MalformedHost { .. }));
        }
    }

    #[test]
    fn the_order_is_host_then_docker_host_then_default() {
        let environment = |name: &str| match name {
            "DOCKER_HOST" => Some("tcp://from-environment".to_owned()),
            "DOCKER_CONTEXT" => Some("lab".to_owned()),
            _ => None,
        };
        let found = |host| {
            Endpoint::find(host, &environment)
                .expect("both are good")
                .to_string()
        };
        assert_eq!(found(Some("tcp://typed")), "tcp://typed:2375");
        assert_eq!(found(None), "tcp://from-environment:2375");
        let nothing = Endpoint::find(None, &|_| None).expect("there is a default");
        assert_eq!(nothing.to_string(), "unix:///var/run/docker.sock");
    }

    #[test]
    fn a_context_is_refused_wherever_it_is_set() {
        let named = |name: &str| (name == "DOCKER_CONTEXT").then(|| "lab".to_owned());
        let refused = Endpoint::find(None, &named).expect_err("contexts come later");
        assert!(refused.to_string().contains("`lab`"), "{refused}");

        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = folder.path().join("config.json");
        std::fs::write(&settings, r#"{"currentContext": "home"}"#).expect("it is writable");
        let folder = folder.path().to_str().expect("an ASCII path").to_owned();
        let configured = |name: &str| (name == "DOCKER_CONFIG").then(|| folder.clone());
        let refused = Endpoint::find(None, &configured).expect_err("contexts come later");
        assert!(refused.to_string().contains("`home`"), "{refused}");
    }
}
