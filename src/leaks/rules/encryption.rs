//! The rules that compare a blob with what the attributes, and its own past, promise.

use std::collections::{HashMap, HashSet};

use crate::format::{Header, KeyFile, KeyName, decrypt, encrypt, is_authentic};
use crate::leaks::known::known_secrets::KnownValues;
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::leaks::targets::Target;
use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};
use crate::secret::SecretBytes;

/// Before a value, so that its nonce is not the one of a file that holds nothing else.
const PSEUDONYM: &[u8] = b"hs-secrets: found in plaintext\0";

/// The keys at hand, and what they open.
pub(crate) struct Encrypted<'files> {
    keys: Vec<KeyFile>,
    /// The key that each path is to be encrypted with.
    key_of: HashMap<&'files PathBytes, KeyName>,
    /// Blobs known to open.
    opened: HashSet<BlobId>,
    /// Files removed by a change, as they were stored encrypted.
    removed: HashSet<BlobId>,
    /// Encrypted files whose key is not here.
    pub(crate) locked: usize,
    /// Encrypted files that their key does not open.
    pub(crate) unopened: Vec<PathBytes>,
    /// Files whose values could not be read, and why.
    pub(crate) unread: Vec<(PathBytes, String)>,
}

impl<'files> Encrypted<'files> {
    /// Loads the keys that are here; `files` are all that anything will be asked about.
    pub(crate) fn new(
        repository: &Repository,
        files: impl Iterator<Item = (&'files PathBytes, BlobId)> + Clone,
        removed: &[(PathBytes, BlobId)],
    ) -> Result<Self, RepositoryError> {
        let names = repository.keys().names()?;
        let keys = names
            .iter()
            .map(|name| repository.keys().load(name))
            .collect::<Result<_, _>>()?;
        let mut encrypted = HashSet::new();
        for (_, blob) in removed {
            if repository.objects().is_encrypted(*blob)? {
                encrypted.insert(*blob);
            }
        }
        Ok(Self {
            keys,
            key_of: repository.attributes().encrypted_paths(files)?,
            opened: HashSet::new(),
            removed: encrypted,
            locked: 0,
            unopened: Vec::new(),
            unread: Vec::new(),
        })
    }

    /// Decrypts the encrypted ones among `files` and collects their values.
    pub(crate) fn known_values<'listed>(
        &mut self,
        repository: &Repository,
        files: impl Iterator<Item = (&'listed PathBytes, BlobId)>,
    ) -> KnownValues {
        let mut values = KnownValues::default();
        for (path, id) in files {
            let Some(name) = self.key_of.get(path) else {
                continue;
            };
            if self.opened.contains(&id) {
                continue;
            }
            let key = self.keys.iter().find(|key| key.name() == name);
            let blob = match repository.objects().blob(id) {
                Ok(blob) => blob,
                Err(error) => {
                    match key {
                        Some(_) => self.unread.push((path.clone(), error.to_string())),
                        // It would not have been opened anyway.
                        None => self.locked += 1,
                    }
                    continue;
                }
            };
            let Ok(Some(header)) = Header::parse(blob.content()) else {
                continue;
            };
            let Some(key) = key else {
                self.locked += 1;
                continue;
            };
            let Some(mut plaintext) = SecretBytes::try_copy_of(&blob.content()[Header::LEN..])
            else {
                let reason = "there is not enough memory to decrypt it";
                self.unread.push((path.clone(), reason.to_owned()));
                continue;
            };
            if decrypt(key, header, &mut plaintext).is_err() {
                self.unopened.push(path.clone());
                continue;
            }
            if let Err(error) = values.add_file(path, plaintext.expose()) {
                self.unread.push((path.clone(), error.to_string()));
            }
            self.opened.insert(id);
        }
        values
    }

    /// What stands for a `value` from the encrypted file `source` where it must not be guessed against: a nonce that
    /// only those with the key can make.
    pub(crate) fn pseudonym(&self, source: &PathBytes, value: &[u8]) -> Vec<u8> {
        let name = self.key_of.get(source);
        let key = name.and_then(|name| self.keys.iter().find(|key| key.name() == name));
        let mut text = SecretBytes::from_vec([PSEUDONYM, value].concat());
        let header = key.and_then(|key| encrypt(key, &mut text).ok());
        header.map_or(Vec::new(), |header| header.to_bytes().to_vec())
    }

    /// True where the attributes ask for encryption of `path`.
    pub(crate) fn is_to_encrypt(&self, path: &PathBytes) -> bool {
        self.key_of.contains_key(path)
    }

    /// Writes down a file that is to be encrypted and is stored in plaintext.
    pub(crate) fn look_at_stored(
        &self,
        repository: &Repository,
        path: &PathBytes,
        blob: BlobId,
        seen: &mut Inspection,
    ) {
        let Some(name) = self
            .key_of
            .get(path)
            .filter(|_| !self.opened.contains(&blob))
        else {
            return;
        };
        match repository.objects().blob(blob) {
            Ok(blob) if blob.content().is_empty() || Header::is_in(blob.content()) => {}
            Ok(_) => {
                let hint = format!("filter={}, newly covered", name.driver());
                seen.add_file(Rule::UnencryptedBlob, path, None, hint);
            }
            Err(error) => seen.add_gap(path, error.to_string()),
        }
    }

    /// What is wrong with an encrypted `content`.
    pub(crate) fn judge_ciphertext(
        &self,
        target: &Target,
        content: &[u8],
    ) -> Option<(Rule, String)> {
        if self.opened.contains(&target.blob) {
            return None;
        }
        let name = self.key_of.get(&target.path)?;
        let key = self.keys.iter().find(|key| key.name() == name)?;
        (!is_authentic(key, [content].into_iter()))
            .then(|| (Rule::WrongKey, format!("not opened by the key `{name}`")))
    }

    /// What is wrong with a plaintext `content`.
    pub(crate) fn judge_plaintext(
        &self,
        target: &Target,
        content: &[u8],
        repository: &Repository,
    ) -> Result<Option<(Rule, String)>, RepositoryError> {
        // There is nothing in it; `plain-when-empty` stores it so.
        if content.is_empty() {
            return Ok(None);
        }
        if let Some(name) = self.key_of.get(&target.path) {
            let hint = format!("filter={}", name.driver());
            return Ok(Some((Rule::UnencryptedBlob, hint)));
        }
        for before in &target.past {
            if repository.objects().is_encrypted(*before)? {
                return Ok(Some((
                    Rule::LostEncryption,
                    "no filter is set for it any more".into(),
                )));
            }
        }
        let renamed = target.past.is_empty() && self.was_encrypted(content);
        let hint = || "renamed out of the pattern that encrypted it".to_owned();
        Ok(renamed.then(|| (Rule::LostEncryption, hint())))
    }

    /// True where `content` is the plaintext of a file that a change removed: encryption is deterministic.
    fn was_encrypted(&self, content: &[u8]) -> bool {
        let Some(any) = self.removed.iter().next() else {
            return false;
        };
        self.keys.iter().any(|key| {
            let mut ciphertext = SecretBytes::copy_of(content);
            let header = encrypt(key, &mut ciphertext);
            header.is_ok_and(|header| {
                let stored = [&header.to_bytes()[..], ciphertext.expose()].concat();
                self.removed.contains(&any.with_content(&stored))
            })
        })
    }
}
