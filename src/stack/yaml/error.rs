//! Why a text is refused as a YAML document.

use thiserror::Error;

/// Maximum depth of nesting. Real stack files are far less deep.
pub(crate) const DEEPEST: usize = 100;

/// Maximum length in bytes of a key. YAML has the same limit for keys within one line.
pub(crate) const LONGEST_KEY: usize = 1024;

/// The text is not a YAML document, or not one that Docker accepts.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DocumentError {
    /// The text is not valid YAML.
    #[error("{line}:{column}: not valid YAML: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The parser's message.
        reason: String,
    },
    /// A mapping has the same key twice. Docker would silently use the second one.
    #[error("{line}: key `{key}` is already defined in line {first}")]
    DuplicateKey {
        /// Line of the second one.
        line: usize,
        key: String,
        /// Line of the first one.
        first: usize,
    },
    /// A sequence or mapping is a key.
    #[error("{line}: a key must be a string")]
    KeyNotScalar { line: usize },
    /// A key has more than [`LONGEST_KEY`] bytes.
    #[error("{line}: a key must not have more than {LONGEST_KEY} bytes")]
    KeyTooLong { line: usize },
    /// `<<` has a value that is neither a mapping nor a list of mappings.
    #[error("{line}: `<<` takes a mapping or a list of mappings")]
    BadMerge { line: usize },
    /// An alias is inside the node that it refers to.
    #[error("{line}: the alias stands for something that contains itself")]
    SelfReference { line: usize },
    /// The document has more than [`DEEPEST`] levels.
    #[error("{line}: nested deeper than {DEEPEST} levels")]
    TooDeep {
        /// The line of the first level that is too deep.
        line: usize,
    },
    /// Aliases of aliases repeat too much text or too many nodes.
    #[error("{line}: too much is repeated through aliases")]
    ExcessiveAliasing {
        /// The line of the node that was being read.
        line: usize,
    },
    /// There is a second document. Docker would silently ignore it; nothing of it is read here.
    #[error("{line}: a second document begins here, and a stack file has one")]
    SeveralDocuments { line: usize },
    /// The text has no document.
    #[error("1: the file is empty")]
    Empty,
}
