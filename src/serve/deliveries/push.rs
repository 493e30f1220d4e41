//! A push, in one form for all forges.

use serde::de::Error as _;

/// A push to a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Push {
    /// The name of the repository at the forge: `owner/name`, or with more parts before the name.
    pub repository: String,
    /// The name of the branch, without `refs/heads/`.
    pub branch: String,
    /// The commit that the branch is at; `None` if the branch was deleted.
    pub commit: Option<String>,
}

/// The branch of a full reference name like `refs/heads/main`; `None` for a tag and everything else.
pub(super) fn branch_of(reference: &str) -> Option<&str> {
    reference
        .strip_prefix("refs/heads/")
        .filter(|branch| !branch.is_empty())
}

/// The commit id in a body; `None` for the zeros that stand for a deleted branch.
pub(super) fn commit_of(id: &str) -> Result<Option<String>, serde_json::Error> {
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_id {
        return Err(serde_json::Error::custom("the id of a commit is malformed"));
    }
    let is_nothing = id.bytes().all(|digit| digit == b'0');
    Ok((!is_nothing).then(|| id.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_stand_for_no_commit_in_both_formats() {
        let id = "1481a2de7b2a7d02428ad93446ab166be7793fbb";
        let commit = |id: &str| commit_of(id).map_err(|error| error.to_string());
        assert_eq!(commit(id), Ok(Some(id.to_owned())));
        assert_eq!(commit(&id.to_uppercase()), Ok(Some(id.to_owned())));
        for nothing in [&"0".repeat(40), &"0".repeat(64)] {
            assert_eq!(commit(nothing), Ok(None), "{nothing}");
        }
        for junk in ["", "0", "--upload-pack=x", &id[..39]] {
            assert!(commit(junk).is_err(), "{junk}");
        }
        assert_eq!(branch_of("refs/heads/feature/x"), Some("feature/x"));
        for other in ["refs/tags/v1", "refs/heads/", "main"] {
            assert_eq!(branch_of(other), None, "{other}");
        }
    }
}
