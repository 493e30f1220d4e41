//! The content that Git would store for a file that is not encrypted: its bytes, or what its attributes turn them into.

use std::io::Write;
use std::process::Stdio;

use super::top::WorkTree;
use crate::repository::error::RepositoryError;
use crate::repository::objects::blobs::BlobId;
use crate::repository::objects::id::ObjectId;
use crate::repository::path::PathBytes;

impl<'repository> WorkTree<'repository> {
    /// The id of the blob that `git add` would store for `content` at `path`.
    pub(crate) fn id_when_stored(
        self,
        path: &PathBytes,
        content: &[u8],
    ) -> Result<BlobId, RepositoryError> {
        let as_it_is = self.objects.id_of(content);
        if self.index.staged_blob(path)? == Some(as_it_is) || !self.may_convert(path, content)? {
            return Ok(as_it_is);
        }
        self.ask_git(path, content)
    }

    /// False if Git certainly stores the bytes as they are. The conversion of line ends only removes carriage returns.
    fn may_convert(self, path: &PathBytes, content: &[u8]) -> Result<bool, RepositoryError> {
        if content.contains(&b'\r') {
            return Ok(true);
        }
        self.attributes.is_converted(path)
    }

    fn ask_git(self, path: &PathBytes, content: &[u8]) -> Result<BlobId, RepositoryError> {
        const SUBCOMMAND: &str = "hash-object";
        let failed = |reason: String| RepositoryError::GitProgram {
            command: SUBCOMMAND.to_owned(),
            reason,
        };
        let mut child = self
            .program
            .command(SUBCOMMAND)
            .args(["--stdin", "--path"])
            .arg(path.to_path().as_os_str())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let mut stdin = child.stdin.take().expect("standard input was piped");
        // Git reads all input before it prints. If it ends early, it says why on stderr.
        let _ = stdin.write_all(content);
        drop(stdin);
        let output = child
            .wait_with_output()
            .map_err(|error| failed(error.to_string()))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        ObjectId::parse(printed.trim())
            .filter(|_| output.status.success())
            .map(BlobId)
            .ok_or_else(|| failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}
