//! The files that a rotation commits beside the encrypted ones: the new key for everybody who stays, and the statements about it.

use std::path::PathBuf;

use jiff::Timestamp;

use super::error::RotationError;
use super::facts::RotationScene;
use crate::format::{KeyFile, KeyId, KeyName};
use crate::keyring::membership::holder_text;
use crate::keyring::people::{Collaborators, Gpg, Recipient, Wrapper};
use crate::keyring::trust::{
    HolderText, Since, StatementFolders, SuccessionStatement, seal_former,
};
use crate::repository::{PathBytes, Repository, RepositoryError};

/// The new key for everybody who stays.
pub(super) struct SharedKey {
    /// The files to be written, with their contents.
    pub(super) files: Vec<(PathBytes, Vec<u8>)>,
    /// Who they are, for people.
    pub(super) collaborators: Vec<String>,
    /// Who they are, for this clone's memory.
    pub(super) holders: Vec<HolderText>,
}

impl SharedKey {
    /// Wraps `new` for all in the scene, attests them with it, and signs that it follows `old`, which is sealed with it if
    /// `with_history`.
    pub(super) fn prepare(
        repository: &Repository,
        scene: &RotationScene,
        (old, new): (&KeyFile, &KeyFile),
        gpg: &Gpg,
        with_history: bool,
        now: Timestamp,
    ) -> Result<Self, RotationError> {
        let name = new.name();
        let directory = Collaborators::of(repository)?;
        let folders = StatementFolders::of(repository, name)?;
        let version = new.newest().version();
        let bytes = new.to_bytes();
        // Whoever was trusted with the old key is trusted with this one.
        let wrapper = Wrapper { gpg, trusted: true };
        let mut shared = Self {
            files: Vec::new(),
            collaborators: Vec::new(),
            holders: Vec::new(),
        };
        for collaborator in &scene.everybody {
            let holder = &collaborator.holder;
            let (Some(recipient), Some(text)) =
                (&collaborator.recipient, holder_text(collaborator))
            else {
                let holder = holder.clone();
                return Err(RotationError::UnknownRecipient { holder });
            };
            let known = &scene.known;
            // Whoever can push can write a name beside a wrapped key: one that a holder has given goes before it.
            let attestation = known.attestation(&text);
            let recipient = match (attestation.and_then(|one| one.name.as_deref()), recipient) {
                (Some(name), Recipient::Age(age)) => &Recipient::Age(age.clone().named(name)),
                _ => recipient,
            };
            let beside = directory.path_beside(name, version, holder);
            shared.files.extend(beside.zip(recipient.beside()));
            let path = directory.path_of(name, version, holder);
            shared.files.push((path, recipient.wrap(&bytes, wrapper)?));
            let statement = known.sign(new, false, text.clone(), recipient.name(), now)?;
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

/// The folders of all that a rotation of `name` changes beside the encrypted files.
pub(super) fn folders(
    repository: &Repository,
    name: &KeyName,
) -> Result<[PathBuf; 4], RepositoryError> {
    let statements = StatementFolders::of(repository, name)?;
    Ok([
        Collaborators::of(repository)?.directory_of(name),
        statements.holders(),
        statements.successions(),
        statements.history(),
    ])
}
