//! Lists of holders that this clone has seen, and that are gone from the repository.

use super::known_holders::MembershipError;
use crate::format::KeyName;
use crate::keyring::trust::{Memory, Reading, StatementFolders, successors};
use crate::repository::Repository;

/// The keys whose list of holders this clone has seen, but for which the index has no statement of a known key any
/// more, nor one of a successor of it. The keys need not be in the key store. A memory that can't be read is skipped,
/// and reported elsewhere.
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
