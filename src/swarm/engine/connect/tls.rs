//! TLS with a daemon, from the files that the docker client uses.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, CertificateError, ClientConfig, Error, RootCertStore};

use super::limits::read_file;
use crate::swarm::engine::EngineError;

/// The files for a TLS connection, by their names in the docker client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// `ca.pem`: the authority that signed the daemon's certificate. As in the docker client, no other authority is trusted.
    pub authority: PathBuf,
    /// `cert.pem` and `key.pem`: the client's certificate, for a daemon that asks for one.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// True if the daemon's certificate must be verified.
    pub verify: bool,
}

impl TlsFiles {
    /// The files in a folder. The client's certificate may be missing.
    pub fn of(folder: &Path, verify: bool) -> Self {
        let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.join(name));
        Self {
            authority: folder.join("ca.pem"),
            identity: (certificate.exists() && key.exists()).then_some((certificate, key)),
            verify,
        }
    }

    pub(crate) fn configuration(&self, host: &str) -> Result<ClientConfig, EngineError> {
        if !self.verify {
            return Err(EngineError::Unverified {
                host: host.to_owned(),
            });
        }
        let mut authorities = RootCertStore::empty();
        for certificate in certificates(&self.authority)? {
            let added = authorities.add(certificate);
            added.map_err(|error| unusable(&self.authority, &error))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("because ring speaks TLS 1.2 and 1.3")
            .with_root_certificates(authorities);
        let Some((certificate, key)) = &self.identity else {
            return Ok(builder.with_no_client_auth());
        };
        let private = PrivateKeyDer::from_pem_slice(&read(key)?);
        let private = private.map_err(|error| not_pem(key, error))?;
        builder
            .with_client_auth_cert(certificates(certificate)?, private)
            .map_err(|error| unusable(key, &error))
    }
}

/// The reason why a connection failed, in a wording similar to the docker client's. `None` if TLS is not the reason.
pub(crate) fn reason_of_tls_error(error: &io::Error) -> Option<String> {
    let inner = error.get_ref()?;
    if let Some(wrapped) = inner.downcast_ref::<io::Error>() {
        return reason_of_tls_error(wrapped);
    }
    Some(match inner.downcast_ref::<Error>()? {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate is signed by an unknown authority".to_owned()
        }
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "its certificate has expired".to_owned(),
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "its certificate is not yet valid".to_owned(),
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another host".to_owned(),
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "it requires a certificate from its clients".to_owned()
        }
        // With TLS 1.2 and older, and with daemons built with an old Go, these alerts are also sent if the client has no
        // certificate.
        Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate,
        ) => "it refuses our certificate, or the lack of one".to_owned(),
        Error::InvalidMessage(_) => "it does not speak TLS".to_owned(),
        other => other.to_string(),
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, EngineError> {
    let text = read(path)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| not_pem(path, error))?;
    if certificates.is_empty() {
        return Err(not_pem(path, pem::Error::NoItemsFound));
    }
    Ok(certificates)
}

fn read(path: &Path) -> Result<Vec<u8>, EngineError> {
    read_file(path).map_err(|error| unusable(path, &error))
}

fn not_pem(path: &Path, error: pem::Error) -> EngineError {
    match error {
        pem::Error::NoItemsFound => unusable(path, &"nothing of that kind in it"),
        _ => unusable(path, &"not in PEM form"),
    }
}

fn unusable(path: &Path, reason: &dyn std::fmt::Display) -> EngineError {
    EngineError::TlsFile {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
