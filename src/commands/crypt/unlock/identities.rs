//! The user's own age and SSH secret keys: in the given files, and in the usual places.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::keyring::{AgeIdentity, AgeRecipient, Holder, read_identities};
use crate::repository::Repository;
use crate::terminal::Terminal;

/// The default names of the SSH keys that can decrypt, as `ssh-keygen` chooses them.
const USUAL_SSH_KEYS: [&str; 2] = ["id_ed25519", "id_rsa"];

/// Reads the secret keys in these files.
pub(super) fn identities_in(files: &[PathBuf]) -> Result<Vec<AgeIdentity>, Failure> {
    let mut identities = Vec::new();
    for file in files {
        identities.extend(read_identities(file, Terminal::ask_passphrase)?);
    }
    Ok(identities)
}

/// Reads the file that the settings name, which must be readable, and those SSH keys that can be read.
pub(super) fn usual_identities(
    repository: &Repository,
    holders: &BTreeSet<&Holder>,
) -> Result<Vec<AgeIdentity>, Failure> {
    let top = repository.work_tree().top().unwrap_or(repository.git_dir());
    let named = repository.configuration().path("hs-secrets.identity")?;
    let named = named.map(|path| top.join(path));
    let mut identities = identities_in(named.as_slice())?;
    for path in ssh_keys(holders) {
        identities.extend(read_identities(&path, Terminal::ask_passphrase).unwrap_or_default());
    }
    Ok(identities)
}

/// The files in `~/.ssh` whose secret keys may belong to `holders`: those with the default names, and those next to a public
/// key of a holder.
fn ssh_keys(holders: &BTreeSet<&Holder>) -> Vec<PathBuf> {
    let Some(folder) = std::env::home_dir().map(|home| home.join(".ssh")) else {
        return Vec::new();
    };
    let usual = USUAL_SSH_KEYS.iter().map(|name| folder.join(name));
    let mut keys: Vec<PathBuf> = usual.collect();
    let listed = fs::read_dir(&folder).into_iter().flatten().flatten();
    let public = listed.map(|entry| entry.path());
    for public in public.filter(|path| path.extension().is_some_and(|ending| ending == "pub")) {
        let secret = public.with_extension("");
        let text = fs::read_to_string(&public).unwrap_or_default();
        let recipient = AgeRecipient::parse(&text).ok();
        let is_theirs =
            recipient.is_some_and(|recipient| holders.contains(&Holder::Age(recipient.id())));
        if is_theirs && !keys.contains(&secret) {
            keys.push(secret);
        }
    }
    keys
}
