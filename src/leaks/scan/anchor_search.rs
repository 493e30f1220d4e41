//! The search for all anchors in one pass, in upper and lower case.
//!
//! Each place in a text is tested by its first four letters, which rules nearly all places out. The test has no branches, since
//! a processor guesses wrong at many of them. It is faster than an automaton for all anchors, which would also take several
//! milliseconds to build: longer than all else in a check of one small file.

use std::ops::Range;

/// Number of places that are tested together.
const PLACES: usize = 8;

/// Number of bytes that are read for this test: four for each place.
const BLOCK: usize = PLACES + 3;

/// Number of hashes of beginnings in the table of fourth letters, as a power of two: few enough for a processor's nearest cache.
const HASH_BITS: u32 = 14;

/// Number of groups of anchors, by their beginnings, as a power of two.
const GROUP_BITS: u32 = 12;

/// The bit that differs between the upper and the lower case of a letter, in each of eight bytes.
const LOWER: u64 = 0x2020_2020_2020_2020;

/// Anchors, and what is needed to find them.
pub(super) struct AnchorSearch {
    /// In lower case.
    anchors: Vec<Vec<u8>>,
    /// For each hash of a beginning, a bit for each kind of letter that may follow. Most places in a text are ruled out by
    /// these bits alone.
    fourth_letters: Box<[u8; 1 << HASH_BITS]>,
    /// For each group, where it starts in `entries`, and at last where the last group ends.
    groups: Vec<usize>,
    /// Anchors by the group of their beginnings, in each group the longest first.
    entries: Vec<GroupedAnchor>,
}

/// An anchor in a group.
#[derive(Clone, Copy)]
struct GroupedAnchor {
    number: usize,
    /// Up to eight first bytes of the anchor, in lower case.
    first: u64,
    /// All bits of these bytes.
    mask: u64,
}

/// An anchor in a text.
pub(super) struct AnchorPlace {
    pub(super) number: usize,
    pub(super) place: Range<usize>,
}

impl AnchorSearch {
    /// The search for `anchors`, each of which has at least two letters.
    pub(super) fn new(anchors: &[&str]) -> Self {
        let lower = anchors.iter().map(|anchor| anchor.to_ascii_lowercase());
        let anchors: Vec<Vec<u8>> = lower.map(String::into_bytes).collect();
        let mut fourth_letters = Box::new([0; 1 << HASH_BITS]);
        let mut grouped = Vec::new();
        for (number, anchor) in anchors.iter().enumerate() {
            let mask = eight_bytes(&vec![u8::MAX; anchor.len()]);
            let entry = GroupedAnchor {
                number,
                first: (eight_bytes(anchor) | LOWER) & mask,
                mask,
            };
            for beginning in beginnings_of(anchor) {
                let fourth = anchor.get(3).map_or(u8::MAX, |&letter| 1 << (letter & 7));
                fourth_letters[hash(beginning, HASH_BITS)] |= fourth;
                grouped.push((hash(beginning, GROUP_BITS), entry));
            }
        }
        grouped.sort_by_key(|(group, entry)| {
            let length = anchors[entry.number].len();
            (*group, std::cmp::Reverse(length), entry.number)
        });
        grouped.dedup_by_key(|(group, entry)| (*group, entry.number));
        let mut groups = vec![0; (1 << GROUP_BITS) + 1];
        for (group, _) in &grouped {
            groups[group + 1] += 1;
        }
        for group in 1..groups.len() {
            groups[group] += groups[group - 1];
        }
        let entries = grouped.into_iter().map(|(_, entry)| entry).collect();
        Self {
            anchors,
            fourth_letters,
            groups,
            entries,
        }
    }

    /// The anchors in `text` from front to back. Of several that overlap, the first; of several at one place, the longest.
    pub(super) fn all_in(&self, text: &[u8]) -> impl Iterator<Item = AnchorPlace> {
        let mut from = 0;
        let mut candidates = PossiblePlaces::default();
        std::iter::from_fn(move || {
            loop {
                for start in candidates.by_ref() {
                    let found = (start >= from).then(|| self.every_at(text, start).next());
                    if let Some(found) = found.flatten() {
                        from = found.place.end;
                        return Some(found);
                    }
                }
                candidates = self.next_candidates(text, from.max(candidates.end))?;
            }
        })
    }

    /// The next places in `text` at which an anchor may stand. None if there is none up to the end.
    fn next_candidates(&self, text: &[u8], mut start: usize) -> Option<PossiblePlaces> {
        while let Some(block) = text[start..].first_chunk() {
            let places = self.places_in(block);
            if places != 0 {
                let end = start + PLACES;
                return Some(PossiblePlaces { start, end, places });
            }
            start += PLACES;
        }
        // The last places have not enough bytes behind them to be tested together.
        let places = (1 << (text.len() - start)) - 1;
        let end = text.len();
        (start < end).then_some(PossiblePlaces { start, end, places })
    }

    /// A bit for each place in `block` at which an anchor may stand.
    #[inline(always)]
    fn places_in(&self, block: &[u8; BLOCK]) -> u32 {
        let mut places = 0;
        for place in 0..PLACES {
            let [first, second, third] = [block[place], block[place + 1], block[place + 2]];
            let bytes = u32::from_le_bytes([first, second, third, block[place + 3]]);
            let letters = self.fourth_letters[hash(bytes | LOWER as u32, HASH_BITS)];
            let fourth = bytes >> 24 & 7;
            places |= (u32::from(letters) >> fourth & 1) << place;
        }
        places
    }

