//! Finds the values of encrypted files in plaintext: all of them, in all spellings, in one pass.
//!
//! The values are wiped when the search ends. Where a text may hold one of them, an automaton is built, whose own tables hold
//! the values in pieces and are not wiped, since the crate keeps them to itself.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use zeroize::Zeroizing;

use super::entities::decoded_entities;
use super::known_values::choose_values;
use super::needles::Needles;
use super::reach::Reach;
use super::separated_hex::separated_hex;
use super::spellings::{Encoding, spellings};
use super::wrapped_base64::wrapped_base64;
use crate::leaks::LeakError;
use crate::leaks::forms::utf16::TooLong;
use crate::repository::PathBytes;

/// A value shorter than this counts only if it stands alone, not within a longer word.
const SHORTEST_ANYWHERE: usize = 16;

/// Maximum number of values in one file. A file with more is data, not settings.
const MOST_VALUES: usize = 5000;

/// Collects the values to search for.
#[derive(Default)]
pub(crate) struct KnownValues {
    values: Vec<KnownValue>,
    /// Values that are searched for only under the names of secrets.
    weak: Vec<WeakValue>,
    /// Values that are not searched for, each as a hash.
    too_common: HashSet<u64>,
    hashing: RandomState,
    /// Files with so many values that some are not searched for.
    cut_short: Vec<PathBytes>,
    /// Files whose values were left out because the file is too long.
    too_long: Vec<PathBytes>,
}

struct WeakValue {
    bytes: Zeroizing<Vec<u8>>,
    source: ValueSource,
}

/// How many values are not searched for in every text.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CommonValues {
    /// Values that are searched for only under the names of secrets, and in URLs.
    pub(crate) under_names: usize,
    /// Values that are not searched for at all.
    pub(crate) nowhere: usize,
}

struct KnownValue {
    bytes: Zeroizing<Vec<u8>>,
    source: ValueSource,
    of_key: bool,
}

/// The place where a value is stored encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ValueSource {
    /// The encrypted file.
    pub path: PathBytes,
    /// The line in it, from 1.
    pub line: usize,
}

/// The search for known values.
pub(crate) struct KnownSecrets {
    needles: Needles,
    /// The value and the encoding of each needle.
    meanings: Vec<Meaning>,
    values: Vec<(ValueSource, bool)>,
    /// Sorted by their bytes.
    weak: Vec<WeakValue>,
}

/// The value that a needle spells.
struct Meaning {
    value: usize,
    value_len: usize,
    encoding: Encoding,
}

/// A known value that was found.
pub(crate) struct Sighting<'known> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) source: &'known ValueSource,
    pub(crate) value_len: usize,
    pub(crate) encoding: Encoding,
    /// True for one of the many lines of a private key.
    pub(crate) of_key: bool,
}

impl KnownValues {
    /// Adds the values of a decrypted file.
    pub(crate) fn add_file(&mut self, path: &PathBytes, plaintext: &[u8]) -> Result<(), TooLong> {
        // Hashes are kept instead of copies, which would have to be wiped.
        let hashing = &self.hashing;
        let mut seen: HashSet<u64> = HashSet::new();
        choose_values(plaintext, &mut |choice| {
            let is_new = seen.insert(hashing.hash_one((choice.value, choice.reach as u8)));
            if seen.len() > MOST_VALUES || !is_new {
                return;
            }
            let source = ValueSource {
                path: path.clone(),
                line: choice.line,
            };
            let bytes = Zeroizing::new(choice.value.to_vec());
            match choice.reach {
                Reach::Everywhere => self.values.push(KnownValue {
                    bytes,
                    source,
                    of_key: choice.of_key,
                }),
                Reach::UnderNames => self.weak.push(WeakValue { bytes, source }),
                Reach::Nowhere => {
                    self.too_common.insert(hashing.hash_one(choice.value));
                }
            }
        })?;
        if seen.len() > MOST_VALUES {
            self.cut_short.push(path.clone());
        }
        Ok(())
    }

    /// Leaves out the values of a file that is too long to be decrypted in memory.
    pub(crate) fn skip_file(&mut self, path: &PathBytes) {
        self.too_long.push(path.clone());
    }

    /// The files whose values were left out.
    pub(crate) fn too_long(&self) -> &[PathBytes] {
        &self.too_long
    }

    /// The files with so many values that some are not searched for.
    pub(crate) fn cut_short(&self) -> &[PathBytes] {
        &self.cut_short
    }

    /// Counts the values that are not searched for in every text, each value once.
    pub(crate) fn common(&mut self) -> CommonValues {
        self.weak.sort_by(|one, other| {
            (&one.bytes[..], &one.source).cmp(&(&other.bytes[..], &other.source))
        });
        self.weak.dedup_by(|one, other| one.bytes == other.bytes);
        CommonValues {
            under_names: self.weak.len(),
            nowhere: self.too_common.len(),
        }
    }

