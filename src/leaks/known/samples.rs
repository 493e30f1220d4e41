//! Pieces of needles, by which a text without any needle is told at little cost.
//!
//! A text is looked at in equal strides, `SAMPLE` bytes each time. A stride is so short that within each needle in the text at
//! least one look falls on bytes of that needle alone. All pieces of a needle that such a look can fall on are kept here.

use zeroize::Zeroizing;

/// Length of a piece. Texts hardly ever share six bytes with a random value by chance.
const SAMPLE: usize = 6;

/// Maximum distance from one look to the next. For each byte of it, one more piece of each needle is kept.
const LONGEST_STRIDE: usize = 8;

/// Bits for each piece: one look of 32 finds the bit of another piece.
const BITS: usize = 32;

/// Minimum and maximum number of bits, as powers of two: the largest set fits into a processor's cache.
const SIZES: (u32, u32) = (12, 22);

/// The pieces of all needles.
pub(super) struct Samples {
    /// The distance from one look to the next; 0 if a needle is too short to be told by its pieces.
    stride: usize,
    /// Has the bit of each piece set: most looks end here.
    bits: Zeroizing<Vec<u64>>,
    /// How far to shift a hash to get the number of a bit.
    shift: u32,
    /// All pieces in order.
    pieces: Zeroizing<Vec<u64>>,
}

impl Samples {
    /// The pieces of `needles`.
    pub(super) fn of<Needle: AsRef<[u8]>>(needles: &[Needle]) -> Self {
        let shortest = needles.iter().map(|needle| needle.as_ref().len()).min();
        let shortest = shortest.unwrap_or(0);
        let stride = (shortest + 1).saturating_sub(SAMPLE).min(LONGEST_STRIDE);
        // Has its room from the start, since a vector that grows leaves pieces behind.
        let mut pieces = Zeroizing::new(Vec::with_capacity(needles.len() * stride));
        for needle in needles {
            pieces.extend(needle.as_ref().windows(SAMPLE).take(stride).map(piece));
        }
        pieces.sort_unstable();
        pieces.dedup();
        let size = (pieces.len() * BITS).max(1).ilog2() + 1;
        let size = size.clamp(SIZES.0, SIZES.1);
        let mut samples = Self {
            stride,
            bits: Zeroizing::new(vec![0; 1 << (size - u64::BITS.ilog2())]),
            shift: u64::BITS - size,
            pieces,
        };
        for &piece in samples.pieces.iter() {
            let bit = bit_of(piece, samples.shift);
            samples.bits[bit / 64] |= 1 << (bit % 64);
        }
        samples
    }

    /// False if certainly no needle is in `text`.
    pub(super) fn may_be_in(&self, text: &[u8]) -> bool {
        if self.stride == 0 {
            return true;
        }
        text.windows(SAMPLE).step_by(self.stride).any(|window| {
            let piece = piece(window);
            let bit = bit_of(piece, self.shift);
            self.bits[bit / 64] >> (bit % 64) & 1 == 1 && self.pieces.binary_search(&piece).is_ok()
        })
    }
}

/// The bytes of a window as a number.
fn piece(window: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes[..SAMPLE].copy_from_slice(&window[..SAMPLE]);
    u64::from_le_bytes(bytes)
}

/// The number of the bit that belongs to a piece: the upper bits of a product, to which all of its bytes contribute.
fn bit_of(piece: u64, shift: u32) -> usize {
    (piece.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_needle_is_noticed_wherever_it_stands() {
        for needles in [
            &["kettle4drum"][..],
            &["kettle", "a-longer-needle-of-many-bytes"],
            &["kettle4d", "summerhouse-with-a-view"],
            &["kette"],
        ] {
            let samples = Samples::of(needles);
            for needle in needles {
                for before in 0..20 {
                    for after in 0..20 {
                        let text = [&" ".repeat(before), *needle, &" ".repeat(after)].concat();
                        assert!(samples.may_be_in(text.as_bytes()), "{needle}: {text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn other_texts_are_told_from_those_with_needles() {
        let samples = Samples::of(&["kettle4drum", "summerhouse1"]);
        for text in [
            "",
            "kettl",
            "a long text about something else",
            "kettl4drum",
        ] {
            assert!(!samples.may_be_in(text.as_bytes()), "{text}");
        }
        assert!(Samples::of(&["short"]).may_be_in(b"whatever"));
    }
}
