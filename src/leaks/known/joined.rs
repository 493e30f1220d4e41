//! Pieces of a content that belong together, joined without the separators between them.

use std::ops::Range;

/// Pieces of a content, joined so that a value is found even if there are separators in it.
pub(super) struct Joined {
    pub(super) text: Vec<u8>,
    places: Places,
}

/// The positions of the pieces in the content.
enum Places {
    /// For each piece, its offset in the joined text and its offset in the content.
    Listed(Vec<(usize, usize)>),
    /// All pieces have `length` bytes. The first begins at `start`, and each next one `stride` bytes later.
    Regular {
        start: usize,
        length: usize,
        stride: usize,
    },
}

impl Joined {
    /// Joins these pieces of `content`.
    pub(super) fn of(content: &[u8], pieces: &[Range<usize>]) -> Self {
        let mut text = Vec::new();
        let mut places = Vec::new();
        for piece in pieces {
            places.push((text.len(), piece.start));
            text.extend_from_slice(&content[piece.clone()]);
        }
        Self {
            text,
            places: Places::Listed(places),
        }
    }

    /// Joins `texts`, each with the offset in the content of the bytes that it was decoded from.
    pub(super) fn of_texts(texts: Vec<(Vec<u8>, usize)>) -> Self {
        let mut text = Vec::new();
        let mut places = Vec::new();
        for (piece, start) in texts {
            places.push((text.len(), start));
            text.extend_from_slice(&piece);
        }
        Self {
            text,
            places: Places::Listed(places),
        }
    }

    /// Joins `number` pieces of `length` bytes. The first begins at `start`, and each next one `stride` bytes later.
    pub(super) fn of_regular(
        content: &[u8],
        start: usize,
        number: usize,
        length: usize,
        stride: usize,
    ) -> Self {
        let starts = (0..number).map(|index| start + index * stride);
        let text = starts.flat_map(|start| &content[start..start + length]);
        Self {
            text: text.copied().collect(),
            places: Places::Regular {
                start,
                length,
                stride,
            },
        }
    }

    /// Translates an offset in the joined text to one in the content.
    pub(super) fn offset(&self, joined: usize) -> usize {
        match &self.places {
            Places::Listed(places) => {
                let next = places.partition_point(|(text, _)| *text <= joined);
                let (text, content) = places[next.saturating_sub(1)];
                content + joined - text
            }
            Places::Regular {
                start,
                length,
                stride,
            } => start + joined / length * stride + joined % length,
        }
    }
}
