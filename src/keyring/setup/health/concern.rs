//! Concerns: things about a repository that endanger its secrets, or stand in its user's way.

use std::fmt;

use crate::format::KeyName;
use crate::keyring::few::few;
use crate::keyring::setup::lock::UnknownKey;
use crate::repository::{FilterTrouble, PathBytes};

/// Something about a repository that its user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Concern {
    /// Neither key nor filter is here: files that are added are stored in plaintext.
    Locked {
        key: KeyName,
        /// How many files it is for.
        files: usize,
    },
    /// Files that are ciphertext in the work tree although their key is here: git was killed, or could not decrypt them.
    StaysEncrypted {
        /// The files; not empty.
        paths: Vec<PathBytes>,
    },
    /// A filter is here without its key, and fails.
    KeyAbsent { key: KeyName },
    /// A key is here without its filter: files that are added are stored in plaintext.
    FilterAbsent { key: KeyName },
    /// A key that opens none of its files: the filter fails on them.
    WrongKey {
        key: KeyName,
        /// One of the files.
        path: PathBytes,
    },
    /// A key that opens none of its files, since another one took its place: the filter fails on them.
    KeyRotatedOut { key: KeyName },
    /// A key that can't be read: the filter fails.
    KeyUnreadable { key: KeyName, reason: String },
    /// The clone's memory of a key can't be used: it can't tell whether the key is still the right one.
    MemoryUnusable { key: KeyName, reason: String },
    /// A key that another program has put in the place of the one that this clone knows.
    KeyUnknown {
        /// Both.
        unknown: UnknownKey,
    },
    /// Files under a key that was rotated out.
    Outdated {
        /// The files; not empty.
        paths: Vec<PathBytes>,
    },
    /// People who have a key without being attested by it.
    NotAttested {
        key: KeyName,
        /// Their names; not empty.
        holders: Vec<String>,
    },
    /// People whom a key attests, and for whom it is wrapped no more: whoever can push can take that away.
    NotWrapped {
        key: KeyName,
        /// Their names; not empty.
        holders: Vec<String>,
    },
    /// The list of holders of a key is gone, which this clone has seen: whoever can push can take it away.
    HoldersGone { key: KeyName },
    /// A filter that Git can't run: it fails.
    FilterBroken {
        key: KeyName,
        /// The defect.
        trouble: FilterTrouble,
    },
    /// A filter that Git goes on without where it fails: then it stores plaintext.
    FilterOptional { key: KeyName },
    /// `git diff` stores the plaintext it shows.
    PlaintextKept { key: KeyName },
    /// A file that Git must read is to be encrypted.
    AttributesEncrypted { path: PathBytes },
    /// A file that gives a key to somebody is to be encrypted: nobody could open it.
    WrappedKeyEncrypted { path: PathBytes },
    /// Files whose ciphertext Git may change, so that nobody can decrypt it.
    LineEndsConverted {
        /// One of them.
        path: PathBytes,
        /// How many there are.
        files: usize,
    },
    /// Files whose ciphertext Git takes for text in some encoding: it refuses to add them, or stores what nobody can decrypt.
    EncodingConverted {
        /// One of them.
        path: PathBytes,
        /// How many there are.
        files: usize,
    },
    /// Files whose conflicts Git can't show.
    NotMerged {
        key: KeyName,
        /// How many files.
        files: usize,
    },
    /// Empty files that Git stores encrypted, and therefore takes for changed wherever they are to be replaced.
    EmptyEncrypted {
        /// The files; not empty.
        paths: Vec<PathBytes>,
        /// True if the attribute `plain-when-empty` has them stored empty once they are added anew.
        marked: bool,
    },
    /// Conflicts and their resolutions are recorded in plaintext.
    ResolutionsRecorded,
}

