//! Lists of holders that this clone has seen, and that the repository does not have any more.

use super::known_holders::MembershipError;
use crate::format::KeyName;
use crate::keyring::trust::{Memory, Reading, StatementFolders, successors};
use crate::repository::Repository;

/// The keys whose list this clone has seen, and for which nothing is signed any more by a key that it knows, nor by one that
/// is said to follow it. The keys need not be here. A memory that can't be used has its own place to be told.
pub(crate) fn gone_lists(repository: &Repository) -> Result<Vec<KeyName>, MembershipError> {
    let mut gone = Vec::new();
    for name in Memory::names(repository)? {
        let Ok(Some(memory)) = Memory::load(repository, &name) else {
            continue;
        };
        if memory.holders_seen && !has_list(repository, &name, &memory)? {
            gone.push(name);
        }
    }
    Ok(gone)
}

fn has_list(
    repository: &Repository,
    name: &KeyName,
    memory: &Memory,
) -> Result<bool, MembershipError> {
    let folders = StatementFolders::of(repository, name)?;
    let holders = folders
        .read_holders(repository, Reading::Index)?
        .statements();
    if holders
        .iter()
        .any(|statement| memory.knows(statement.key_id))
    {
        return Ok(true);
    }
    let successions = folders.read_successions(repository, Reading::Index)?;
    let next = successors(&successions.statements(), memory.key_id);
    Ok(!holders.is_empty() && !next.is_empty())
}
