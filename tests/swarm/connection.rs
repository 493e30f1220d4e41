//! Connects to a daemon by TLS, contexts and ssh.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::harness::engine::{Engine, Setup};
use crate::harness::sandbox::{Run, run};
use crate::lab::Lab;

/// A certificate authority with certificates that it has signed, and another authority with its own.
struct Certificates(tempfile::TempDir);

impl Certificates {
    fn new() -> Self {
        let certificates = Self(tempfile::tempdir().expect("a temporary directory"));
        for authority in ["ca", "other-ca"] {
            certificates.openssl(&format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={authority} \
                 -addext keyUsage=critical,keyCertSign -keyout {authority}-key.pem -out {authority}.pem"
            ));
        }
        certificates.sign("ca", "server", "serverAuth", "2");
        certificates.sign("ca", "client", "clientAuth", "2");
        certificates.sign("other-ca", "stranger", "clientAuth", "2");
        // A certificate that is valid for 0 days has expired at once.
        certificates.sign("ca", "expired", "clientAuth", "0");
        certificates
    }

    /// Creates a key and a certificate for 127.0.0.1.
    fn sign(&self, authority: &str, name: &str, purpose: &str, days: &str) {
        let extensions = format!("subjectAltName=IP:127.0.0.1\nextendedKeyUsage={purpose}\n");
        fs::write(self.path("extensions"), extensions).expect("it is ours");
        self.openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {name}-key.pem -out request"
        ));
        self.openssl(&format!(
            "x509 -req -in request -CA {authority}.pem -CAkey {authority}-key.pem -CAcreateserial -days {days} \
             -extfile extensions -out {name}.pem"
        ));
    }

    fn openssl(&self, arguments: &str) {
        let done = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .expect("openssl can be run: apt-get install openssl");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A folder for `DOCKER_CERT_PATH`.
    fn folder(&self, authority: &str, client: Option<&str>) -> PathBuf {
        let folder = self.path(&format!("{authority}-{}", client.unwrap_or("nobody")));
        self.fill(&folder, authority, client);
        folder
    }

    fn fill(&self, folder: &Path, authority: &str, client: Option<&str>) {
        fs::create_dir_all(folder).expect("a folder");
        let copy = |from: String, to: &str| {
            fs::copy(self.path(&from), folder.join(to)).expect("a copy");
        };
        copy(format!("{authority}.pem"), "ca.pem");
        if let Some(client) = client {
            copy(format!("{client}.pem"), "cert.pem");
            copy(format!("{client}-key.pem"), "key.pem");
        }
    }

    /// An engine that listens with TLS, and its address.
    fn engine(&self) -> (Arc<Engine>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        drop(listener);
        let file = |option: &str, name: &str| format!("--{option}={}", self.path(name).display());
        let arguments = vec![
            "--tlsverify".to_owned(),
            file("tlscacert", "ca.pem"),
            file("tlscert", "server.pem"),
            file("tlskey", "server-key.pem"),
            format!("--host=tcp://{address}"),
        ];
        let setup = Setup {
            arguments,
            ..Setup::default()
        };
        (
            Arc::new(Engine::swarm_with(setup)),
            format!("tcp://{address}"),
        )
    }
}

