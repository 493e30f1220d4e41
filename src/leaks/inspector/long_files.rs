//! Looks at a file that is too long to be held in memory, window by window.
//!
//! Windows overlap. A window reaches back a little, to the name that a value stands under, and ahead, to the end of a secret
//! that begins in it. All lines of such a file count as new. UTF-16 in it is not decoded, and a file with very many findings
//! is not read to its end: both are reported as gaps.

use super::files::Inspector;
use super::windows::{Window, WindowLengths};
use crate::format::Header;
use crate::leaks::forms::kubernetes::FARTHEST;
use crate::leaks::forms::utf16;
use crate::leaks::report::finding::Location;
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::leaks::rules::sensitive_names::is_sensitive_name;
use crate::leaks::scan::{TextKind, is_packed};
use crate::leaks::targets::Target;
use crate::repository::{BlobReader, Repository, RepositoryError, is_binary};

/// How many bytes are held in memory at once.
const WINDOW: usize = 16 << 20;

/// A window must reach back to the `kind:` line that makes a value of Kubernetes a secret.
const LENGTHS: WindowLengths = WindowLengths {
    held: WINDOW,
    behind: FARTHEST + (64 << 10),
    ahead: 1 << 20,
};

/// Maximum number of findings in one such file.
const MAXIMUM_FINDINGS: usize = 1000;

impl Inspector<'_> {
    /// Looks at a file whose blob is longer than any that is held in memory.
    pub(super) fn long_target(
        &self,
        repository: &Repository,
        target: &Target,
        seen: &mut Inspection,
    ) -> Result<(), RepositoryError> {
        let path = &target.path;
        let mut blob = repository.objects().open_blob(target.blob)?;
        let mut held = Vec::with_capacity(WINDOW);
        let ended = blob.read_up_to(WINDOW, &mut held)?;
        let new = !target.before.contains(&target.blob);
        if Header::is_in(&held) && !target.is_link {
            self.ciphertext(target, seen);
            return self.long_ciphertext(target, blob, held, ended, seen);
        }
        if !target.is_link {
            if let Some((rule, hint)) = self.encrypted.rule_broken_by_path(target, repository)? {
                seen.add_file(rule, (path, target.blob), target.commit, hint);
            }
            if new && is_sensitive_name(path.as_bytes(), &held) {
                let rule = Rule::SensitiveName;
                seen.add_file(rule, (path, target.blob), target.commit, String::new());
            }
        }
        if target.repeated || !new {
            return Ok(());
        }
        if is_packed(&held) {
            seen.not_looked_into.push(path.clone());
        }
        if self.encrypted.may_be_renamed(target) {
            let reason =
                "it is too long to be compared with encrypted files that the same change removed";
            seen.add_gap(path, reason.to_owned());
        }
        if utf16::is_in(&held) && !target.is_link {
            let reason = "it is UTF-16, and too long to be decoded";
            seen.add_gap(path, reason.to_owned());
            return Ok(());
        }
        self.windows(target, blob, held, ended, seen)
    }

    /// Looks through all of a plaintext. `held` is its beginning, already read.
    fn windows(
        &self,
        target: &Target,
        mut blob: BlobReader,
        held: Vec<u8>,
        ended: bool,
        seen: &mut Inspection,
    ) -> Result<(), RepositoryError> {
        let place = Location::file(&target.path, target.commit);
        let name = if target.is_link {
            b""
        } else {
            target.path.as_bytes()
        };
        let kind = TextKind {
            is_binary: is_binary(&held),
            path: name,
        };
        let findings = seen.findings.len();
        let mut window = Window::first(LENGTHS, held, ended);
        loop {
            let mut found = self.scanner.look_at_part(window.held(), kind);
            found.keep_from(window.own());
            self.add_hits(found, (window.held(), window.origin()), &place, &[], seen);
            if window.is_last() {
                return Ok(());
            }
            if seen.findings.len() - findings > MAXIMUM_FINDINGS {
                let reason = format!("it has more than {MAXIMUM_FINDINGS} findings");
                seen.add_gap(
                    &target.path,
                    format!("{reason}, and was not read to its end"),
                );
                return Ok(());
            }
            window.advance(|length, held| blob.read_up_to(length, held))?;
        }
    }

    /// Finds out whether the key opens a ciphertext. `held` is its beginning, already read.
    fn long_ciphertext(
        &self,
        target: &Target,
        mut blob: BlobReader,
        mut held: Vec<u8>,
        mut ended: bool,
        seen: &mut Inspection,
    ) -> Result<(), RepositoryError> {
        if self.past_keys {
            return Ok(());
        }
        let Some(mut proof) = self.encrypted.proof_of(target, &held) else {
            return Ok(());
        };
        held.drain(..Header::LEN);
        loop {
            proof.update(&held);
            if ended {
                break;
            }
            held.clear();
            ended = blob.read_up_to(WINDOW, &mut held)?;
        }
        if !proof.holds() {
            let hint = self.encrypted.not_opened(target);
            let file = (&target.path, target.blob);
            seen.add_file(Rule::WrongKey, file, target.commit, hint);
        }
        Ok(())
    }
}
