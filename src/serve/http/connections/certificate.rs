//! TLS for the listener for forges. Its certificate may be renewed while the service runs.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::secret::{SecretBytes, forbid_core_dumps};
use crate::serve::settings::CertificateFiles;

/// Maximum length of a file with certificates or a key in bytes.
const LONGEST: u64 = 1 << 20;

/// The certificate in use.
pub(super) struct Certificate {
    files: CertificateFiles,
    used: Mutex<UsedCertificate>,
}

struct UsedCertificate {
    configuration: Arc<ServerConfig>,
    /// The stamps of the files at the last reading, even if they could not be used.
    stamps: [FileStamp; 2],
}

/// The inode, the length and the time of modification (s, ns) of a file, to notice a replacement; `None` if there is no file.
type FileStamp = Option<(u64, u64, i64, i64)>;

impl Certificate {
    /// Reads the files. The error is a message for people.
    pub(super) fn read(files: &CertificateFiles) -> Result<Self, String> {
        let stamps = stamps(files);
        let configuration = configuration(files)?;
        Ok(Self {
            files: files.clone(),
            used: Mutex::new(UsedCertificate {
                configuration,
                stamps,
            }),
        })
    }

    /// Accepts TLS connections with the certificate that is in use now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.lock().configuration))
    }

    /// Reads the files again if they have changed; `None` if they have not. If they can't be used, the old certificate stays in use.
    pub(super) fn renew(&self) -> Option<Result<(), String>> {
        let stamps = stamps(&self.files);
        if self.lock().stamps == stamps {
            return None;
        }
        let read = configuration(&self.files);
        let mut used = self.lock();
        used.stamps = stamps;
        Some(read.map(|configuration| used.configuration = configuration))
    }

    fn lock(&self) -> MutexGuard<'_, UsedCertificate> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stamps(files: &CertificateFiles) -> [FileStamp; 2] {
    [&files.certificate, &files.key].map(|path| {
        let facts: Metadata = fs::metadata(path).ok()?;
        Some((facts.ino(), facts.len(), facts.mtime(), facts.mtime_nsec()))
    })
}

fn configuration(files: &CertificateFiles) -> Result<Arc<ServerConfig>, String> {
    forbid_core_dumps();
    let CertificateFiles { certificate, key } = files;
    let of =
        |path: &Path, reason: &dyn ToString| format!("{}: {}", path.display(), reason.to_string());
    let mut chain = read(certificate).map_err(|error| of(certificate, &error))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.expose()).collect();
    let chain = chain.map_err(|_| of(certificate, &"it is not in PEM form"))?;
    if chain.is_empty() {
        return Err(of(certificate, &"there is no certificate in it"));
    }
    let mut private = read(key).map_err(|error| of(key, &error))?;
    let private = PrivateKeyDer::from_pem_slice(private.expose());
    let private = private.map_err(|_| of(key, &"there is no key in PEM form in it"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let configuration = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("because ring speaks TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, private);
    let mut configuration = configuration.map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => of(key, &"it is not the key of the certificate"),
        error => of(certificate, &error),
    })?;
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(configuration))
}

fn read(path: &Path) -> io::Result<SecretBytes> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > LONGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    SecretBytes::read_expecting(&mut file, length)
}
