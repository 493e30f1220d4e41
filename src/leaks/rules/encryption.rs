//! The rules that compare a blob with what the attributes, and its own past, promise.

use std::collections::{HashMap, HashSet};

use super::tree_keys::TreeKeys;
use crate::format::{BlobProof, Header, KeyFile, KeyName, encrypt, is_authentic};
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::leaks::targets::Target;
use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};
use crate::secret::SecretBytes;

/// Stands before a value that is encrypted for its stand-in, whose nonce would else be that of a file with this value alone.
const PSEUDONYM: &[u8] = b"hs-secrets: found in plaintext\0";

/// The keys at hand, and what they open.
pub(crate) struct Encrypted<'files> {
    pub(super) keys: Vec<KeyFile>,
    /// The key that each path is to be encrypted with.
    pub(super) key_of: HashMap<&'files PathBytes, KeyName>,
    /// Blobs known to open.
    pub(super) opened: HashSet<BlobId>,
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
    /// Loads the keys that this clone has, and asks Git about the files in the `index` and of `targets`.
    pub(crate) fn new(
        repository: &Repository,
        index: &'files [(PathBytes, BlobId)],
        targets: &[&'files PathBytes],
        removed: &[(PathBytes, BlobId)],
    ) -> Result<Self, RepositoryError> {
        let names = repository.keys().names()?;
        let keys = names
            .iter()
            .map(|name| repository.keys().load(name))
            .collect::<Result<_, _>>()?;
        let mut encrypted = HashSet::new();
        let mut unread = Vec::new();
        // A blob that git can't fetch either is a gap.
        drop(
            repository
                .objects()
                .fetch_blobs(removed.iter().map(|(_, blob)| *blob)),
        );
        for (path, blob) in removed {
            match repository.objects().is_encrypted(*blob) {
                Ok(true) => drop(encrypted.insert(*blob)),
                Ok(false) => {}
                Err(error) => unread.push((path.clone(), error.to_string())),
            }
        }
        Ok(Self {
            keys,
            key_of: keys_of(repository, index, targets)?,
            opened: HashSet::new(),
            removed: encrypted,
            locked: 0,
            unopened: Vec::new(),
            unread,
        })
    }

    /// A stand-in for a `value` from the encrypted file `source`, which nobody can guess the value by: a nonce that only
    /// those with the key can make.
    pub(crate) fn pseudonym(&self, source: &PathBytes, value: &[u8]) -> Vec<u8> {
        let key = self.key_for(source);
        let mut text = SecretBytes::from_vec([PSEUDONYM, value].concat());
        let header = key.and_then(|key| encrypt(key, &mut text).ok());
        header.map_or(Vec::new(), |header| header.to_bytes().to_vec())
    }

    /// True if the attributes ask for encryption of `path`.
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
        let objects = repository.objects();
        let is_plain = objects
            .blob_len(blob)
            .and_then(|length| Ok(length > 0 && !objects.is_encrypted(blob)?));
        match is_plain {
            Ok(false) => {}
            Ok(true) => {
                let hint = format!("filter={}, newly covered", name.driver());
                seen.add_file(rule_of_plaintext(path), (path, blob), None, hint);
            }
            Err(error) => seen.add_gap(path, error.to_string()),
        }
    }

    /// Finds out whether its key opens an encrypted `content`.
    pub(crate) fn judge_ciphertext(
        &self,
        target: &Target,
        content: &[u8],
    ) -> Option<(Rule, String)> {
        if target.path.is_of_collaborators() {
            let name = self.key_of.get(&target.path)?;
            let hint = format!("filter={}, stored encrypted", name.driver());
            return Some((Rule::FilteredKey, hint));
        }
        if self.opened.contains(&target.blob) {
            return None;
        }
        let key = self.key_for(&target.path)?;
        (!is_authentic(key, [content].into_iter()))
            .then(|| (Rule::WrongKey, self.not_opened(target)))
    }

    /// Begins to find out whether its key opens a file whose stored content begins with `beginning`; none if the key is not
    /// here.
    pub(crate) fn proof_of(&self, target: &Target, beginning: &[u8]) -> Option<BlobProof<'_>> {
        let header = Header::parse(beginning).ok()??;
        Some(BlobProof::new(self.key_for(&target.path)?, header))
    }

    /// The words for a file that its key does not open.
    pub(crate) fn not_opened(&self, target: &Target) -> String {
        let name = self.key_of.get(&target.path);
        let name = name.map(ToString::to_string).unwrap_or_default();
        format!("not opened by the key `{name}`")
    }

    /// The key at hand that the attributes give to `path`.
    pub(super) fn key_for(&self, path: &PathBytes) -> Option<&KeyFile> {
        let name = self.key_of.get(path)?;
        self.keys.iter().find(|key| key.name() == name)
    }

    /// Finds out whether a plaintext `content` should be encrypted.
    pub(crate) fn judge_plaintext(
        &self,
        target: &Target,
        content: &[u8],
        repository: &Repository,
    ) -> Result<Option<(Rule, String)>, RepositoryError> {
        // An empty file has no secret, and `plain-when-empty` stores it like this.
        if content.is_empty() {
            return Ok(None);
        }
        if let Some(wrong) = self.judge_path(target, repository)? {
            return Ok(Some(wrong));
        }
        let renamed = target.past.is_empty() && self.was_encrypted(content);
        let hint = || "renamed out of the pattern that encrypted it".to_owned();
        Ok(renamed.then(|| (Rule::LostEncryption, hint())))
    }

    /// Finds out from the path of `target` alone whether a plaintext there should be encrypted.
    pub(crate) fn judge_path(
        &self,
        target: &Target,
        repository: &Repository,
    ) -> Result<Option<(Rule, String)>, RepositoryError> {
        if let Some(name) = self.key_of.get(&target.path) {
            let hint = format!("filter={}", name.driver());
            return Ok(Some((rule_of_plaintext(&target.path), hint)));
        }
        for before in &target.past {
            if repository.objects().is_encrypted(*before)? {
                return Ok(Some((
                    Rule::LostEncryption,
                    "no filter is set for it any more".into(),
                )));
            }
        }
        Ok(None)
    }

    /// True if a file may be the plaintext of one that a change removed, as [`Self::judge_plaintext`] finds out.
    pub(crate) fn may_be_renamed(&self, target: &Target) -> bool {
        target.past.is_empty() && !self.removed.is_empty()
    }

    /// True if `content` is the plaintext of a file that a change removed: encryption is deterministic.
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

