//! Concerns: conditions that endanger the secrets of a repository, or hinder its user.

use std::fmt;

use crate::format::KeyName;
use crate::keyring::abridged_names::abridged_names;
use crate::keyring::setup::lock::UnknownKey;
use crate::repository::{FilterTrouble, PathBytes};

/// A condition that the user should know about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Concern {
    /// Neither the key nor its filter is here: added files are stored in plaintext.
    Locked {
        key: KeyName,
        /// How many files are to be encrypted with it.
        files: usize,
    },
    /// Files that are ciphertext in the work tree although their key is here. Git was killed, or could not decrypt them.
    StaysEncrypted {
        /// The files; not empty.
        paths: Vec<PathBytes>,
    },
    /// The filter is configured, but its key is missing, so it fails.
    KeyAbsent { key: KeyName },
    /// The key is here, but its filter is not configured: added files are stored in plaintext.
    FilterAbsent { key: KeyName },
    /// The key opens none of its files, so the filter fails on them.
    WrongKey {
        key: KeyName,
        /// One of the files.
        path: PathBytes,
    },
    /// The key opens none of its files, since a rotation has replaced it. The filter fails on them.
    KeyRotatedOut { key: KeyName },
    /// The key can't be read, so the filter fails.
    KeyUnreadable { key: KeyName, reason: String },
    /// This clone's memory of the key can't be used, so nothing tells whether the key is still the right one.
    MemoryUnusable { key: KeyName, reason: String },
    /// Another program has put a key in the place of the one that this clone remembers.
    KeyUnknown { unknown: UnknownKey },
    /// Files that are encrypted with a retired key.
    Outdated {
        /// The files; not empty.
        paths: Vec<PathBytes>,
    },
    /// People for whom a key is wrapped, but whom it does not attest.
    NotAttested {
        key: KeyName,
        /// Their names; not empty.
        holders: Vec<String>,
    },
    /// People whom a key attests, but for whom it is not wrapped any more. Anybody who can push can remove a wrapped key.
    NotWrapped {
        key: KeyName,
        /// Their names; not empty.
        holders: Vec<String>,
    },
    /// This clone has seen a list of holders of the key, and it is gone. Anybody who can push can remove it.
    HoldersGone { key: KeyName },
    /// Git can't run the configured filter.
    FilterBroken {
        key: KeyName,
        /// Why Git can't run it.
        trouble: FilterTrouble,
    },
    /// The filter is not required: if it fails, Git stores plaintext.
    FilterOptional { key: KeyName },
    /// `git diff` stores the plaintext that it shows.
    PlaintextKept { key: KeyName },
    /// A file that Git must read itself is to be encrypted.
    AttributesEncrypted { path: PathBytes },
    /// A wrapped key or statement is to be encrypted: nobody could open it.
    WrappedKeyEncrypted { path: PathBytes },
    /// Git may change line ends in the ciphertext of these files, so that nobody could decrypt it.
    LineEndsConverted {
        /// One of the files.
        path: PathBytes,
        /// How many files there are.
        files: usize,
    },
    /// Git converts the encoding of the ciphertext of these files. Then `git add` fails, or stores what nobody can decrypt.
    EncodingConverted {
        /// One of the files.
        path: PathBytes,
        /// How many files there are.
        files: usize,
    },
    /// Files without a merge driver: Git can't show their conflicts.
    NotMerged {
        key: KeyName,
        /// How many files there are.
        files: usize,
    },
    /// Empty files that are stored encrypted. Git always takes them for changed, and refuses to replace them.
    EmptyEncrypted {
        /// The files; not empty.
        paths: Vec<PathBytes>,
        /// True if the attribute `plain-when-empty` is set: they will be stored empty when they are added again.
        marked: bool,
    },
    /// Git records conflicts and their resolutions in plaintext (rerere).
    ResolutionsRecorded,
}

impl Concern {
    /// True if secrets may be stored in plaintext or lost. False if the concern is only an inconvenience.
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

    /// A stable code for programs that read the output.
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
                paths_with_verb(paths)
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
                paths_with_verb(paths)
            ),
            Self::EmptyEncrypted { paths, marked } => {
                write!(
                    formatter,
                    "{} empty and stored encrypted",
                    paths_with_verb(paths)
                )?;
                formatter.write_str(if *marked {
                    ", although `plain-when-empty` is set: `git rm --cached` and `git add` them"
                } else {
                    ": Git refuses to rebase, merge or cherry-pick over that, as if there were changes; where nobody uses git-crypt, which calls such files NOT ENCRYPTED, add `* plain-when-empty` to .gitattributes, then `git rm --cached` and `git add` them"
                })
            }
            Self::NotAttested { key, holders } => write!(
                formatter,
                "key `{key}` is wrapped for {} without a holder's word: `rotate-key` asks about them, `add-age-user` and `add-gpg-user` attest, `rm-age-user` and `rm-gpg-user` remove",
                abridged_names(holders)
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

/// Advice if a key is not wrapped for holders any more.
pub(crate) const NOT_WRAPPED: &str = "`git log -- .git-crypt/keys` shows the commit that took it away; `add-age-user` or `add-gpg-user` gives it to them again, `rm-age-user` or `rm-gpg-user` says that they are to have it no longer (with `-k NAME` for a key that has a name)";

/// The message that a key is not wrapped for holders any more, with advice.
pub(crate) fn not_wrapped(key: &KeyName, holders: &[String]) -> String {
    format!(
        "key `{key}` is to be theirs, and is wrapped for them no more: {}; {NOT_WRAPPED}",
        abridged_names(holders)
    )
}

/// The message that the list of holders of a key is gone, with advice.
pub(crate) fn holders_gone(key: &KeyName) -> String {
    format!(
        "this clone has seen a list of the holders of key `{key}`, and it is gone: `git log -- .git-crypt/hs-secrets` shows the commit that took it away, `git checkout COMMIT~ -- .git-crypt` brings it back"
    )
}

/// The first few files, with a verb: the subject of a sentence.
fn paths_with_verb(paths: &[PathBytes]) -> String {
    let verb = if paths.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", abridged_names(paths))
}
