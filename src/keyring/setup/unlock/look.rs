//! What there is to decide about before a repository is unlocked, read once.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::{Consent, Facts, KeyOrigin, Offer};
use super::error::UnlockError;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::rotation::succession::proof;
use crate::keyring::setup::encrypted_files::{by_key, left_out_files, opens};
use crate::keyring::trust::{Committed, Memory, Reading, StatementFolders, SuccessionStatement};
use crate::repository::{
    CommitId, CommitOrigin, FilterProgram, Incoming, IndexEntry, Repository, RepositoryError, go_on,
};

/// The keys that a user has to unlock with.
#[derive(Debug, Default)]
pub(crate) struct Offered {
    /// Given by hand; if there are any, nothing else counts.
    pub by_hand: Vec<KeyFile>,
    /// Wrapped for the user in the repository.
    pub wrapped: Vec<KeyFile>,
    /// Wrapped for the user in a commit that is about to be pulled.
    pub incoming: Vec<KeyFile>,
    /// True if keys of other names in the key store are looked at, too.
    pub with_stored: bool,
}

/// What the user allows.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    /// The only ids allowed; empty if any is.
    pub pinned: Vec<KeyId>,
    /// True if a wrapped key is taken that nothing proves.
    pub new_key: bool,
    /// What is said to a rotation.
    pub rotation: Consent,
}

/// What opens an encrypted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileOpener {
    /// The candidate at this place.
    Candidate(usize),
    /// A key from before a rotation, which is kept here.
    Former,
    /// No key that is to be had.
    Nobody,
}

/// A key that may be used.
pub(super) struct Candidate {
    pub key: KeyFile,
    pub offer: Offer,
    /// The commit with a file that it opens, where it opens none here.
    pub proof: Option<Incoming>,
}

/// All that is known of the keys of one name.
pub(super) struct Look {
    pub facts: Facts,
    /// The keys of the offers, in their order, and at the end the one in the key store.
    pub candidates: Vec<Candidate>,
    /// The place of the one in the key store.
    pub stored: Option<usize>,
    /// The keys that it once was.
    pub former: Option<KeyFile>,
    pub memory: Option<Memory>,
    /// The files in the index that are encrypted with a key of this name.
    pub files: Vec<(IndexEntry, FileOpener)>,
    /// False if the filter can't have worked: Git has removed the files then that it could not decrypt.
    pub filter_worked: bool,
    /// How many files open with what is in the key store.
    pub stored_opens: usize,
    successions: Vec<Committed<SuccessionStatement>>,
}

/// Looks at every key name that `offered` has a key of.
pub(super) fn look(
    repository: &Repository,
    offered: Offered,
    wishes: &Wishes,
    program: &FilterProgram,
) -> Result<Vec<Look>, UnlockError> {
    let mut keys: BTreeMap<KeyName, Vec<(KeyFile, KeyOrigin)>> = BTreeMap::new();
    let by_hand = !offered.by_hand.is_empty();
    let mut add = |found: Vec<KeyFile>, origin| {
        for key in found {
            keys.entry(key.name().clone())
                .or_default()
                .push((key, origin));
        }
    };
    add(offered.by_hand, KeyOrigin::ByHand);
    if !by_hand {
        add(offered.wrapped, KeyOrigin::Wrapped);
        add(offered.incoming, KeyOrigin::Incoming);
        if offered.with_stored {
            for name in repository.keys().names()? {
                keys.entry(name).or_default();
            }
        }
    }
    let mut files = by_key(repository)?;
    let mut looks = Vec::new();
    for (name, keys) in keys {
        let files = files.remove(&name).unwrap_or_default();
        looks.push(Look::at(repository, name, keys, files, wishes, program)?);
    }
    Ok(looks)
}

