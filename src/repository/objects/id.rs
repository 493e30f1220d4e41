//! The ids of objects, for libgit2 and the `git` program.

use std::fmt;
use std::hash::{Hash, Hasher};

/// The id of an object: a hash of its kind and content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectId(git2::Oid);

/// git2 hashes all 32 bytes of an id. For an id of SHA-1, libgit2 leaves the last 12 as it found them in memory, and does not
/// compare them: equal ids then have different hashes.
impl Hash for ObjectId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_bytes().hash(state);
    }
}

impl ObjectId {
    /// The id of a blob with this content, in a repository of this hash format.
    pub(super) fn of_blob(content: &[u8], format: git2::ObjectFormat) -> Self {
        Self(
            git2::Oid::hash_object_ext(git2::ObjectType::Blob, content, format)
                .expect("because hashing bytes in memory can't fail"),
        )
    }

    /// The id that stands for no object: zeros.
    pub(super) fn of_nothing(format: git2::ObjectFormat) -> Self {
        Self(match format {
            git2::ObjectFormat::Sha1 => git2::Oid::ZERO_SHA1,
            git2::ObjectFormat::Sha256 => git2::Oid::ZERO_SHA256,
        })
    }

    /// The id with these hexadecimal digits. `None` if they are not 40 (SHA-1) or 64 (SHA-256) digits.
    pub(in crate::repository) fn parse(digits: &str) -> Option<Self> {
        let format = match digits.len() {
            40 => git2::ObjectFormat::Sha1,
            64 => git2::ObjectFormat::Sha256,
            _ => return None,
        };
        git2::Oid::from_str_ext(digits, format).ok().map(Self)
    }

    /// The hash format.
    pub(super) fn format(self) -> git2::ObjectFormat {
        self.0.object_format()
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
        for (format, digits) in [
            (
                git2::ObjectFormat::Sha1,
                "ce013625030ba8dba906f756967f9e9ca394464a",
            ),
            (
                git2::ObjectFormat::Sha256,
                "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4",
            ),
        ] {
            let name = ObjectId::of_blob(b"hello\n", format);
            assert_eq!(name.to_string(), digits);
            assert_eq!(ObjectId::parse(digits), Some(name));
            assert_eq!(name.format(), format);
        }
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
