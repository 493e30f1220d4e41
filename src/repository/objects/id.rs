//! The names of objects, as libgit2 and the `git` program give them.

use std::fmt;

/// The name of an object: a hash of its kind and content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObjectId(git2::Oid);

impl ObjectId {
    /// The name that Git would give a blob of this content.
    pub(super) fn of_blob(content: &[u8]) -> Self {
        Self(
            git2::Oid::hash_object(git2::ObjectType::Blob, content)
                .expect("because hashing bytes in memory can't fail"),
        )
    }

    /// The name with these digits; `None` if they are not all of one.
    pub(in crate::repository) fn parse(digits: &str) -> Option<Self> {
        const DIGITS: usize = 40;
        if digits.len() != DIGITS {
            return None;
        }
        git2::Oid::from_str(digits).ok().map(Self)
    }
}

impl From<git2::Oid> for ObjectId {
    fn from(id: git2::Oid) -> Self {
        Self(id)
    }
}

impl From<ObjectId> for git2::Oid {
    fn from(id: ObjectId) -> Self {
        id.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_digits_make_a_name_and_fewer_do_not() {
        let name = ObjectId::of_blob(b"hello\n");
        assert_eq!(name.to_string(), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(ObjectId::parse(&name.to_string()), Some(name));
        for digits in [
            "",
            "ce01",
            "ce013625030ba8dba906f756967f9e9ca394464",
            "no name",
        ] {
            assert_eq!(ObjectId::parse(digits), None, "{digits}");
        }
    }
}