impl Look {
    fn at(
        repository: &Repository,
        name: KeyName,
        keys: Vec<(KeyFile, KeyOrigin)>,
        files: Vec<IndexEntry>,
        wishes: &Wishes,
        program: &FilterProgram,
    ) -> Result<Self, UnlockError> {
        let stored = repository.keys().load_to_replace(&name)?;
        let memory = match &stored {
            Some(stored) => Some(Memory::of_stored(repository, stored)?),
            None => Memory::load(repository, &name)?,
        };
        let (stored, former) = stored.map(KeyFile::part_retired).unzip();
        let former = former.flatten();
        let stored_id = stored.as_ref().map(KeyId::of);
        let known = memory.as_ref().map(|memory| memory.key_id);
        let mut candidates = candidates(keys, known);
        // Of the same key wrapped and in the key store, the latter counts: it knows what it was before.
        candidates.retain(|candidate| {
            candidate.offer.origin == KeyOrigin::ByHand || Some(candidate.offer.id) != stored_id
        });
        let stored = stored.map(|stored| {
            candidates.push(Candidate::of(stored, KeyOrigin::Stored));
            candidates.len() - 1
        });
        let files = scan(repository, files, &candidates, former.as_ref())?;
        let mut openers: Vec<FileOpener> = files.iter().map(|(_, opener)| *opener).collect();
        if files.is_empty() {
            for blob in left_out_files(repository, &name)? {
                let content = repository.objects().blob(blob)?;
                openers.push(opener_of(content.content(), &candidates, former.as_ref()));
            }
        }
        let count = |opener| openers.iter().filter(|other| **other == opener).count();
        let opened_by_former = count(FileOpener::Former);
        for (place, candidate) in candidates.iter_mut().enumerate() {
            candidate.offer.opens = count(FileOpener::Candidate(place));
        }
        let of_stored = candidates
            .iter()
            .filter(|candidate| Some(candidate.offer.id) == stored_id);
        let stored_opens = of_stored
            .map(|candidate| candidate.offer.opens)
            .sum::<usize>();
        let stored_opens = stored_opens + opened_by_former;
        if stored.is_some() {
            let unproven = candidates.iter_mut().filter(|candidate| {
                candidate.offer.opens == 0 && candidate.offer.origin != KeyOrigin::Stored
            });
            for candidate in unproven {
                candidate.proof = proof(repository, &candidate.key)?;
                candidate.offer.opens_elsewhere = candidate.proof.is_some();
            }
        }
        let driver = repository.configuration().driver(&name)?;
        let is_broken = driver.trouble(program.search_path()).is_some();
        let filter_worked = !is_broken && (!driver.filters() || stored_opens > 0);
        let needs_proof = candidates.iter().any(|candidate| {
            Some(candidate.offer.id) != known || (candidate.offer.opens == 0 && !openers.is_empty())
        });
        let successions = if needs_proof {
            successions(repository, &name)?
        } else {
            Vec::new()
        };
        let former_ids = memory.iter().flat_map(|memory| memory.former.clone());
        let mut former_ids: BTreeSet<KeyId> = former_ids.collect();
        if let Some(former) = &former {
            former_ids.extend(former.newest_first().map(KeyId::of_version));
        }
        let offers = candidates.iter();
        let facts = Facts {
            known,
            former: former_ids,
            files: openers.len(),
            opened_by_former,
            offers: offers.map(|candidate| candidate.offer.clone()).collect(),
            successions: successions
                .iter()
                .map(|committed| committed.statement.clone())
                .collect(),
            pinned: wishes.pinned.clone(),
            new_key: wishes.new_key,
            rotation: wishes.rotation,
            name,
        };
        Ok(Self {
            facts,
            candidates,
            stored,
            former,
            memory,
            files,
            filter_worked,
            stored_opens,
            successions,
        })
    }

    /// The id of the key in the key store.
    pub(super) fn stored_id(&self) -> Option<KeyId> {
        self.stored.map(|place| self.candidates[place].offer.id)
    }

    /// Who brought the successions from one id of `follows` to the next.
    pub(super) fn origins(
        &self,
        repository: &Repository,
        follows: &[KeyId],
    ) -> Result<Vec<CommitOrigin>, RepositoryError> {
        let steps = follows.windows(2).filter_map(|pair| {
            let step = self.successions.iter().find(|committed| {
                committed.statement.from == pair[0] && committed.statement.to == pair[1]
            });
            step.and_then(|committed| committed.commit)
        });
        steps
            .map(|commit| repository.commits().origin(commit))
            .collect()
    }
}

impl Candidate {
    fn of(key: KeyFile, origin: KeyOrigin) -> Self {
        let offer = Offer {
            id: KeyId::of(&key),
            origin,
            opens: 0,
            opens_elsewhere: false,
        };
        Self {
            key,
            offer,
            proof: None,
        }
    }
}

/// Each key once. Of a wrapped key in several versions, all of which anybody may have added, the version that is known.
fn candidates(keys: Vec<(KeyFile, KeyOrigin)>, known: Option<KeyId>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for (key, origin) in keys {
        let mut candidate = Candidate::of(key, origin);
        if known.is_some_and(|known| known != candidate.offer.id) && origin != KeyOrigin::ByHand {
            let (name, whole) = (candidate.key.name().clone(), candidate.offer.id);
            let versions = candidate.key.into_versions();
            let position = versions
                .iter()
                .position(|version| Some(KeyId::of_version(version)) == known);
            let mut versions = versions.into_iter();
            let key = match position {
                Some(position) => versions.nth(position).map(|key| KeyFile::of_one(name, key)),
                None => KeyFile::new(name, versions.collect()).ok(),
            };
            let Some(key) = key else { continue };
            candidate = Candidate::of(key, origin);
            debug_assert!(position.is_some() || candidate.offer.id == whole);
        }
        let id = candidate.offer.id;
        if candidates.iter().all(|other| other.offer.id != id) {
            candidates.push(candidate);
        }
    }
    candidates
}

fn scan(
    repository: &Repository,
    files: Vec<IndexEntry>,
    candidates: &[Candidate],
    former: Option<&KeyFile>,
) -> Result<Vec<(IndexEntry, FileOpener)>, RepositoryError> {
    let mut scanned = Vec::with_capacity(files.len());
    for entry in files {
        go_on()?;
        let opener = opener_of(
            repository.objects().blob(entry.blob)?.content(),
            candidates,
            former,
        );
        scanned.push((entry, opener));
    }
    Ok(scanned)
}

fn opener_of(blob: &[u8], candidates: &[Candidate], former: Option<&KeyFile>) -> FileOpener {
    // First, since a former key can be wrapped here still.
    if former.is_some_and(|former| opens(former, blob)) {
        return FileOpener::Former;
    }
    let opening = candidates
        .iter()
        .position(|candidate| opens(&candidate.key, blob));
    opening.map_or(FileOpener::Nobody, FileOpener::Candidate)
}

fn successions(
    repository: &Repository,
    name: &KeyName,
) -> Result<Vec<Committed<SuccessionStatement>>, RepositoryError> {
    let incoming = repository.commits().incoming()?.into_iter();
    let mut tips: Vec<CommitId> = incoming.map(|incoming| incoming.commit).collect();
    tips.extend(repository.objects().head_commit()?);
    let folders = StatementFolders::of(repository, name)?;
    Ok(folders
        .read_successions(repository, Reading::Ever(&tips))?
        .good)
}
