//! The files that a rotation commits besides the encrypted ones: the new key for its holders, and the signed statements.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::error::RotationError;
use super::facts::RotationScene;
use crate::format::{KeyFile, KeyId};
use crate::keyring::membership::holder_text;
use crate::keyring::people::{Collaborators, Gpg, Holder, Recipient, Wrapper};
use crate::keyring::trust::{
    HolderText, Since, StatementFolders, SuccessionStatement, seal_former,
};
use crate::repository::{PathBytes, Repository};

/// The new key for all its holders.
pub(super) struct SharedKey {
    /// The files to be written: path and content.
    pub(super) files: Vec<(PathBytes, Vec<u8>)>,
    /// The holders, for messages.
    pub(super) collaborators: Vec<String>,
    /// The holders, for this clone's memory.
    pub(super) holders: Vec<HolderText>,
    /// Names that were beside wrapped keys, but were not given by a holder of the key.
    pub(super) names_left_out: BTreeMap<Holder, String>,
}

impl SharedKey {
    /// Wraps `new` for all in the scene, attests them with it, and signs that it follows `old`. With `with_history`,
    /// `old` is sealed with `new`.
    ///
    /// A name is signed only if a holder has given it, or if the user has seen it (`names_seen` has the holder's id).
    pub(super) fn prepare(
        repository: &Repository,
        scene: &RotationScene,
        (old, new): (&KeyFile, &KeyFile),
        gpg: &Gpg,
        with_history: bool,
        names_seen: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<Self, RotationError> {
        let name = new.name();
        let directory = Collaborators::of(repository)?;
        let folders = StatementFolders::of(repository, name)?;
        let version = new.newest().version();
        let bytes = new.to_bytes();
        // Everybody here was trusted with the old key, or has been confirmed by the user.
        let wrapper = Wrapper { gpg, trusted: true };
        let mut shared = Self {
            files: Vec::new(),
            collaborators: Vec::new(),
            holders: Vec::new(),
            names_left_out: BTreeMap::new(),
        };
        for collaborator in &scene.everybody {
            let holder = &collaborator.holder;
            let (Some(recipient), Some(text)) =
                (&collaborator.recipient, holder_text(collaborator))
            else {
                let holder = holder.clone();
                return Err(RotationError::UnknownRecipient { holder });
            };
            // Anybody who can push may have written the name beside a wrapped key.
            let may_be_signed = collaborator.is_name_given || names_seen.contains(holder.id());
            let recipient = match recipient {
                Recipient::Age(age) if !may_be_signed => {
                    let name = age.name().map(ToOwned::to_owned);
                    let left_out = name.map(|name| (holder.clone(), name));
                    shared.names_left_out.extend(left_out);
                    &Recipient::Age(age.clone().named(""))
                }
                _ => recipient,
            };
            let beside = directory.path_beside(name, version, holder);
            shared.files.extend(beside.zip(recipient.beside()));
            let path = directory.path_of(name, version, holder);
            shared.files.push((path, recipient.wrap(&bytes, wrapper)?));
            let name = recipient.name();
            let statement = scene.known.sign(new, false, text.clone(), name, now)?;
            let content = statement.to_text().into_bytes();
            shared
                .files
                .push((folders.path_of_holder(&statement), content));
            shared.collaborators.push(recipient.to_string());
            shared.holders.push(text);
        }
        let since =
            Since::after(None, now).expect("because only what comes after another can be too late");
        let succession = SuccessionStatement::sign(old, new, since);
        let content = succession.to_text().into_bytes();
        shared
            .files
            .push((folders.path_of_succession(&succession), content));
        if with_history {
            let path = folders.path_of_former(KeyId::of(old));
            shared.files.push((path, seal_former(new, old)));
        }
        Ok(shared)
    }
}
