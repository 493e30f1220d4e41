//! Looks at files and messages, one after the other, and records what is wrong with each.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;

use super::lines::Lines;
use crate::format::Header;
use crate::leaks::forms::utf16;
use crate::leaks::report::finding::{Finding, FindingId, Gap, Location, printable};
use crate::leaks::report::inspection::Inspection;
use crate::leaks::rule::Rule;
use crate::leaks::rules::encryption::Encrypted;
use crate::leaks::rules::sensitive_names::is_sensitive_name;
use crate::leaks::scan::{Hit, Hits, Scanner, is_packed, look_into};
use crate::leaks::targets::{Target, Targets};
use crate::repository::{Repository, RepositoryError};

/// The line and column that a file begins at.
const BEGINNING: (usize, usize) = (1, 1);

/// Everything that is needed to look at a file.
pub(in crate::leaks) struct Inspector<'check> {
    pub(in crate::leaks) scanner: &'check Scanner,
    pub(in crate::leaks) encrypted: &'check Encrypted<'check>,
    /// True if the attributes of the index apply to the files that are looked at.
    pub(in crate::leaks) current: bool,
    /// True if files may be encrypted with a key that was replaced since.
    pub(in crate::leaks) past_keys: bool,
}

impl Inspector<'_> {
    /// Looks at a file. A file that can't be read is a gap.
    pub(in crate::leaks) fn target(
        &self,
        repository: &Repository,
        target: &Target,
        seen: &mut Inspection,
    ) {
        if let Err(error) = self.try_target(repository, target, seen) {
            seen.add_gap(&target.path, error.to_string());
        }
    }

    /// Looks at the messages of commits and tags, at the names of authors and committers, and at the names of pushed references.
    pub(in crate::leaks) fn messages(
        &self,
        repository: &Repository,
        targets: &Targets,
        seen: &mut Inspection,
    ) {
        if let Some(draft) = &targets.draft {
            self.message(draft, &Location::default(), seen);
        }
        for tag in &targets.tags {
            let place = Location {
                tag: Some(tag.name.clone()),
                ..Location::default()
            };
            self.message(&tag.message, &place, seen);
        }
        for name in &targets.references {
            let place = Location {
                reference: Some(name.clone()),
                ..Location::default()
            };
            self.name(name.as_bytes(), &place, "", seen);
        }
        let mut people_seen = HashSet::new();
        for &commit in &targets.messages {
            let place = Location {
                commit: Some(commit),
                ..Location::default()
            };
            match repository.commits().message_of(commit) {
                Ok(message) => {
                    self.message(&message, &place, seen);
                    for name in repository.commits().people_of(commit).into_iter().flatten() {
                        if people_seen.insert(name.clone()) {
                            let hint = ", in the name or address of a person";
                            self.name(&name, &place, hint, seen);
                        }
                    }
                }
                Err(error) => seen.gaps.push(Gap {
                    what: commit.to_string(),
                    reason: error.to_string(),
                }),
            }
        }
    }

    /// Looks for known values in a name that is published with commits. Other rules are left out: their findings would
    /// be shown together with the name.
    fn name(&self, name: &[u8], place: &Location, hint: &str, seen: &mut Inspection) {
        for mut hit in self.scanner.known_in(name) {
            hit.hint.push_str(hint);
            seen.findings.push(self.finding(hit, place.clone(), name));
        }
    }

    fn message(&self, message: &[u8], place: &Location, seen: &mut Inspection) {
        let found = self.scanner.look_at(message, b"");
        self.add_hits(found, (message, BEGINNING), place, &[], seen);
    }

    fn try_target(
        &self,
        repository: &Repository,
        target: &Target,
        seen: &mut Inspection,
    ) -> Result<(), RepositoryError> {
        let path = &target.path;
        for hit in self.scanner.known_in(path.as_bytes()) {
            let place = Location::file(path, target.commit);
            let found = self.finding(hit, place, path.as_bytes());
            seen.findings.push(found);
        }
        let objects = repository.objects();
        if objects.is_long(target.blob) {
            return self.long_target(repository, target, seen);
        }
        let blob = objects.blob(target.blob)?;
        let content = blob.content();
        let new = !target.before.contains(&target.blob);
        if target.is_link {
            if new && !target.repeated {
                // The content of a link is a path: never encrypted, and never a settings file, whatever the name of the link.
                let found = self.scanner.look_at(content, b"");
                self.add_hits(
                    found,
                    (content, BEGINNING),
                    &Location::file(path, target.commit),
                    &[],
                    seen,
                );
            }
            return Ok(());
        }
        if Header::is_in(content) {
            self.ciphertext(target, seen);
            let wrong = self.encrypted.rule_broken_by_ciphertext(target, content);
            if let Some((rule, hint)) = wrong.filter(|_| !self.past_keys) {
                seen.add_file(rule, (path, target.blob), target.commit, hint);
            }
            return Ok(());
        }
        if let Some((rule, hint)) = self
            .encrypted
            .rule_broken_by_plaintext(target, content, repository)?
        {
            seen.add_file(rule, (path, target.blob), target.commit, hint);
        }
        if new && is_sensitive_name(path.as_bytes(), content) {
            let rule = Rule::SensitiveName;
            seen.add_file(rule, (path, target.blob), target.commit, String::new());
        }
        if target.repeated || !new {
            return Ok(());
        }
        let decoded = match utf16::decoded(content) {
            Ok(decoded) => decoded,
            Err(error) => {
                seen.add_gap(path, error.to_string());
                return Ok(());
            }
        };
        let text = decoded.as_ref().map_or(content, |text| text.as_slice());
        if is_packed(content) {
            self.archive(target, content, seen);
        }
        let found = self.scanner.look_at(text, path.as_bytes());
        let mut added = Vec::new();
        // Git does not see the lines of UTF-16 text, so all of them count as new.
        if !found.hits.is_empty() && decoded.is_none() {
            for before in &target.before {
                // The earlier content is too long to compare with, so all lines count as new.
                if !objects.is_long(*before) && !objects.is_encrypted(*before)? {
                    added.push(objects.added_lines(*before, target.blob)?);
                }
            }
        }
        self.add_hits(
            found,
            (text, BEGINNING),
            &Location::file(path, target.commit),
            &added,
            seen,
        );
        Ok(())
    }

    /// Looks at the files in an archive.
    fn archive(&self, target: &Target, content: &[u8], seen: &mut Inspection) {
        let path = &target.path;
        let place = Location::file(path, target.commit);
        let is_complete = look_into(content, path.as_bytes(), &mut |name, content| {
            if Header::is_in(content) {
                return;
            }
            for mut hit in self.scanner.look_at(content, name).hits {
                let name = printable(String::from_utf8_lossy(name));
                hit.hint.push_str(&format!(", in the packed {name}"));
                seen.findings
                    .push(self.finding(hit, place.clone(), content));
            }
        });
        if !is_complete {
            seen.not_looked_into.push(path.clone());
        }
    }

    /// Records ciphertext that no attribute covers. Ciphertext in a commit is only noted here, since the commit's
    /// attributes are read later.
    pub(super) fn ciphertext(&self, target: &Target, seen: &mut Inspection) {
        let path = &target.path;
        if !self.current {
            seen.ciphertext.push((path.clone(), target.blob));
        } else if !self.encrypted.is_to_encrypt(path) {
            let rule = Rule::UncoveredCiphertext;
            seen.add_file(rule, (path, target.blob), target.commit, String::new());
        }
    }

    /// Records the hits in lines that every one of `added` has, except where a marker in the line allows them.
    ///
    /// `origin` is the line and column at which the content begins in its file.
    pub(super) fn add_hits(
        &self,
        found: Hits,
        (content, origin): (&[u8], (usize, usize)),
        place: &Location,
        added: &[Vec<RangeInclusive<usize>>],
        seen: &mut Inspection,
    ) {
        let mut lines = Lines::new(content, origin);
        let positions = found.markers.iter().map(|marker| {
            let (line, _) = lines.position(marker.at);
            (line, marker.rule)
        });
        // For each marker, true once it has allowed a hit.
        let mut markers: BTreeMap<(usize, Rule), bool> =
            positions.map(|position| (position, false)).collect();
        let mut lines = Lines::new(content, origin);
        for hit in found.hits {
            let (line, column) = lines.position(hit.start);
            if !added.iter().all(|ranges| is_in_any(ranges, line)) {
                continue;
            }
            if let Some(used) = markers.get_mut(&(line, hit.rule)) {
                *used = true;
                seen.marked += 1;
                continue;
            }
            let place = Location {
                position: Some((line, column)),
                ..place.clone()
            };
            seen.findings.push(self.finding(hit, place, content));
        }
        let Some(path) = &place.path else {
            return;
        };
        let locked = self.encrypted.locked > 0;
        let idle = markers.into_iter().filter(|(_, used)| !used);
        for ((line, rule), _) in idle.filter(|((_, rule), _)| !(locked && rule.needs_key())) {
            let place = printable(path);
            seen.unused_markers.push(format!(
                "{place}:{line}: `hs-secrets: allow {rule}` allows nothing"
            ));
        }
    }

    fn finding(&self, hit: Hit, place: Location, content: &[u8]) -> Finding {
        let text = &content[hit.start..hit.end];
        let identity = match &hit.source {
            Some(source) => [
                source.path.as_bytes(),
                b"\0",
                &self.encrypted.pseudonym(&source.path, text),
            ]
            .concat(),
            None => text.to_vec(),
        };
        let fingerprint = FindingId::new(hit.rule, place.path.as_ref(), &identity);
        let value = Some(FindingId::new(hit.rule, None, &identity));
        Finding {
            rule: hit.rule,
            place,
            hint: hit.hint,
            source: hit.source,
            fingerprint,
            value,
            content: None,
        }
    }
}

/// True if one of the sorted `ranges` has `line` in it.
fn is_in_any(ranges: &[RangeInclusive<usize>], line: usize) -> bool {
    let next = ranges.partition_point(|range| *range.end() < line);
    ranges.get(next).is_some_and(|range| range.contains(&line))
}