impl Concern {
    /// True if secrets may end up in plaintext or be lost; otherwise it is an inconvenience.
    pub(crate) fn is_danger(&self) -> bool {
        !matches!(
            self,
            Self::NotMerged { .. }
                | Self::KeyAbsent { .. }
                | Self::StaysEncrypted { .. }
                | Self::NotWrapped { .. }
                | Self::EmptyEncrypted { .. }
                | Self::WrongKey { .. }
                | Self::KeyRotatedOut { .. }
                | Self::KeyUnreadable { .. }
                | Self::FilterBroken { .. }
        )
    }

    /// One word for programs that read it.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "locked",
            Self::KeyAbsent { .. } => "key-absent",
            Self::StaysEncrypted { .. } => "stays-encrypted",
            Self::FilterAbsent { .. } => "filter-absent",
            Self::WrongKey { .. } => "wrong-key",
            Self::KeyRotatedOut { .. } => "key-rotated-out",
            Self::KeyUnreadable { .. } => "key-unreadable",
            Self::MemoryUnusable { .. } => "memory-unusable",
            Self::KeyUnknown { .. } => "key-unknown",
            Self::Outdated { .. } => "outdated",
            Self::NotAttested { .. } => "not-attested",
            Self::NotWrapped { .. } => "not-wrapped",
            Self::HoldersGone { .. } => "holders-gone",
            Self::EmptyEncrypted { .. } => "empty-encrypted",
            Self::FilterBroken { .. } => "filter-broken",
            Self::FilterOptional { .. } => "filter-optional",
            Self::PlaintextKept { .. } => "plaintext-kept",
            Self::AttributesEncrypted { .. } => "attributes-encrypted",
            Self::WrappedKeyEncrypted { .. } => "wrapped-key-encrypted",
            Self::LineEndsConverted { .. } => "line-ends-converted",
            Self::EncodingConverted { .. } => "encoding-converted",
            Self::NotMerged { .. } => "not-merged",
            Self::ResolutionsRecorded => "resolutions-recorded",
        }
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { key, files } => write!(
                formatter,
                "key `{key}` is not here, nor its filter: before `unlock`, `git add` stores its files (now {files}) in plaintext"
            ),
            Self::StaysEncrypted { paths } => write!(
                formatter,
                "{} ciphertext in the work tree though the key is here: `refresh` decrypts what it opens",
                are(paths)
            ),
            Self::KeyAbsent { key } => write!(
                formatter,
                "key `{key}` is not here, but its filter is: Git can neither add nor check out its files before `unlock`"
            ),
            Self::FilterAbsent { key } => write!(
                formatter,
                "key `{key}` is here, but not its filter: `git add` stores plaintext before `unlock`"
            ),
            Self::WrongKey { key, path } => write!(
                formatter,
                "key `{key}` is here, but does not open {path}: Git can't check it out before `unlock` with the right one"
            ),
            Self::KeyRotatedOut { key } => write!(
                formatter,
                "key `{key}` here was rotated out, and opens no file any more: `unlock` with the one of today; where that is not wrapped for you, a colleague who has it adds you again: `add-age-user` or `add-gpg-user`"
            ),
            Self::KeyUnreadable { key, reason } => write!(
                formatter,
                "key `{key}` is here and can't be used: {reason}; Git can neither add nor check out its files"
            ),
            Self::MemoryUnusable { key, reason } => write!(
                formatter,
                "key `{key}` is here, and nothing tells whether it is the right one: {reason}; `unlock KEYFILE`, or `unlock --key-id ID` with its id from its holders, writes it anew"
            ),
            Self::KeyUnknown { unknown } => write!(
                formatter,
                "key `{}` here is {}, and this clone knows {}: another program has changed it; `unlock` says whether it follows, `unlock KEYFILE` takes it",
                unknown.name, unknown.stored, unknown.known
            ),
            Self::FilterBroken { key, trouble } => write!(
                formatter,
                "the filter of key `{key}` is {trouble}: Git can neither add nor check out its files before `unlock`"
            ),
            Self::FilterOptional { key } => write!(
                formatter,
                "filter.{}.required is not true: where the filter fails, `git add` stores plaintext; `unlock` sets it",
                key.driver()
            ),
            Self::PlaintextKept { key } => write!(
                formatter,
                "diff.{0}.cachetextconv is set: `git diff` stores plaintext in the repository, in refs/notes/textconv/{0}",
                key.driver()
            ),
            Self::AttributesEncrypted { path } => write!(
                formatter,
                "{path} is to be encrypted itself, and Git can't read it then: add `.gitattributes !filter !diff`"
            ),
            Self::WrappedKeyEncrypted { path } => write!(
                formatter,
                "{path} gives a key to somebody, and is to be encrypted itself: nobody can open it then. `git check-attr filter -- {path}`, and take that out of the .gitattributes that says so"
            ),
            Self::LineEndsConverted { path, files } => write!(
                formatter,
                "{path} (files: {files}) has `text` or `eol` set: Git changes line ends in the ciphertext, which nobody can decrypt then: add `-text`"
            ),
            Self::EncodingConverted { path, files } => write!(
                formatter,
                "{path} (files: {files}) has `working-tree-encoding` set: Git converts the ciphertext as if it were text, so that it refuses to add it, or stores what nobody can decrypt: add `-working-tree-encoding`"
            ),
            Self::NotMerged { key, files } => write!(
                formatter,
                "attribute merge={} not set (files: {files}): what both sides have changed is a conflict without plaintext",
                key.driver()
            ),
            Self::Outdated { paths } => write!(
                formatter,
                "{} still encrypted with a key that was rotated out, open to those who had it and closed to those who have the new one alone: `status -f` stages them anew",
                are(paths)
            ),
            Self::EmptyEncrypted { paths, marked } => {
                write!(formatter, "{} empty and stored encrypted", are(paths))?;
                formatter.write_str(if *marked {
                    ", although `plain-when-empty` is set: `git rm --cached` and `git add` them"
                } else {
                    ": Git refuses to rebase, merge or cherry-pick over that, as if there were changes; where nobody uses git-crypt, which calls such files NOT ENCRYPTED, add `* plain-when-empty` to .gitattributes, then `git rm --cached` and `git add` them"
                })
            }
            Self::NotAttested { key, holders } => write!(
                formatter,
                "key `{key}` is wrapped for {} without a holder's word: `rotate-key` asks about them, `add-age-user` and `add-gpg-user` attest, `rm-age-user` and `rm-gpg-user` remove",
                few(holders)
            ),
            Self::NotWrapped { key, holders } => {
                write!(formatter, "{}", not_wrapped(key, holders))
            }
            Self::HoldersGone { key } => write!(formatter, "{}", holders_gone(key)),
            Self::ResolutionsRecorded => write!(
                formatter,
                "rerere.enabled is set: Git keeps conflicts and their resolutions in plaintext, in .git/rr-cache"
            ),
        }
    }
}

/// How holders get back what is wrapped for them, or cease to be holders.
pub(crate) const NOT_WRAPPED: &str = "`git log -- .git-crypt/keys` shows the commit that took it away; `add-age-user` or `add-gpg-user` gives it to them again, `rm-age-user` or `rm-gpg-user` says that they are to have it no longer (with `-k NAME` for a key that has a name)";

/// Says for whom a key is wrapped no more, and what to do about it.
pub(crate) fn not_wrapped(key: &KeyName, holders: &[String]) -> String {
    format!(
        "key `{key}` is to be theirs, and is wrapped for them no more: {}; {NOT_WRAPPED}",
        few(holders)
    )
}

/// Says that the list of holders of a key is gone, and how it comes back.
pub(crate) fn holders_gone(key: &KeyName) -> String {
    format!(
        "this clone has seen a list of the holders of key `{key}`, and it is gone: `git log -- .git-crypt/hs-secrets` shows the commit that took it away, `git checkout COMMIT~ -- .git-crypt` brings it back"
    )
}

/// Names the first few files, as the subject of a sentence.
fn are(paths: &[PathBytes]) -> String {
    let verb = if paths.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", few(paths))
}