    /// All anchors that stand at `start`, the longest first.
    pub(super) fn every_at(&self, text: &[u8], start: usize) -> impl Iterator<Item = AnchorPlace> {
        let rest = &text[start..];
        let first = eight_bytes(rest) | LOWER;
        let group = hash(first as u32, GROUP_BITS);
        let group = &self.entries[self.groups[group]..self.groups[group + 1]];
        let group = group
            .iter()
            .filter(move |entry| first & entry.mask == entry.first);
        group.filter_map(move |entry| {
            let number = entry.number;
            let anchor = &self.anchors[number];
            let there = rest.get(..anchor.len())?;
            let place = start..start + anchor.len();
            let stands_there = there.eq_ignore_ascii_case(anchor);
            stands_there.then_some(AnchorPlace { number, place })
        })
    }
}

/// Places in a part of a text at which an anchor may stand.
#[derive(Default)]
struct PossiblePlaces {
    start: usize,
    end: usize,
    /// A bit for each place, counted from `start`, that was not visited yet.
    places: u32,
}

impl Iterator for PossiblePlaces {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let place = self.places.trailing_zeros();
        // Removes the lowest bit.
        self.places &= self.places.checked_sub(1)?;
        Some(self.start + place as usize)
    }
}

/// Up to eight first bytes as a number, with zeros behind a shorter text.
fn eight_bytes(text: &[u8]) -> u64 {
    let bytes = text.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 8];
        bytes[..text.len()].copy_from_slice(text);
        bytes
    });
    u64::from_le_bytes(bytes)
}

/// All beginnings, which are three bytes in lower case, of texts that an anchor may begin: one, unless the anchor has two
/// letters only.
fn beginnings_of(anchor: &[u8]) -> Vec<u32> {
    let beginning = |bytes: [u8; 3]| {
        let [first, second, third] = bytes.map(|byte| u32::from(byte) | LOWER as u32 & 0xFF);
        first | second << 8 | third << 16
    };
    match anchor {
        [first, second] => (0..=u8::MAX)
            .map(|third| beginning([*first, *second, third]))
            .collect(),
        [first, second, third, ..] => vec![beginning([*first, *second, *third])],
        [] | [_] => unreachable!("an anchor has at least two letters"),
    }
}

/// The upper bits of a product, to which all three bytes of a beginning contribute. A fourth byte does not.
fn hash(beginning: u32, bits: u32) -> usize {
    ((beginning << 8).wrapping_mul(0x9E37_79B1) >> (u32::BITS - bits)) as usize
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    use super::*;
    use crate::leaks::forms::anchors::anchors;

    /// The anchors that an automaton finds in `text`.
    fn expected(automaton: &AhoCorasick, text: &[u8]) -> Vec<Range<usize>> {
        automaton
            .find_iter(text)
            .map(|found| found.range())
            .collect()
    }

    fn automaton(anchors: &[&str]) -> AhoCorasick {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(anchors)
            .expect("the anchors are few and short")
    }

    #[test]
    fn each_anchor_is_found_in_both_cases_and_at_both_ends_of_a_text() {
        let (anchors, _) = anchors();
        let search = AnchorSearch::new(&anchors);
        let automaton = automaton(&anchors);
        for anchor in anchors {
            for anchor in [anchor.to_uppercase(), anchor.to_lowercase()] {
                for (before, after) in [
                    ("", ""),
                    ("§", ""),
                    ("", "\n"),
                    ("pass", "word="),
                    ("-", "§"),
                ] {
                    let text = [before, &anchor, after].concat();
                    let found = search.all_in(text.as_bytes());
                    let places: Vec<_> = found.map(|found| found.place).collect();
                    assert_eq!(places, expected(&automaton, text.as_bytes()), "{text}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn an_automaton_finds_the_same(text in "[abcABC$]{0,40}") {
            let anchors = ["ab", "abc", "bcab", "CC", "$a$", "ccab", "aabb"];
            let search = AnchorSearch::new(&anchors);
            let places: Vec<_> = search.all_in(text.as_bytes()).map(|found| found.place).collect();
            prop_assert_eq!(places, expected(&automaton(&anchors), text.as_bytes()));
        }

        #[test]
        fn an_automaton_finds_the_same_of_all_anchors(
            parts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, any::<bool>(), "[ -~]{0,9}"), 0..8)
        ) {
            let (anchors, _) = anchors();
            let text: String = parts.iter().map(|(anchor, length, is_upper, between)| {
                let anchor = anchor.get(&anchors);
                let part = &anchor[..anchor.len().min(*length)];
                let part = if *is_upper { part.to_uppercase() } else { part.to_owned() };
                part + between
            }).collect();
            let search = AnchorSearch::new(&anchors);
            let places: Vec<_> = search.all_in(text.as_bytes()).map(|found| found.place).collect();
            prop_assert_eq!(places, expected(&automaton(&anchors), text.as_bytes()));
        }
    }
}