    /// Builds the search. For a value in several files, a report names the first of these files in the order of paths.
    pub(crate) fn into_search(mut self) -> Result<Option<KnownSecrets>, LeakError> {
        self.values.sort_by(|one, other| {
            (&one.bytes[..], &one.source).cmp(&(&other.bytes[..], &other.source))
        });
        self.values.dedup_by(|one, other| one.bytes == other.bytes);
        self.common();
        if self.values.is_empty() && self.weak.is_empty() {
            return Ok(None);
        }
        let mut needles = Vec::new();
        let mut meanings = Vec::new();
        for (index, value) in self.values.iter().enumerate() {
            for spelling in spellings(&value.bytes, value.of_key) {
                meanings.push(Meaning {
                    value: index,
                    value_len: value.bytes.len(),
                    encoding: spelling.encoding,
                });
                needles.push(spelling.bytes);
            }
        }
        let needles = Needles::new(needles).ok_or(LeakError::TooManyValues {
            count: self.values.len(),
        })?;
        let values = self
            .values
            .into_iter()
            .map(|value| (value.source, value.of_key));
        Ok(Some(KnownSecrets {
            needles,
            meanings,
            values: values.collect(),
            weak: self.weak,
        }))
    }
}

impl KnownSecrets {
    /// True if some values are searched for under the names of secrets only.
    pub(crate) fn has_weak(&self) -> bool {
        !self.weak.is_empty()
    }

    /// The source of `value`, if it is a known value that is searched for only under the names of secrets.
    pub(crate) fn weak_source(&self, value: &[u8]) -> Option<&ValueSource> {
        let place = self.weak.binary_search_by(|weak| weak.bytes[..].cmp(value));
        place.ok().map(|place| &self.weak[place].source)
    }

    /// The known values in `content`, in the order of their beginnings. If several begin at one offset, only the longest.
    pub(crate) fn find_in(&self, content: &[u8]) -> Vec<Sighting<'_>> {
        let mut sightings = self.sightings(content);
        let joined = wrapped_base64(content).into_iter();
        let joined = joined.chain(separated_hex(content));
        for joined in joined.chain(decoded_entities(content)) {
            let found = self.sightings(&joined.text).into_iter();
            sightings.extend(found.map(|sighting| Sighting {
                start: joined.offset(sighting.start),
                end: joined.offset(sighting.end - 1) + 1,
                ..sighting
            }));
        }
        sightings.sort_by_key(|sighting| (sighting.start, std::cmp::Reverse(sighting.end)));
        let mut end = 0;
        sightings.retain(|sighting| {
            let new = sighting.end > end;
            end = end.max(sighting.end);
            new
        });
        sightings
    }

    fn sightings(&self, content: &[u8]) -> Vec<Sighting<'_>> {
        let mut sightings = Vec::new();
        for (needle, Range { start, end }) in self.needles.find_in(content) {
            let meaning = &self.meanings[needle];
            let short =
                meaning.encoding == Encoding::Verbatim && meaning.value_len < SHORTEST_ANYWHERE;
            if short && !stands_alone(content, start, end) {
                continue;
            }
            let (source, of_key) = &self.values[meaning.value];
            sightings.push(Sighting {
                start,
                end,
                source,
                value_len: meaning.value_len,
                encoding: meaning.encoding,
                of_key: *of_key,
            });
        }
        sightings
    }
}

fn stands_alone(content: &[u8], start: usize, end: usize) -> bool {
    let word = |place: Option<&u8>| place.is_some_and(u8::is_ascii_alphanumeric);
    !word(start.checked_sub(1).and_then(|before| content.get(before))) && !word(content.get(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(plaintext: &str) -> KnownSecrets {
        let mut values = KnownValues::default();
        let path = PathBytes::new("secret/db.env");
        let added = values.add_file(&path, plaintext.as_bytes());
        added.expect("it is short");
        values
            .into_search()
            .expect("few values")
            .expect("there are some")
    }

    #[test]
    fn values_are_found_in_each_spelling() {
        let known = search("A=1\nDB_PASSWORD=ket$tle/4drum\n");
        for (text, encoding) in [
            ("password ket$tle/4drum!", Encoding::Verbatim),
            ("password: ket$$tle/4drum", Encoding::Escaped),
            ("url: postgres://x:ket%24tle%2F4drum@db", Encoding::Url),
            ("url: postgres://x:ket%24tle%2f4drum@db", Encoding::Url),
            ("0x6b65742474746c652f346472756d", Encoding::Hex),
        ] {
            let sightings = known.find_in(text.as_bytes());
            let found: Vec<_> = sightings
                .iter()
                .map(|sighting| (sighting.encoding, sighting.source.line))
                .collect();
            if encoding == Encoding::Hex {
                assert_eq!(found, [], "that was another value: {text}");
            } else {
                assert_eq!(found, [(encoding, 2)], "{text}");
            }
        }
        assert_eq!(known.find_in(b"0x6B65742474746C652F346472756D").len(), 0);
        assert_eq!(known.find_in(b"0x6b657424746c652f346472756d").len(), 1);
    }

    #[test]
    fn short_values_within_a_word_are_chance() {
        let known = search("DB_PASSWORD=kettle4drum\nx=y\n");
        assert_eq!(known.find_in(b"my-kettle4drum").len(), 1);
        assert_eq!(known.find_in(b"mykettle4drums").len(), 0);
    }
}