/// The rule for plaintext at a `path` that the attributes give to a key.
fn rule_of_plaintext(path: &PathBytes) -> Rule {
    if path.is_of_collaborators() {
        Rule::FilteredKey
    } else {
        Rule::UnencryptedBlob
    }
}

/// The keys of those of `targets` and of the paths in the `index` that are to be encrypted.
///
/// Git takes a while for each path that it is asked about. A path in the index that no pattern can match is left out where
/// nothing but the patterns in the index counts.
fn keys_of<'files>(
    repository: &Repository,
    index: &'files [(PathBytes, BlobId)],
    targets: &[&'files PathBytes],
) -> Result<HashMap<&'files PathBytes, KeyName>, RepositoryError> {
    let attributes = repository.attributes();
    let mut paths: Vec<&PathBytes> = index.iter().map(|(path, _)| path).collect();
    if attributes.are_those_of_index(&paths)? {
        // Attributes that can't be read are a gap elsewhere.
        if let Ok(patterns) = TreeKeys::of_files(repository, index).patterns() {
            paths.retain(|path| patterns.iter().any(|pattern| pattern.may_match(path)));
        }
    }
    let known: HashSet<&PathBytes> = paths.iter().copied().collect();
    paths.extend(targets.iter().filter(|path| !known.contains(*path)));
    attributes.keys_of(&paths)
}
