//! The search for many needles in texts of which nearly all hold none.
//!
//! An automaton for thousands of needles is slow to build and slow to run. [`Samples`] tell at a fraction of that cost that a
//! text holds no needle, and the automaton is built for the first text that may hold one.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use zeroize::Zeroizing;

use super::samples::Samples;

/// Maximum length of all needles together: the automaton has a state for each byte, and numbers states with 31 bits.
const LONGEST: usize = 1 << 30;

/// Needles, and the search for them. They are wiped on drop.
pub(super) struct Needles {
    needles: Vec<Zeroizing<Vec<u8>>>,
    samples: Samples,
    automaton: OnceLock<AhoCorasick>,
}

impl Needles {
    /// The search for `needles`; nothing if they are too many.
    pub(super) fn new(needles: Vec<Zeroizing<Vec<u8>>>) -> Option<Self> {
        let length: usize = needles.iter().map(|needle| needle.len()).sum();
        (length <= LONGEST).then(|| Self {
            samples: Samples::of(&needles),
            needles,
            automaton: OnceLock::new(),
        })
    }

    /// All needles in `text`, also those that overlap: the number of each needle, and its place.
    pub(super) fn find_in(&self, text: &[u8]) -> Vec<(usize, Range<usize>)> {
        if !self.samples.may_be_in(text) {
            return Vec::new();
        }
        let found = self.automaton().find_overlapping_iter(text);
        found
            .map(|found| (found.pattern().as_usize(), found.range()))
            .collect()
    }

    fn automaton(&self) -> &AhoCorasick {
        self.automaton.get_or_init(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(self.needles.iter().map(|needle| &needle[..]))
                .expect("the needles are short enough together")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_automaton_is_built_for_the_first_text_that_may_hold_a_needle() {
        let needles =
            [&b"kettle4drum"[..], b"drummers"].map(|needle| Zeroizing::new(needle.to_vec()));
        let needles = Needles::new(needles.to_vec()).expect("they are few");
        assert_eq!(needles.find_in(b"a text about something else"), []);
        assert!(needles.automaton.get().is_none());
        let found = needles.find_in(b"my kettle4drummers");
        assert_eq!(found, [(0, 3..14), (1, 10..18)]);
    }
}
