//! Identities: the secret halves of age and SSH keys, read from their owners' files.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use age::Callbacks;
use age::secrecy::SecretString;
use age::ssh::UnsupportedKey;
use zeroize::Zeroizing;

use super::file::{guarded, open};
use super::passphrase::{open_with_passphrase, secret_string};
use crate::keyring::people::age::asking::AskPassphrase;
use crate::keyring::people::age::beginning::is_sealed;
use crate::keyring::people::age::error::{AgeError, IdentityError};
use crate::keyring::people::age::recipient::AgeId;
use crate::keyring::people::key_text::looks_like_key;
use crate::secret::{SecretBytes, forbid_core_dumps};

/// Maximum length of an identity file in bytes.
const LONGEST: u64 = 1 << 20;

/// A secret key, which opens what was sealed for its public half.
pub(crate) struct AgeIdentity {
    id: AgeId,
    key: Box<dyn age::Identity>,
    asked: Asked,
}

/// Reads the identities in a file: an age identity file (one secret key in each line), or an SSH private key.
///
/// If the file itself is encrypted with a passphrase, the user is asked now. The passphrase of an SSH key is asked when
/// the key is first used.
pub(crate) fn read_identities(
    path: &Path,
    ask: AskPassphrase,
) -> Result<Vec<AgeIdentity>, IdentityError> {
    forbid_core_dumps();
    let mut content = File::open(path)
        .and_then(|file| SecretBytes::read_from(&mut file.take(LONGEST)))
        .map_err(|source| {
            if looks_like_key(path.as_os_str()) {
                return IdentityError::KeyItself;
            }
            IdentityError::Read {
                path: path.to_owned(),
                source,
            }
        })?;
    if is_sealed(content.expose()) {
        let what = path.display().to_string();
        content = open_with_passphrase(content.expose(), &what, ask).map_err(|source| {
            IdentityError::Sealed {
                path: path.to_owned(),
                source,
            }
        })?;
    }
    let text = content.expose();
    let identities = if text.trim_ascii_start().starts_with(b"-----BEGIN") {
        vec![ssh_identity(text.trim_ascii_start(), path, ask)?]
    } else {
        age_identities(text).unwrap_or_default()
    };
    if identities.is_empty() {
        return Err(IdentityError::Unknown {
            path: path.to_owned(),
        });
    }
    Ok(identities)
}

impl AgeIdentity {
    /// The id of the public half.
    pub(crate) fn id(&self) -> &AgeId {
        &self.id
    }

    pub(crate) fn as_age(&self) -> &dyn age::Identity {
        &*self.key
    }

    /// Opens what was sealed for this identity.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<SecretBytes, AgeError> {
        self.asked.is_needed.store(false, Ordering::Relaxed);
        open(sealed, &[self.as_age()]).map_err(|error| match error {
            AgeError::NotForYou if self.asked.lacks_passphrase() => AgeError::NobodyToAsk,
            error => error,
        })
    }
}

/// Opens a file with that one of `identities` for which it was sealed. An identity whose passphrase nobody enters does not
/// hide the next ones.
pub(crate) fn open_with_identities(
    sealed: &[u8],
    identities: &[AgeIdentity],
) -> Result<SecretBytes, AgeError> {
    let mut refused = AgeError::NotForYou;
    for identity in identities {
        match identity.open(sealed) {
            Err(AgeError::NotForYou) => {}
            Err(error @ AgeError::NobodyToAsk) => refused = error,
            outcome => return outcome,
        }
    }
    Err(refused)
}

/// Reads one identity from each line, skipping comments. `None` if a line is something else.
fn age_identities(text: &[u8]) -> Option<Vec<AgeIdentity>> {
    let lines = std::str::from_utf8(text).ok()?.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let key: age::x25519::Identity = line.parse().ok()?;
            Some(AgeIdentity {
                id: AgeId::of(&key.to_public().to_string()),
                key: Box::new(key),
                asked: Asked::new(|_| None),
            })
        })
        .collect()
}

fn ssh_identity(
    text: &[u8],
    path: &Path,
    ask: AskPassphrase,
) -> Result<AgeIdentity, IdentityError> {
    // The crate age accepts only LF as line end.
    let text = Zeroizing::new(String::from_utf8_lossy(text).replace("\r\n", "\n"));
    let shown = path.display().to_string();
    let unknown = || IdentityError::Unknown {
        path: path.to_owned(),
    };
    let read = guarded(|| age::ssh::Identity::from_buffer(text.as_bytes(), Some(shown)));
    let key = read.and_then(Result::ok).ok_or_else(unknown)?;
    if let age::ssh::Identity::Unsupported(kind) = &key {
        return Err(IdentityError::Unsupported {
            path: path.to_owned(),
            reason: described(kind),
        });
    }
    let recipient = guarded(|| age::ssh::Recipient::try_from(key.clone()));
    let recipient = recipient.and_then(Result::ok).ok_or_else(unknown)?;
    let asked = Asked::new(ask);
    Ok(AgeIdentity {
        id: AgeId::of(&recipient.to_string()),
        key: Box::new(key.with_callbacks(asked.clone())),
        asked,
    })
}

fn described(kind: &UnsupportedKey) -> String {
    match kind {
        UnsupportedKey::EncryptedPem => {
            "its old format protects it badly; `ssh-keygen -p -f FILE` converts it".to_owned()
        }
        UnsupportedKey::EncryptedSsh(cipher) => format!("it is encrypted with {cipher}"),
        UnsupportedKey::Hardware(kind) => format!("{kind} keys on hardware only sign"),
        UnsupportedKey::Type(kind) => format!("{kind} keys only sign"),
    }
}

/// Asks for the passphrase of a key once, however many files it opens.
#[derive(Clone)]
struct Asked {
    ask: AskPassphrase,
    answer: Arc<Mutex<Option<Option<SecretString>>>>,
    /// True if the file that is being opened needs the passphrase.
    is_needed: Arc<AtomicBool>,
}

impl Asked {
    fn new(ask: AskPassphrase) -> Self {
        Self {
            ask,
            answer: Arc::default(),
            is_needed: Arc::default(),
        }
    }

    /// True if the file that is being opened needs the passphrase, and nobody could answer.
    fn lacks_passphrase(&self) -> bool {
        let answer = self.answer.lock();
        self.is_needed.load(Ordering::Relaxed)
            && answer.is_ok_and(|answer| matches!(*answer, Some(None)))
    }
}

impl Callbacks for Asked {
    fn display_message(&self, _: &str) {}

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn request_public_string(&self, _: &str) -> Option<String> {
        None
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        self.is_needed.store(true, Ordering::Relaxed);
        let mut answer = self.answer.lock().ok()?;
        answer
            .get_or_insert_with(|| (self.ask)(description).map(secret_string))
            .clone()
    }
}
