//! TLS on the listener for forges, and between receiver and updater. The certificates are created with openssl.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::deliveries::NO_DAEMON;
use crate::scene::Scene;
use crate::web_client::{connect, get, github_headers, github_push, post};

/// A scene with a certificate in its settings.
struct Secured {
    scene: Scene,
}

impl Secured {
    fn new() -> Self {
        let scene = Scene::new(NO_DAEMON);
        scene.edit_settings(
            "[repositories.lab]",
            "tls-cert-file = \"tls.pem\"\ntls-key-file = \"tls-key.pem\"\n[repositories.lab]",
        );
        let secured = Self { scene };
        secured.make("one");
        secured.make("two");
        secured.install("one", ["tls.pem", "tls-key.pem"]);
        secured
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scene.desk.sandbox.path(name)
    }

    /// Creates an authority, and a certificate for 127.0.0.1 that it signs.
    fn make(&self, name: &str) {
        fs::write(self.path("extensions"), "subjectAltName=IP:127.0.0.1\n").expect("a file");
        self.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={name} \
             -addext keyUsage=critical,keyCertSign -keyout {name}-ca-key.pem -out {name}-ca.pem"
        ));
        self.openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout {name}-key.pem -out request"
        ));
        self.openssl(&format!(
            "x509 -req -in request -CA {name}-ca.pem -CAkey {name}-ca-key.pem -CAcreateserial -days 2 \
             -extfile extensions -out {name}.pem"
        ));
    }

    fn openssl(&self, arguments: &str) {
        let done = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.path(""))
            .output()
            .expect("openssl can be run: apt-get install openssl");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
    }

    /// Replaces the certificate, its key, or both by those called `name`.
    fn install<const COUNT: usize>(&self, name: &str, files: [&str; COUNT]) {
        for file in files {
            let new = self.path(&file.replace("tls", name));
            let beside = self.path("beside");
            fs::copy(new, &beside).expect("a copy");
            fs::rename(beside, self.path(file)).expect("it takes its place");
        }
    }

    /// Requests the health over TLS with this authority as the only trusted one. Returns the response, or the reason why
    /// there is none.
    fn health(&self, address: SocketAddr, authority: &str) -> Result<String, String> {
        let mut authorities = RootCertStore::empty();
        let pem = self.path(&format!("{authority}-ca.pem"));
        let certificate = CertificateDer::from_pem_file(pem).expect("a certificate");
        authorities.add(certificate).expect("an authority");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(authorities)
            .with_no_client_auth();
        let name = ServerName::from(address.ip());
        let client = ClientConnection::new(Arc::new(client), name).expect("a client");
        let mut stream = StreamOwned::new(client, connect(address));
        let request = b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";
        stream
            .write_all(request)
            .map_err(|error| error.to_string())?;
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .map_err(|error| error.to_string())?;
        Ok(answer)
    }
}

#[test]
#[ignore = "needs openssl: tests/run.sh"]
fn forges_are_answered_over_tls_alone_and_a_silent_stranger_is_let_go() {
    let secured = Secured::new();
    let service = secured.scene.serve();
    let mut silent = connect(service.forges);
    let health = secured.health(service.forges, "one").expect("an answer");
    assert!(health.contains("\"healthy\""), "{health}");
    let stranger = secured.health(service.forges, "two").expect_err("no trust");
    assert!(stranger.contains("UnknownIssuer"), "{stranger}");
    let body = github_push("ada/home-lab", "main", &secured.scene.commit());
    let plain = post(
        service.forges,
        "/hooks/github",
        &github_headers("d1", &body),
        &body,
    );
    assert_eq!(plain.status, 0, "{plain:?}");
    // The page is served to this machine only, without TLS.
    assert_ne!(get(service.page, "/healthz").status, 0);
    assert!(is_closed(&mut silent));
}

/// True if the other side closes the connection without sending anything.
fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0]), Ok(0))
}

#[test]
#[ignore = "needs openssl: tests/run.sh"]
fn a_renewed_certificate_is_used_and_half_of_one_is_not() {
    let secured = Secured::new();
    let service = secured.scene.serve();
    secured.health(service.forges, "one").expect("an answer");
    secured.install("two", ["tls.pem"]);
    let line = service
        .log
        .wait_for("the certificate files have changed, and can't be used");
    assert!(
        line.contains("it is not the key of the certificate"),
        "{line}"
    );
    secured
        .health(service.forges, "one")
        .expect("the old one is still used");
    secured.install("two", ["tls-key.pem"]);
    service.log.wait_for("the certificate was renewed");
    secured
        .health(service.forges, "two")
        .expect("the new one is used");
    secured
        .health(service.forges, "one")
        .expect_err("the old one is gone");
    drop(service);

    secured.install("one", ["tls.pem"]);
    let refused = secured.scene.run(&[]);
    refused.fails_saying(&[
        "`tls-cert-file`, `tls-key-file`: ",
        "it is not the key of the certificate",
    ]);
    secured
        .scene
        .edit_settings("tls-key-file = \"tls-key.pem\"\n", "");
    let half = secured.scene.run(&["--check"]);
    half.fails_saying(&["`tls-cert-file` and `tls-key-file` need each other"]);
}

#[test]
#[ignore = "needs openssl: tests/run.sh"]
fn a_receiver_trusts_an_updater_by_its_authority_alone() {
    let secured = Secured::new();
    let scene = &secured.scene;
    let updater = scene.serve();
    let commit = scene.commit();
    for (authority, status) in [("one", 202), ("two", 503)] {
        let trusted = secured.path(&format!("{authority}-ca.pem"));
        scene.set_variable("SSL_CERT_FILE", trusted.to_str().expect("text"));
        scene.set_receiver(updater.forges, "");
        let settings = fs::read_to_string(secured.path("receiver.toml")).expect("settings");
        let settings = settings.replace("http://", "https://");
        fs::write(secured.path("receiver.toml"), settings).expect("settings");
        let receiver = scene.serve_by("receiver.toml");
        receiver.deliver("d1", &commit, "").expect(status);
        // A server that is not trusted is not asked again.
        let log = receiver.whole_log();
        assert!(!log.contains("nobody listens"), "{log}");
        assert_eq!(
            log.contains("invalid peer certificate"),
            status == 503,
            "{log}"
        );
    }
}
