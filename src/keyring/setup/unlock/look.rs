//! The facts before a repository is unlocked, read once.

use std::collections::{BTreeMap, BTreeSet};

use super::available_key::{AvailableKey, FileOpener, keys_to_try, opener_of, scan};
use super::error::UnlockError;
use super::facts::{Consent, Facts, KeyOrigin};
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::files::{encrypted_files_by_key, left_out_files};
use crate::keyring::rotation::succession::proof;
use crate::keyring::trust::{
    Committed, Memory, MemoryError, Reading, StatementFolders, SuccessionStatement,
};
use crate::repository::{
    CommitId, CommitOrigin, FilterProgram, IndexEntry, Repository, RepositoryError,
};

/// The keys that a user can unlock with.
#[derive(Debug, Default)]
pub(crate) struct Offered {
    /// Keys given by hand. If there are any, all other keys are ignored.
    pub by_hand: Vec<KeyFile>,
    /// Keys wrapped for the user in the repository.
    pub wrapped: Vec<KeyFile>,
    /// Keys wrapped for the user in a commit that is about to be pulled.
    pub incoming: Vec<KeyFile>,
    /// True if keys of other names in the key store are considered, too.
    pub with_stored: bool,
}

/// The user's wishes about which key is used.
#[derive(Debug, Clone)]
pub(crate) struct UnlockOptions {
    /// The only ids allowed; empty if all are allowed.
    pub pinned: Vec<KeyId>,
    /// True to accept a wrapped key without proof.
    pub new_key: bool,
    /// The user's answer to a rotation.
    pub rotation: Consent,
}

/// All that is known about the keys of one name.
pub(super) struct UnlockScene {
    pub facts: Facts,
    /// The keys of `facts.offers`, in the same order; the key in the key store comes last.
    pub to_try: Vec<AvailableKey>,
    /// The index of the key in the key store.
    pub stored: Option<usize>,
    /// The retired keys.
    pub former: Option<KeyFile>,
    pub memory: Option<Memory>,
    /// Why the stored memory can't be used.
    pub unusable: Option<MemoryError>,
    /// The files in the index that are encrypted with a key of this name.
    pub files: Vec<(IndexEntry, FileOpener)>,
    /// False if the filter can't have worked. Git has then removed the files that it could not decrypt.
    pub filter_worked: bool,
    /// How many files are opened by the keys in the key store, including retired ones.
    pub stored_opens: usize,
    successions: Vec<Committed<SuccessionStatement>>,
}

/// Examines every key name for which `offered` has a key.
pub(super) fn look(
    repository: &Repository,
    offered: Offered,
    options: &UnlockOptions,
    program: &FilterProgram,
) -> Result<Vec<UnlockScene>, UnlockError> {
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
    let mut files = encrypted_files_by_key(repository)?;
    let mut looks = Vec::new();
    for (name, keys) in keys {
        let files = files.remove(&name).unwrap_or_default();
        looks.push(UnlockScene::at(
            repository, name, keys, files, options, program,
        )?);
    }
    Ok(looks)
}

impl UnlockScene {
    fn at(
        repository: &Repository,
        name: KeyName,
        keys: Vec<(KeyFile, KeyOrigin)>,
        files: Vec<IndexEntry>,
        options: &UnlockOptions,
        program: &FilterProgram,
    ) -> Result<Self, UnlockError> {
        let stored = repository.keys().load_to_replace(&name)?;
        let memory = match &stored {
            Some(stored) => Memory::of_stored(repository, stored).map(Some),
            None => Memory::load(repository, &name),
        };
        // A user who gives the key by hand, or its id, says which key is right. The memory is not needed then.
        let is_by_hand = |(_, origin): &(KeyFile, KeyOrigin)| *origin == KeyOrigin::ByHand;
        let (memory, unusable) = match memory {
            Err(error) if keys.iter().any(is_by_hand) || !options.pinned.is_empty() => {
                (None, Some(error))
            }
            memory => (memory?, None),
        };
        let (stored, former) = stored.map(KeyFile::split_retired).unzip();
        let former = former.flatten();
        let stored_id = stored.as_ref().map(KeyId::of);
        let known = memory.as_ref().map(|memory| memory.key_id);
        let mut to_try = keys_to_try(keys, known);
        // If a key is wrapped and also in the key store, the stored one is taken, since its retired keys are known.
        to_try
            .retain(|key| key.offer.origin == KeyOrigin::ByHand || Some(key.offer.id) != stored_id);
        let stored = stored.map(|stored| {
            to_try.push(AvailableKey::of(stored, KeyOrigin::Stored));
            to_try.len() - 1
        });
        let files = scan(repository, files, &to_try, former.as_ref())?;
        let mut openers: Vec<FileOpener> = files.iter().map(|(_, opener)| *opener).collect();
        if files.is_empty() {
            for blob in left_out_files(repository, &name)? {
                let content = repository.objects().blob(blob)?;
                openers.push(opener_of(content.content(), &to_try, former.as_ref()));
            }
        }
        let count = |opener| openers.iter().filter(|other| **other == opener).count();
        let opened_by_former = count(FileOpener::Former);
        for (place, key) in to_try.iter_mut().enumerate() {
            key.offer.opens = count(FileOpener::AvailableKey(place));
        }
        let of_stored = to_try.iter().filter(|key| Some(key.offer.id) == stored_id);
        let stored_opens = of_stored.map(|key| key.offer.opens).sum::<usize>();
        let stored_opens = stored_opens + opened_by_former;
        if stored.is_some() {
            let unproven = to_try
                .iter_mut()
                .filter(|key| key.offer.opens == 0 && key.offer.origin != KeyOrigin::Stored);
            for key in unproven {
                key.proof = proof(repository, &key.key)?;
                key.offer.opens_elsewhere = key.proof.is_some();
            }
        }
        let driver = repository.configuration().driver(&name)?;
        let is_broken = driver.trouble(program.search_path()).is_some();
        let filter_worked = !is_broken && (!driver.filters() || stored_opens > 0);
        let needs_proof = to_try.iter().any(|key| {
            Some(key.offer.id) != known || (key.offer.opens == 0 && !openers.is_empty())
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
        let offers = to_try.iter();
        let facts = Facts {
            known,
            former: former_ids,
            files: openers.len(),
            opened_by_former,
            offers: offers.map(|key| key.offer.clone()).collect(),
            successions: successions
                .iter()
                .map(|committed| committed.statement.clone())
                .collect(),
            pinned: options.pinned.clone(),
            new_key: options.new_key,
            rotation: options.rotation,
            name,
        };
        Ok(Self {
            facts,
            to_try,
            stored,
            former,
            memory,
            unusable,
            files,
            filter_worked,
            stored_opens,
            successions,
        })
    }

    pub(super) fn stored_id(&self) -> Option<KeyId> {
        self.stored.map(|place| self.to_try[place].offer.id)
    }

    /// The commits that added the succession statements along `follows`.
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
