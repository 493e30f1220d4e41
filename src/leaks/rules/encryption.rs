//! The rules that compare a blob with what its attributes, and its earlier versions, promise.

use std::collections::{HashMap, HashSet};

use super::tree_keys::TreeKeys;
use crate::format::{BlobProof, Header, KeyFile, KeyName, encrypt, is_authentic};
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::leaks::targets::Target;
use crate::repository::{BlobId, PathBytes, Repository, RepositoryError};
use crate::secret::SecretBytes;

/// Prefix that is encrypted together with a value to get its pseudonym. Without it, the pseudonym would be the nonce of an
/// encrypted file that holds just this value.
const PSEUDONYM: &[u8] = b"hs-secrets: found in plaintext\0";

/// The keys that this clone has, and what they open.
pub(crate) struct Encrypted<'files> {
    pub(super) keys: Vec<KeyFile>,
    /// The key that the attributes assign to each path.
    pub(super) key_of: HashMap<&'files PathBytes, KeyName>,
    /// Blobs that were decrypted.
    pub(super) opened: HashSet<BlobId>,
    /// Encrypted blobs of files that a change removed.
    removed: HashSet<BlobId>,
    /// How many encrypted files were not read because their key is not here.
    pub(crate) locked: usize,
    /// Encrypted files that their key fails to decrypt.
    pub(crate) unopened: Vec<PathBytes>,
    /// Files whose values could not be read, with the reason.
    pub(crate) unread: Vec<(PathBytes, String)>,
}

impl<'files> Encrypted<'files> {
    /// Loads the keys of this clone, and asks Git for the attributes of the files in the `index` and of `targets`.
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
        // An error is ignored here: a blob that Git can't fetch becomes a gap later.
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

    /// An id for a `value` from the encrypted file `source`, from which nobody can guess the value: a nonce that can be
    /// computed only with the key.
    pub(crate) fn pseudonym(&self, source: &PathBytes, value: &[u8]) -> Vec<u8> {
        let key = self.key_for(source);
        let mut text = SecretBytes::from_vec([PSEUDONYM, value].concat());
        let header = key.and_then(|key| encrypt(key, &mut text).ok());
        header.map_or(Vec::new(), |header| header.to_bytes().to_vec())
    }

    /// True if the attributes say that `path` is encrypted.
    pub(crate) fn is_to_encrypt(&self, path: &PathBytes) -> bool {
        self.key_of.contains_key(path)
    }

    /// Adds a finding if a file that should be encrypted is stored in plaintext.
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

    /// Checks whether the assigned key decrypts the encrypted `content`.
    pub(crate) fn rule_broken_by_ciphertext(
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

    /// Begins to check whether the assigned key decrypts a file whose stored content begins with `beginning`; `None` if the
    /// key is not here.
    pub(crate) fn proof_of(&self, target: &Target, beginning: &[u8]) -> Option<BlobProof<'_>> {
        let header = Header::parse(beginning).ok()??;
        Some(BlobProof::new(self.key_for(&target.path)?, header))
    }

    /// The description of a file that its key fails to decrypt.
    pub(crate) fn not_opened(&self, target: &Target) -> String {
        let name = self.key_of.get(&target.path);
        let name = name.map(ToString::to_string).unwrap_or_default();
        format!("not opened by the key `{name}`")
    }

    /// The key that the attributes assign to `path`, if this clone has it.
    pub(super) fn key_for(&self, path: &PathBytes) -> Option<&KeyFile> {
        let name = self.key_of.get(path)?;
        self.keys.iter().find(|key| key.name() == name)
    }

    /// Checks whether a plaintext `content` should be encrypted.
    pub(crate) fn rule_broken_by_plaintext(
        &self,
        target: &Target,
        content: &[u8],
        repository: &Repository,
    ) -> Result<Option<(Rule, String)>, RepositoryError> {
        // An empty file has no secret, and with `plain-when-empty` it is stored unencrypted.
        if content.is_empty() {
            return Ok(None);
        }
        if let Some(wrong) = self.rule_broken_by_path(target, repository)? {
            return Ok(Some(wrong));
        }
        let renamed = target.past.is_empty() && self.was_encrypted(content);
        let hint = || "renamed out of the pattern that encrypted it".to_owned();
        Ok(renamed.then(|| (Rule::LostEncryption, hint())))
    }

    /// Checks by the path of `target` alone whether a plaintext there should be encrypted.
    pub(crate) fn rule_broken_by_path(
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

    /// True if a file may be the plaintext of a removed file. [`Self::rule_broken_by_plaintext`] finds out whether it is.
    pub(crate) fn may_be_renamed(&self, target: &Target) -> bool {
        target.past.is_empty() && !self.removed.is_empty()
    }

    /// True if `content` is the plaintext of a file that a change removed. This can be found out since encryption is deterministic.
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

/// The rule that plaintext breaks at a `path` to which the attributes assign a key.
fn rule_of_plaintext(path: &PathBytes) -> Rule {
    if path.is_of_collaborators() {
        Rule::FilteredKey
    } else {
        Rule::UnencryptedBlob
    }
}

/// The assigned keys of the paths among `targets` and in the `index` that are to be encrypted.
///
/// Asking Git is slow. If only the patterns in the index count, paths that no pattern can match are left out.
fn keys_of<'files>(
    repository: &Repository,
    index: &'files [(PathBytes, BlobId)],
    targets: &[&'files PathBytes],
) -> Result<HashMap<&'files PathBytes, KeyName>, RepositoryError> {
    let attributes = repository.attributes();
    let mut paths: Vec<&PathBytes> = index.iter().map(|(path, _)| path).collect();
    if attributes.are_those_of_index(&paths)? {
        // If the attributes can't be read, another rule reports a gap.
        if let Ok(patterns) = TreeKeys::of_files(repository, index).patterns() {
            paths.retain(|path| patterns.iter().any(|pattern| pattern.may_match(path)));
        }
    }
    let known: HashSet<&PathBytes> = paths.iter().copied().collect();
    paths.extend(targets.iter().filter(|path| !known.contains(*path)));
    attributes.keys_of(&paths)
}
