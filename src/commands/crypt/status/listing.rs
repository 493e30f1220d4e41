//! The listing for programs: JSON, or records that end with a NUL byte.

use serde::Serialize;

use super::Remark;
use crate::keyring::{FileStatus, Health, Staged};
use crate::leaks::Report;

/// The JSON document. Paths are relative to the top of the work tree. In a path that is not UTF-8, invalid bytes are replaced.
#[derive(Serialize)]
pub(super) struct StatusDocument {
    /// True if there are files whose key is not in this clone.
    locked: bool,
    keys: Vec<Key>,
    concerns: Vec<ConcernLine>,
    /// Files and patterns that were encrypted and no longer are, by the rules of `check`.
    findings: Vec<LostEncryption>,
    /// Reasons why something could not be read; empty if everything was.
    unread: Vec<String>,
    files: Vec<File>,
}

#[derive(Serialize)]
struct Key {
    name: String,
    unlocked: bool,
    /// The command of Git's clean filter; null if none is configured.
    filter: Option<String>,
    files: usize,
}

#[derive(Serialize)]
struct ConcernLine {
    code: &'static str,
    danger: bool,
    message: String,
}

#[derive(Serialize)]
struct LostEncryption {
    rule: &'static str,
    /// The path of a file, or a pattern of `.gitattributes`.
    path: Option<String>,
    message: String,
}

#[derive(Serialize)]
struct File {
    path: String,
    /// `encrypted`, `exposed`, `untracked` or `plain`.
    state: &'static str,
    /// The key that its attributes assign; null if the file is not to be encrypted.
    key: Option<String>,
    /// True if its attribute `diff` is set as it should be.
    diff: bool,
    /// True if its attribute `merge` is set as it should be.
    merge: bool,
}

pub(super) fn document(
    files: &[&FileStatus],
    health: &Health,
    remarks: Vec<Remark>,
    coverage: &Report,
) -> StatusDocument {
    let keys = health.keys.iter().map(|key| Key {
        name: key.name.to_string(),
        unlocked: key.unlocked,
        filter: key.driver.process.clone().or(key.driver.clean.clone()),
        files: key.files,
    });
    let concerns = remarks.into_iter().map(|remark| ConcernLine {
        code: remark.code,
        danger: remark.is_danger,
        message: remark.message,
    });
    let findings = coverage.findings.iter().map(|finding| LostEncryption {
        rule: finding.rule.name(),
        path: finding.place.path.as_ref().map(ToString::to_string),
        message: finding.message(),
    });
    let gaps = coverage.gaps.iter();
    let gaps = gaps.map(|gap| format!("{}: {}", gap.what, gap.reason));
    StatusDocument {
        locked: health.is_locked(),
        keys: keys.collect(),
        concerns: concerns.collect(),
        findings: findings.collect(),
        unread: gaps.chain(coverage.notes.iter().cloned()).collect(),
        files: files.iter().map(|file| described(file)).collect(),
    }
}

/// The records of `-z`: state, space, unescaped path, NUL.
pub(super) fn records(files: &[&FileStatus]) -> Vec<u8> {
    let record =
        |file: &&FileStatus| [state(file).as_bytes(), b" ", file.path.as_bytes(), b"\0"].concat();
    files.iter().flat_map(record).collect()
}

fn described(file: &FileStatus) -> File {
    let encryption = file.encryption.as_ref();
    File {
        path: file.path.to_string(),
        state: state(file),
        key: encryption.map(|encryption| encryption.key.to_string()),
        diff: encryption.is_some_and(|encryption| encryption.diff_set),
        merge: encryption.is_some_and(|encryption| encryption.merge_set),
    }
}

fn state(file: &FileStatus) -> &'static str {
    match (&file.encryption, file.staged) {
        (None, _) => "plain",
        (Some(_), Staged::Nothing) => "untracked",
        (Some(_), Staged::Encrypted) => "encrypted",
        (Some(_), Staged::Plain) => "exposed",
    }
}
