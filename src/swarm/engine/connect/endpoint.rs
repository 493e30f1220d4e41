//! The address of the Docker daemon, found by the same rules as in the docker client.

use std::fmt;
use std::path::{Path, PathBuf};

use super::client_settings::ClientSettings;
use super::ssh::SshHost;
use super::tls::TlsFiles;
use crate::swarm::engine::EngineError;

/// The docker client's default socket (`opts/hosts.go`).
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// The socket of Docker Desktop on macOS, relative to the user's home folder.
const DESKTOP_SOCKET: &str = ".docker/run/docker.sock";
/// The default address of a daemon with TLS (`DefaultTLSHost` in `opts/hosts.go`).
const DEFAULT_TLS_HOST: &str = "tcp://localhost";
/// The default ports of a daemon without TLS and with it.
const DEFAULT_PORTS: [u16; 2] = [2375, 2376];
/// The name of a context that means: use the environment variables.
const DEFAULT_CONTEXT: &str = "default";

/// The address of a Docker daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket.
    Unix(PathBuf),
    /// `host:port`, unencrypted.
    Tcp(String),
    /// `host:port`, and the files for TLS.
    Tls(String, TlsFiles),
    /// A host that is reached by ssh.
    Ssh(SshHost),
}

impl Endpoint {
    /// Finds the daemon. The first of these that is set counts: `context` (`--context`), `host` (`--host`), `DOCKER_HOST`,
    /// `DOCKER_CONTEXT`, the context set by `docker context use`, the default socket (`resolveContextName` in
    /// `cli/command/cli.go` of the docker client). `environment` looks up a variable.
    pub fn find(
        host: Option<&str>,
        context: Option<&str>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, EngineError> {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let settings = ClientSettings::of(&variable);
        let host = host.map(str::to_owned).or_else(|| variable("DOCKER_HOST"));
        let context = match (context, &host) {
            (Some(context), _) => Some(context.to_owned()),
            (None, Some(_)) => None,
            (None, None) => match variable("DOCKER_CONTEXT") {
                Some(context) => Some(context),
                None => settings.current_context()?,
            },
        };
        if let Some(context) = context.filter(|name| name != DEFAULT_CONTEXT) {
            let (host, tls) = settings.address_of(&context)?;
            return Self::parse(&host, tls);
        }
        let verify = variable("DOCKER_TLS_VERIFY").is_some();
        let tls = (verify || variable("DOCKER_TLS").is_some()).then(|| {
            let folder = variable("DOCKER_CERT_PATH").map(PathBuf::from);
            TlsFiles::of(&folder.unwrap_or_else(|| settings.folder()), verify)
        });
        match (host, tls) {
            (Some(host), tls) => Self::parse(&host, tls),
            (None, Some(tls)) => Self::parse(DEFAULT_TLS_HOST, Some(tls)),
            (None, None) => Ok(default_socket(&variable)),
        }
    }

    /// Parses an address as the docker client does: an address without a scheme is a TCP address. `tls` is used for TCP
    /// only.
    pub fn parse(host: &str, tls: Option<TlsFiles>) -> Result<Self, EngineError> {
        let unsupported = |what| EngineError::UnsupportedHost {
            host: host.to_owned(),
            what,
        };
        let malformed = || EngineError::MalformedHost {
            host: host.to_owned(),
        };
        if host.is_empty() {
            return Ok(Self::Unix(PathBuf::from(DEFAULT_SOCKET)));
        }
        let (scheme, address) = host.split_once("://").unwrap_or(("tcp", host));
        match scheme {
            "unix" if address.is_empty() => Ok(Self::Unix(PathBuf::from(DEFAULT_SOCKET))),
            "unix" if address.starts_with('/') => Ok(Self::Unix(PathBuf::from(address))),
            "tcp" | "http" | "https" => {
                let port = DEFAULT_PORTS[usize::from(tls.is_some())];
                let address = with_port(address.trim_end_matches('/'), port);
                let address = address.ok_or_else(malformed)?;
                match tls {
                    Some(files) => Ok(Self::Tls(address, files)),
                    None if scheme == "https" => Err(EngineError::NoTlsFiles {
                        host: host.to_owned(),
                    }),
                    None => Ok(Self::Tcp(address)),
                }
            }
            "ssh" => SshHost::parse(host).map(Self::Ssh),
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
            Self::Tcp(address) | Self::Tls(address, _) => write!(formatter, "tcp://{address}"),
            Self::Ssh(host) => host.fmt(formatter),
        }
    }
}

fn default_socket(variable: &dyn Fn(&str) -> Option<String>) -> Endpoint {
    let default = PathBuf::from(DEFAULT_SOCKET);
    let home = variable("HOME").filter(|_| cfg!(target_os = "macos") && !default.exists());
    Endpoint::Unix(home.map_or(default, |home| Path::new(&home).join(DESKTOP_SOCKET)))
}

/// `address` with the default host or `port` added if it lacks one. `None` if it is not valid.
fn with_port(address: &str, port: u16) -> Option<String> {
    let (host, port) = match address.rsplit_once(':') {
        // A colon inside the brackets of an IPv6 address does not separate a port.
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
        _ => (address, port),
    };
    let host = if host.is_empty() { "localhost" } else { host };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    (bracketed || host.chars().all(plain)).then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn some_tls() -> TlsFiles {
        TlsFiles::of(Path::new("/certificates"), true)
    }

    #[test]
    fn addresses_are_read_as_docker_reads_them() {
        for (host, expected) in [
            ("unix:///tmp/d.sock", "unix:///tmp/d.sock"),
            ("unix://", "unix:///var/run/docker.sock"),
            ("", "unix:///var/run/docker.sock"),
            ("tcp://manager", "tcp://manager:2375"),
            ("tcp://manager:1234", "tcp://manager:1234"),
            ("tcp://:1234", "tcp://localhost:1234"),
            ("manager:1234", "tcp://manager:1234"),
            ("tcp://[fe80::1]:1234", "tcp://[fe80::1]:1234"),
            ("tcp://[fe80::1]", "tcp://[fe80::1]:2375"),
            ("http://manager:80/", "tcp://manager:80"),
            ("ssh://me@manager:22", "ssh://me@manager:22"),
        ] {
            let endpoint = Endpoint::parse(host, None).expect(host);
            assert_eq!(endpoint.to_string(), expected);
        }
        let secured = Endpoint::parse("tcp://manager", Some(some_tls())).expect("a good address");
        assert_eq!(
            secured,
            Endpoint::Tls("manager:2376".to_owned(), some_tls())
        );
    }

    #[test]
    fn what_is_not_supported_or_makes_no_sense_is_refused() {
        for host in ["npipe:////./pipe/x", "fd://3"] {
            let refused = Endpoint::parse(host, None).expect_err(host);
            assert!(matches!(refused, EngineError::UnsupportedHost { .. }));
        }
        let refused = Endpoint::parse("https://manager", None).expect_err("no certificates");
        assert!(matches!(refused, EngineError::NoTlsFiles { .. }));
        for host in ["unix://relative", "ftp://manager", "tcp://a b", "a:port"] {
            let refused = Endpoint::parse(host, None).expect_err(host);
            assert!(matches!(refused, EngineError::MalformedHost { .. }));
        }
    }

    /// A folder with the contexts `lab` (ssh, the current one), `far` (TLS) and `bare` (no daemon).
    fn client_folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a path within")).expect("a folder");
            fs::write(path, text).expect("it is writable");
        };
        write("config.json", r#"{"currentContext": "lab", "auths": {}}"#);
        for (name, endpoints) in [
            (
                "lab",
                r#"{"docker": {"Host": "ssh://me@lab", "SkipTLSVerify": false}}"#,
            ),
            ("far", r#"{"docker": {"Host": "tcp://far"}}"#),
            ("bare", "{}"),
        ] {
            let meta =
                format!(r#"{{"Name": "{name}", "Metadata": {{}}, "Endpoints": {endpoints}}}"#);
            write(&format!("contexts/meta/{}/meta.json", id(name)), &meta);
        }
        for file in ["ca.pem", "cert.pem", "key.pem"] {
            write(&format!("contexts/tls/{}/docker/{file}", id("far")), "");
        }
        folder
    }

    /// The output of `printf NAME
    /// sha256sum`.
    fn id(name: &str) -> &'static str {
        match name {
            "lab" => "a51146d38077ff992eba84cf1d5e9b249073503eb74868699016153b031a38f7",
            "far" => "512eea46ceb3921dff4363c7069d89d4964d1d9fccaa0f411851a7aa60a5c868",
            "bare" => "9b828d53402d6e332ef05a2fe03063b359192571ba99fcd3b85074f46a72fd7e",
            _ => unreachable!("no test has such a context"),
        }
    }

    #[test]
    fn the_order_is_the_docker_client_s() {
        let folder = client_folder();
        let path = folder.path().to_str().expect("an ASCII path").to_owned();
        let found = |host, context, variables: &[(&str, &str)]| {
            let environment = |name: &str| {
                let folder = ("DOCKER_CONFIG", path.as_str());
                let mut all = variables.iter().chain(std::iter::once(&folder));
                let found = all.find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let endpoint = Endpoint::find(host, context, &environment);
            endpoint.expect("all are good").to_string()
        };
        let both = [("DOCKER_HOST", "tcp://env"), ("DOCKER_CONTEXT", "far")];
        assert_eq!(found(None, Some("lab"), &both), "ssh://me@lab");
        assert_eq!(found(Some("tcp://typed"), None, &both), "tcp://typed:2375");
        assert_eq!(found(None, None, &both), "tcp://env:2375");
        assert_eq!(found(None, Some("default"), &both), "tcp://env:2375");
        assert_eq!(found(None, None, &both[1..]), "tcp://far:2376");
        assert_eq!(found(None, None, &[]), "ssh://me@lab");
        let default = [("DOCKER_CONTEXT", "default")];
        assert_eq!(found(None, None, &default), "unix:///var/run/docker.sock");
        let nothing = Endpoint::find(None, None, &|_| None).expect("there is a default");
        assert_eq!(nothing.to_string(), "unix:///var/run/docker.sock");
    }

    #[test]
    fn tls_is_found_in_the_environment() {
        let variables = |certificates: bool| {
            move |name: &str| match name {
                "DOCKER_TLS_VERIFY" => Some("1".to_owned()),
                "DOCKER_CERT_PATH" => certificates.then(|| "/certificates".to_owned()),
                "HOME" => Some("/home/me".to_owned()),
                _ => None,
            }
        };
        let named = Endpoint::find(Some("tcp://far"), None, &variables(true));
        assert_eq!(named, Ok(Endpoint::Tls("far:2376".to_owned(), some_tls())));
        let default = Endpoint::find(None, None, &variables(false));
        let at_home = TlsFiles::of(Path::new("/home/me/.docker"), true);
        assert_eq!(
            default,
            Ok(Endpoint::Tls("localhost:2376".to_owned(), at_home))
        );
    }

    #[test]
    fn a_context_that_can_t_be_followed_is_refused() {
        let folder = client_folder();
        let path = folder.path().to_str().expect("an ASCII path").to_owned();
        let environment = |name: &str| (name == "DOCKER_CONFIG").then(|| path.clone());
        let refused = |context| {
            let refused = Endpoint::find(None, context, &environment).expect_err("it is refused");
            refused.to_string()
        };
        assert!(refused(Some("gone")).contains(r#"context "gone": context not found"#));
        assert!(refused(Some("bare")).contains("names no Docker daemon"));
        fs::write(folder.path().join("config.json"), "{bad").expect("it is ours");
        assert!(refused(None).contains("config.json"));
    }
}
