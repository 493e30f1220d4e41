//! A range of commits, as `git log` takes it.

use std::fmt;
use std::str::FromStr;

use git2::{Error, ErrorCode};
use thiserror::Error;

use super::walks::Commits;
use crate::repository::error::RepositoryError;
use crate::repository::objects::revision::CommitId;

/// `A..B`: the commits of B that A does not have. `A...B`: the commits that only one of them has. An omitted end is `HEAD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitRange {
    from: String,
    to: String,
    both_sides: bool,
}

/// The text is not a range.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a range is A..B; A.. for what came after A, A~1..A for the commit A alone")]
pub(crate) struct NotARange;

impl FromStr for CommitRange {
    type Err = NotARange;

    fn from_str(text: &str) -> Result<Self, NotARange> {
        let three_dots = text.split_once("...");
        let (from, to) = three_dots
            .or_else(|| text.split_once(".."))
            .ok_or(NotARange)?;
        let or_head = |name: &str| match name {
            "" => "HEAD".to_owned(),
            name => name.to_owned(),
        };
        Ok(Self {
            from: or_head(from),
            to: or_head(to),
            both_sides: three_dots.is_some(),
        })
    }
}

impl fmt::Display for CommitRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dots = if self.both_sides { "..." } else { ".." };
        write!(formatter, "{}{dots}{}", self.from, self.to)
    }
}

impl<'repository> Commits<'repository> {
    /// The commits of a range, oldest first.
    pub(crate) fn in_range(self, range: &CommitRange) -> Result<Vec<CommitId>, RepositoryError> {
        let commits = || -> Result<_, Error> {
            let commit = |name: &str| {
                let id = self.objects().named(name)?;
                let object = self.git.find_object(id.into(), None)?;
                object
                    .peel_to_commit()
                    .map(|commit| CommitId(commit.id().into()))
            };
            let (from, to) = (commit(&range.from)?, commit(&range.to)?);
            if !range.both_sides {
                return self.walk(&[to], &[from]);
            }
            let common = match self.git.merge_bases(from.0.into(), to.0.into()) {
                Ok(common) => common.iter().map(|id| CommitId((*id).into())).collect(),
                Err(error) if error.code() == ErrorCode::NotFound => Vec::new(),
                Err(error) => return Err(error),
            };
            self.walk(&[from, to], &common)
        };
        let doing = format!("reading the range `{range}`");
        commits().map_err(RepositoryError::git(doing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_either_of_which_may_be_left_out() {
        for (typed, meant) in [
            ("v1..main", "v1..main"),
            ("v1..", "v1..HEAD"),
            ("...main", "HEAD...main"),
        ] {
            let range: CommitRange = typed.parse().expect(typed);
            assert_eq!(range.to_string(), meant);
        }
        for typed in ["", "main", "v1.2", "main^!"] {
            assert_eq!(typed.parse::<CommitRange>(), Err(NotARange));
        }
    }
}