/// Runs `hs-secrets plan` with these variables instead of `DOCKER_HOST`.
fn plan(lab: &Lab, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let words = ["plan", lab.stack]
        .into_iter()
        .chain(arguments.iter().copied());
    let mut command = lab.command(&lab.repository, words);
    command
        .env_remove("DOCKER_HOST")
        .envs(variables.iter().copied());
    run(command, b"")
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn tls_with_the_right_certificates_and_with_wrong_ones() {
    let certificates = Certificates::new();
    let (engine, host) = certificates.engine();
    let lab = Lab::on(engine, "secured");
    let over = |host: &str, folder: &Path| {
        let folder = folder.to_str().expect("an ASCII path");
        let verify = ("DOCKER_TLS_VERIFY", "1");
        plan(
            &lab,
            &[("DOCKER_HOST", host), verify, ("DOCKER_CERT_PATH", folder)],
            &[],
        )
    };
    let good = certificates.folder("ca", Some("client"));
    over(&host, &good).ends_with(3);
    let refused = |folder: &Path, words: &str| {
        over(&host, folder).fails_saying(&["no TLS connection to the Docker daemon", words]);
    };
    refused(
        &certificates.folder("other-ca", Some("client")),
        "signed by an unknown authority",
    );
    refused(&certificates.folder("ca", None), "certificate");
    refused(
        &certificates.folder("ca", Some("stranger")),
        "refuses our certificate",
    );
    refused(
        &certificates.folder("ca", Some("expired")),
        "refuses our certificate",
    );
    let elsewhere = host.replace("127.0.0.1", "localhost");
    over(&elsewhere, &good).fails_saying(&["its certificate is for another host"]);

    let nothing = certificates.path("nothing");
    over(&host, &nothing).fails_saying(&["nothing/ca.pem for TLS: No such file"]);
    let unencrypted = plan(&lab, &[("DOCKER_HOST", host.as_str())], &[]);
    let hints = &unencrypted.stderr;
    assert!(hints.contains("set DOCKER_TLS_VERIFY=1"), "{hints}");
    unencrypted.fails_saying(&["to an HTTPS server"]);
    plan(&lab, &[("DOCKER_HOST", &host), ("DOCKER_TLS", "1")], &[])
        .fails_saying(&["does not verify the daemon"]);

    // Test the same with a context created by the docker client.
    let description = format!(
        "host={host},ca={0}/ca.pem,cert={0}/cert.pem,key={0}/key.pem",
        good.display()
    );
    let home = lab.sandbox.path("");
    let docker = |arguments: &[&str]| {
        lab.sandbox.run(&home, "docker", arguments, b"").succeeds();
    };
    docker(&["context", "create", "lab", "--docker", &description]);
    plan(&lab, &[], &["--context", "lab"]).ends_with(3);
    plan(&lab, &[("DOCKER_CONTEXT", "lab")], &[]).ends_with(3);
    docker(&["context", "use", "lab"]);
    let created = {
        let mut command = lab.command(&lab.repository, ["sync", lab.stack]);
        command.env_remove("DOCKER_HOST");
        run(command, b"").succeeds().text()
    };
    assert_eq!(created.lines().count(), 2, "{created}");
    assert_eq!(lab.secrets().len(), 1);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_expired_daemon_is_not_trusted_and_one_without_tls_is_told() {
    let certificates = Certificates::new();
    certificates.sign("ca", "server", "serverAuth", "0");
    let (engine, host) = certificates.engine();
    let lab = Lab::on(engine, "outdated");
    let good = certificates.folder("ca", Some("client"));
    let folder = good.to_str().expect("an ASCII path");
    let tls = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", folder)];
    plan(&lab, &tls, &["--host", &host]).fails_saying(&["its certificate has expired"]);

    let plain = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = format!("tcp://{}", plain.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for client in plain.incoming() {
            use std::io::Write as _;
            let _ = client
                .expect("a connection")
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    plan(&lab, &tls, &["--host", &host]).fails_saying(&["it does not speak TLS"]);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_context_that_is_not_there_is_said() {
    let lab = Lab::new("nowhere");
    plan(&lab, &[("DOCKER_CONTEXT", "lab")], &[])
        .fails_saying(&[r#"context "lab": context not found"#]);
    lab.hs("plan", &["--host", "gopher://manager"]).ends_with(2);
    lab.hs("plan", &["--context", "lab", "--host", "unix:///x"])
        .ends_with(2);
}

/// Runs `hs-secrets` with a fake `ssh` on the `PATH` of `lab`. The fake records its arguments and then runs `script`.
fn with_ssh(lab: &Lab, script: &str, arguments: &[&str]) -> Run {
    let folder = lab.sandbox.path("bin");
    fs::create_dir_all(&folder).expect("a folder");
    let ssh = folder.join("ssh");
    let text = format!("#!/bin/sh\necho \"$*\" >>\"$HOME/ssh.log\"\n{script}\n");
    fs::write(&ssh, text).expect("a script");
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let words = [arguments[0], lab.stack]
        .into_iter()
        .chain(arguments[1..].iter().copied());
    let mut command = lab.command(&lab.repository, words);
    let path = command.get_envs().find(|(name, _)| *name == "PATH");
    let path = path
        .and_then(|(_, value)| value)
        .expect("the sandbox has one");
    let mut with_folder = folder.into_os_string();
    with_folder.push(":");
    with_folder.push(path);
    command.env("PATH", with_folder);
    command.env("STAND_IN_FOR", lab.engine.host());
    command.env("DOCKER_HOST", "ssh://me@manager:2222");
    run(command, b"")
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_daemon_is_reached_through_ssh() {
    let lab = Lab::new("behind");
    let through = r#"DOCKER_HOST=$STAND_IN_FOR exec docker system dial-stdio"#;
    let created = with_ssh(&lab, through, &["sync"]).succeeds().text();
    assert_eq!(created.lines().count(), 2, "{created}");
    assert_eq!(lab.secrets().len(), 1);
    let calls = fs::read_to_string(lab.sandbox.path("home/ssh.log")).expect("ssh was called");
    assert!(calls.lines().count() <= 4, "connections are kept: {calls}");
    for call in calls.lines() {
        assert!(
            call.ends_with("-T -l me -p 2222 -- manager docker system dial-stdio"),
            "{call}"
        );
    }
    let again = with_ssh(&lab, through, &["sync"]).succeeds().text();
    assert_eq!(again, "nothing to do\n");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn ssh_that_fails_or_is_missing_is_said_in_its_own_words() {
    let lab = Lab::new("shut-out");
    let script = "echo 'Warning: noise' >&2; echo 'me@manager: Permission denied (publickey).' >&2; exit 255";
    with_ssh(&lab, script, &["plan"]).fails_saying(&[
        "can't reach the Docker daemon at ssh://me@manager:2222",
        "Permission denied (publickey)",
        "255",
    ]);
    let mut command = lab.command(&lab.repository, ["plan", lab.stack]);
    command
        .env("PATH", lab.folder_with_git_only())
        .env("DOCKER_HOST", "ssh://manager");
    // The program is started by its full path, since only git is on the `PATH`.
    let mut without = Command::new(env!("CARGO_BIN_EXE_hs-secrets"));
    without
        .current_dir(&lab.repository)
        .args(["plan", lab.stack]);
    without.env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            without.env(name, value);
        }
    }
    run(without, b"").fails_saying(&["`ssh` can't be run"]);
    lab.hs("plan", &["--host", "ssh://me:pw@manager"])
        .ends_with(2);
}

/// Engines 29.0 to 29.2 require API 1.44 or newer. Engines older than 25 report no minimum version, and support all older
/// versions.
#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_daemon_that_wants_a_new_client_gets_one() {
    let setup = Setup {
        environment: vec![("DOCKER_MIN_API_VERSION", "1.44")],
        ..Setup::default()
    };
    let lab = Lab::on(Arc::new(Engine::swarm_with(setup)), "minimum");
    let format = "{{.Server.MinAPIVersion}} {{.Server.APIVersion}}";
    let stated = lab.engine.docker(["version", "--format", format]);
    let stated = stated.succeeds().text();
    assert!(
        ["1.44 ", "1.12 1.41"]
            .iter()
            .any(|known| stated.starts_with(known)),
        "{stated}"
    );
    lab.hs("plan", &[]).ends_with(3);
    lab.hs("sync", &[]).succeeds();
    assert_eq!(lab.secrets().len(), 1);
    assert!(lab.hs("ls", &[]).succeeds().text().contains("wanted"));
    let prune = ["--yes", "--keep", "0", "--min-age", "0"];
    lab.hs("prune", &prune).succeeds();
}
