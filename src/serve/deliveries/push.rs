//! A push, whichever forge it is from.

/// A push to a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Push {
    pub repository: PushedRepository,
    /// The name of the branch, without `refs/heads/`.
    pub branch: String,
    /// The commit that the branch is at; `None` if the branch was deleted.
    pub commit: Option<String>,
}

/// A repository, by the names that a forge gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushedRepository {
    /// `owner/name`, or with more parts before the name.
    pub full_name: String,
    /// The addresses to clone it from that the body has.
    pub addresses: Vec<String>,
}

/// The branch that a full name stands for; `None` for a tag and everything else.
pub(super) fn branch_of(reference: &str) -> Option<&str> {
    reference
        .strip_prefix("refs/heads/")
        .filter(|branch| !branch.is_empty())
}

/// The commit that a body names; `None` for the zeros that stand for a branch that is gone.
pub(super) fn commit_of(id: &str) -> Option<String> {
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    let is_nothing = id.bytes().all(|digit| digit == b'0');
    (is_id && !is_nothing).then(|| id.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_stand_for_no_commit_in_both_formats() {
        let id = "1481a2de7b2a7d02428ad93446ab166be7793fbb";
        assert_eq!(commit_of(id).as_deref(), Some(id));
        assert_eq!(commit_of(&id.to_uppercase()).as_deref(), Some(id));
        for nothing in [
            &"0".repeat(40),
            &"0".repeat(64),
            "",
            "--upload-pack=x",
            &id[..39],
        ] {
            assert_eq!(commit_of(nothing), None, "{nothing}");
        }
        assert_eq!(branch_of("refs/heads/feature/x"), Some("feature/x"));
        for other in ["refs/tags/v1", "refs/heads/", "main"] {
            assert_eq!(branch_of(other), None, "{other}");
        }
    }
}
