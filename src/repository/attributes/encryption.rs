//! The encryption of a path, as its attributes specify it.

use crate::format::KeyName;

/// The encryption of a path, as its attributes specify it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encryption {
    /// The key that the attribute `filter` chooses.
    pub key: KeyName,
    /// True if the attribute `diff` names the same driver as `filter`: `git diff` shows plaintext.
    pub diff_set: bool,
    /// True if the attribute `merge` names the same driver as `filter`: Git merges plaintext.
    pub merge_set: bool,
    /// True if an empty file is stored as an empty blob. Git reports an empty file as changed if its blob is not empty.
    /// But git-crypt takes an empty blob for plaintext, so only projects without git-crypt can choose this.
    pub plain_when_empty: bool,
    /// True if Git converts line ends even in binary content, and would damage ciphertext: `text` or `eol` is set, and
    /// is not `auto`.
    pub line_ends_converted: bool,
    /// True if `working-tree-encoding` is set: Git takes stored content for text and converts its encoding.
    pub encoding_converted: bool,
}
