//! Every version of the files below a folder in the whole history, with the commit that brought it.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use super::walks::Commits;
use crate::repository::error::{RepositoryError, is_missing_object};
use crate::repository::git::program::run_to_end;
use crate::repository::interruption::stop_if_interrupted;
use crate::repository::letters::quoted;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::revision::CommitId;
use crate::repository::path::PathBytes;

/// A content that a file had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileVersion {
    pub path: PathBytes,
    pub blob: BlobId,
    /// The oldest commit with this content.
    pub commit: CommitId,
}

/// The author of a commit, and how far the name can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitOrigin {
    pub commit: CommitId,
    /// The author that the commit names. Anybody can write any name.
    pub author: String,
    pub signature: CommitSignature,
}

/// The result of `git verify-commit` for the signature of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommitSignature {
    /// There is none.
    Absent,
    /// It is good; by this signer.
    Good(String),
    /// It was made with a key that Git does not know.
    UnknownKey,
    /// It exists, but Git can't vouch for it.
    Doubtful,
}

impl fmt::Display for CommitOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.commit.to_string();
        let short = id.get(..12).unwrap_or(&id);
        write!(formatter, "commit {short} by {}, ", quoted(&self.author))?;
        match &self.signature {
            CommitSignature::Absent => formatter.write_str("unsigned: anybody can write this name"),
            CommitSignature::Good(signer) => write!(formatter, "signed by {}", quoted(signer)),
            CommitSignature::UnknownKey => formatter.write_str(
                "with a signature that this Git can't check, since it does not know the key (`git config gpg.ssh.allowedSignersFile` names the file of SSH keys that it knows): anybody can write this name",
            ),
            CommitSignature::Doubtful => formatter
                .write_str("with a signature that git can't verify: anybody can write this name"),
        }
    }
}

impl<'repository> Commits<'repository> {
    /// The versions of the files below `directory` (relative to the top) in the histories of `tips`, oldest first.
    pub(crate) fn versions_below(
        self,
        tips: &[CommitId],
        directory: &Path,
    ) -> Result<Vec<FileVersion>, RepositoryError> {
        let reading =
            || RepositoryError::git(format!("reading the history of {}", directory.display()));
        let (mut versions, mut seen_trees, mut seen_files) =
            (Vec::new(), HashSet::new(), HashSet::new());
        let commits = self.walk(tips, &[]).map_err(reading())?;
        self.objects().fetch_trees(&commits)?;
        for commit in commits {
            stop_if_interrupted()?;
            let tree = self.objects().tree(commit)?;
            let folder = match tree.get_path(directory) {
                Ok(folder) => folder,
                // Skipping this commit could hide a removal, and a removed holder would get access again.
                Err(error) if is_missing_object(&error) => return Err(reading()(error)),
                Err(_) => continue,
            };
            if !seen_trees.insert(folder.id()) {
                continue;
            }
            for (path, blob) in self.objects().files_below(Some(commit), directory)? {
                if seen_files.insert((path.clone(), blob)) {
                    versions.push(FileVersion { path, blob, commit });
                }
            }
        }
        Ok(versions)
    }

    /// The author of `commit`, and what Git says about its signature.
    pub(crate) fn origin(self, commit: CommitId) -> Result<CommitOrigin, RepositoryError> {
        let mut command = self.program.command("log");
        command.args([
            "-1",
            "--no-show-signature",
            "--no-color",
            "--format=%an <%ae>%x00%G?%x00%GS",
        ]);
        command.arg(commit.to_string());
        let printed = run_to_end("log", &mut command)?;
        let printed = String::from_utf8_lossy(&printed).into_owned();
        let mut fields = printed.trim_end_matches('\n').split('\0');
        let mut next = || fields.next().unwrap_or_default().to_owned();
        let (author, state, signer) = (next(), next(), next());
        Ok(CommitOrigin {
            commit,
            author,
            signature: match state.as_str() {
                "G" => CommitSignature::Good(signer),
                // If no file of signers is configured, Git reports that an SSH signature does not exist.
                "N" | "" if !self.is_signed(commit)? => CommitSignature::Absent,
                "N" | "" | "E" => CommitSignature::UnknownKey,
                // An SSH key that belongs to no signer in that file.
                "U" if signer.is_empty() => CommitSignature::UnknownKey,
                _ => CommitSignature::Doubtful,
            },
        })
    }

    /// True if the commit has a signature, good or not.
    fn is_signed(self, commit: CommitId) -> Result<bool, RepositoryError> {
        let reading = RepositoryError::git(format!("reading the commit {commit}"));
        let found = self.git.find_commit(commit.0.into()).map_err(reading)?;
        let mut fields = found.raw_header_bytes().split(|&byte| byte == b'\n');
        // The field is `gpgsig` for all kinds of signatures; it is `gpgsig-sha256` in a repository of that format.
        Ok(fields.any(|field| field.starts_with(b"gpgsig")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::invented_history::InventedHistory;
    use super::*;

    #[test]
    fn each_version_below_a_folder_comes_once_with_its_oldest_commit() {
        let invented = InventedHistory::new();
        let first = invented.commit(&[], &[("keys/a", "1"), ("other", "1")]);
        let second = invented.commit(&[first], &[("keys/a", "2"), ("other", "2")]);
        let back = invented.commit(&[second], &[("keys/a", "1")]);
        let repository = invented.repository();
        let versions = repository
            .commits()
            .versions_below(&[back], Path::new("keys"));
        let version = |content, commit| FileVersion {
            path: PathBytes::new(b"keys/a"),
            blob: InventedHistory::blob(content),
            commit,
        };
        assert_eq!(
            versions.expect("all is here"),
            [version("1", first), version("2", second)]
        );
    }
}
