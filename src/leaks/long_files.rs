//! Looks at a file that is too long to be held in memory, window by window.
//!
//! Each window reaches back a little, to the name that a value stands under, and ahead, to the end of what begins in it. All
//! lines of such a file count as new. UTF-16 is not decoded in it, and a file with very many findings is not read to its end:
//! either is a gap.

use super::forms::kubernetes::FARTHEST;
use super::forms::utf16;
use super::inspector::{Inspector, Lines};
use super::report::finding::Location;
use super::report::inspection::Inspection;
use super::rule::Rule;
use super::rules::sensitive_names::is_sensitive_name;
use super::scan::{TextKind, is_packed};
use super::targets::Target;
use crate::format::Header;
use crate::repository::{BlobReader, Repository, RepositoryError, is_binary};

/// How many bytes are held at once.
const WINDOW: usize = 16 << 20;
/// How far a window reaches back: to the kind that makes a value a secret.
const BEHIND: usize = FARTHEST + (64 << 10);
/// How far a window reaches ahead.
const AHEAD: usize = 1 << 20;
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
            if let Some((rule, hint)) = self.encrypted.judge_path(target, repository)? {
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

    /// Looks through all of a plaintext, of which `held` is the beginning.
    fn windows(
        &self,
        target: &Target,
        mut blob: BlobReader,
        mut held: Vec<u8>,
        mut ended: bool,
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
        let (findings, mut from, mut origin) = (seen.findings.len(), 0, (1, 1));
        loop {
            let to = if ended {
                held.len()
            } else {
                end_of_lines(&held, from, held.len() - AHEAD)
            };
            let mut found = self.scanner.look_at_part(&held, kind);
            found.keep_from(from..to);
            self.add_hits(found, (&held, origin), &place, &[], seen);
            if ended {
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
            let next = to.saturating_sub(BEHIND);
            origin = Lines::new(&held, origin).position(next);
            held.drain(..next);
            from = to - next;
            ended = blob.read_up_to(WINDOW, &mut held)?;
        }
    }

    /// Tells whether the key opens a ciphertext, of which `held` is the beginning.
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
            proof.absorb(&held);
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

/// The end of the last line between `from` and `to`; `to` if no line ends there.
fn end_of_lines(content: &[u8], from: usize, to: usize) -> usize {
    let last = content[from..to].iter().rposition(|&byte| byte == b'\n');
    last.map_or(to, |last| from + last + 1)
}
