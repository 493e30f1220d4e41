//! The encryption of a path, as its attributes `filter`, `diff` and `merge` say it.

use crate::format::KeyName;

/// The encryption of a path, as its attributes say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encryption {
    /// The key that its `filter` attribute chooses.
    pub key: KeyName,
    /// True if its `diff` attribute fits: `git diff` shows plaintext.
    pub diff_set: bool,
    /// True if its `merge` attribute fits: plaintext is merged.
    pub merge_set: bool,
    /// True if an empty file is stored empty. Git takes an empty file for changed whenever its blob is not empty; but
    /// git-crypt takes an empty blob for plaintext. Only those who do without git-crypt can choose this.
    pub plain_when_empty: bool,
    /// True if Git changes line ends even in what is not text, which ciphertext is: `text` or `eol` is set, and not `auto`.
    pub line_ends_converted: bool,
    /// True if Git takes what it stores for text in another encoding, and converts it: `working-tree-encoding` is set.
    pub encoding_converted: bool,
}
