//! The search for all anchors in one pass, in upper and lower case.
//!
//! Each place in a text is tested by its first three letters, which rules nearly all places out. This is as fast as an
//! automaton for all anchors, which would take several milliseconds to build: longer than all else in a check of one small file.

use std::ops::Range;

/// Number of bits for the beginnings of anchors: few enough for a processor's nearest cache.
const BITS: u32 = 16;

/// Number of words that hold these bits.
const WORDS: usize = 1 << (BITS - u64::BITS.ilog2());

/// Number of groups of anchors, by their beginnings, as a power of two.
const GROUPS: u32 = 12;

/// Anchors, and what is needed to find them.
pub(super) struct AnchorSearch {
    /// In lower case.
    anchors: Vec<Vec<u8>>,
    /// Has a bit set for each beginning of an anchor. Most places in a text are ruled out by these bits alone.
    beginnings: Box<[u64; WORDS]>,
    /// The numbers of the anchors with beginnings of one hash, the longest anchor first.
    groups: Vec<Vec<usize>>,
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
        let mut beginnings = Box::new([0; WORDS]);
        let mut groups = vec![Vec::new(); 1 << GROUPS];
        let mut order: Vec<usize> = (0..anchors.len()).collect();
        order.sort_by_key(|&number| std::cmp::Reverse(anchors[number].len()));
        for number in order {
            for beginning in beginnings_of(&anchors[number]) {
                let (word, bit) = bit_of(beginning);
                beginnings[word] |= bit;
                let group: &mut Vec<usize> = &mut groups[group_of(beginning)];
                if group.last() != Some(&number) {
                    group.push(number);
                }
            }
        }
        Self {
            anchors,
            beginnings,
            groups,
        }
    }

    /// The anchors in `text` from front to back. Of several that overlap, the first; of several at one place, the longest.
    pub(super) fn all_in(&self, text: &[u8]) -> impl Iterator<Item = AnchorPlace> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.first_in(text, from)?;
            from = found.place.end;
            Some(found)
        })
    }

    fn first_in(&self, text: &[u8], mut from: usize) -> Option<AnchorPlace> {
        while from < text.len() {
            // In windows of four bytes, since a number of four bytes is read at once. The last places have no such window.
            let last = text.len().saturating_sub(3);
            let next = text[from..].windows(4).position(|window| {
                let bytes = [window[0], window[1], window[2], window[3]];
                let (word, bit) = bit_of(beginning(bytes));
                self.beginnings[word] & bit != 0
            });
            from = next.map_or(from.max(last), |next| from + next);
            if let Some(found) = self.every_at(text, from).next() {
                return Some(found);
            }
            from += 1;
        }
        None
    }

    /// All anchors that stand at `start`, the longest first.
    pub(super) fn every_at(&self, text: &[u8], start: usize) -> impl Iterator<Item = AnchorPlace> {
        let rest = &text[start..];
        let mut bytes = [0; 4];
        let length = rest.len().min(bytes.len());
        bytes[..length].copy_from_slice(&rest[..length]);
        let group = self.groups[group_of(beginning(bytes))].iter();
        group.filter_map(move |&number| {
            let anchor = &self.anchors[number];
            let there = rest.get(..anchor.len())?;
            let place = start..start + anchor.len();
            let stands_there = there.eq_ignore_ascii_case(anchor);
            stands_there.then_some(AnchorPlace { number, place })
        })
    }
}

/// The first three bytes as a number that is the same for both cases of a letter. Some signs share it with others.
fn beginning(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes) & 0x00FF_FFFF | 0x0020_2020
}

/// All beginnings of texts that an anchor may begin: one, unless the anchor has two letters only.
fn beginnings_of(anchor: &[u8]) -> Vec<u32> {
    match anchor {
        [first, second] => (0..=u8::MAX)
            .map(|third| beginning([*first, *second, third, 0]))
            .collect(),
        [first, second, third, ..] => vec![beginning([*first, *second, *third, 0])],
        [] | [_] => unreachable!("an anchor has at least two letters"),
    }
}

/// The upper bits of a product, to which all of a beginning's bytes contribute.
fn hash(beginning: u32, bits: u32) -> usize {
    (beginning.wrapping_mul(0x9E37_79B1) >> (u32::BITS - bits)) as usize
}

/// The number of the word with the bit of a beginning, and this bit.
fn bit_of(beginning: u32) -> (usize, u64) {
    let hash = hash(beginning, BITS);
    (hash / 64, 1 << (hash % 64))
}

fn group_of(beginning: u32) -> usize {
    hash(beginning, GROUPS)
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
    }
}
