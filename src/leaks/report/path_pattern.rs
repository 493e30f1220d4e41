//! Patterns for paths, as used in entries of `[[check.allow]]`.
//!
//! `*` matches any characters within a part of a path, `?` a single one, `**` any characters across parts, and `**/` any number of
//! folders, also none. Every other character matches itself. A pattern that matches a folder matches everything below it.
//!
//! All ways to match a pattern are followed at once, byte by byte, so the time is at most the pattern's length times
//! the path's. (The crate globset is not used, since it gives `[`, `{` and `**` within a part another meaning.)

/// A pattern for paths from the top of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    pieces: Vec<PatternPiece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PatternPiece {
    /// This byte.
    Byte(u8),
    /// `?`: any byte except a slash.
    One,
    /// `*`: any number of bytes except slashes.
    Part,
    /// `**`: any number of bytes.
    All,
    /// The beginning of `**/`, from which the whole `**/` may be skipped.
    NoFolder,
    /// The rest of `**/`: any bytes up to and including a slash.
    Folders,
}

impl PathPattern {
    /// Parses a pattern. Every text is a valid pattern.
    pub fn new(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text.strip_suffix('/').unwrap_or(text).as_bytes();
        while let [first, ..] = rest {
            let (piece, length): (&[PatternPiece], _) = match rest {
                [b'*', b'*', b'/', ..] => (&[PatternPiece::NoFolder, PatternPiece::Folders], 3),
                [b'*', b'*', ..] => (&[PatternPiece::All], 2),
                [b'*', ..] => (&[PatternPiece::Part], 1),
                [b'?', ..] => (&[PatternPiece::One], 1),
                _ => (&[PatternPiece::Byte(*first)], 1),
            };
            pieces.extend(piece);
            rest = &rest[length..];
        }
        Self {
            text: text.to_owned(),
            pieces,
        }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True if the pattern matches `path` or a folder above it.
    pub fn names(&self, path: &[u8]) -> bool {
        let end = self.pieces.len();
        let mut reached = Reached::nowhere(end);
        reached.enter(&self.pieces, 0);
        for &byte in path {
            if byte == b'/' && reached.has(end) {
                return true;
            }
            let mut next = Reached::nowhere(end);
            for (index, piece) in self.pieces.iter().enumerate() {
                if reached.has(index) {
                    piece.step(byte, index, &self.pieces, &mut next);
                }
            }
            reached = next;
        }
        reached.has(end)
    }
}

impl PatternPiece {
    /// Adds to `next` what can be reached from this piece, number `index` of `pieces`, with the next `byte` of the path.
    fn step(self, byte: u8, index: usize, pieces: &[Self], next: &mut Reached) {
        match self {
            Self::Byte(wanted) if byte == wanted => next.enter(pieces, index + 1),
            Self::One if byte != b'/' => next.enter(pieces, index + 1),
            Self::Part if byte != b'/' => next.enter(pieces, index),
            Self::All => next.enter(pieces, index),
            Self::Folders => {
                next.0[index] = true;
                if byte == b'/' {
                    next.enter(pieces, index + 1);
                }
            }
            Self::Byte(_) | Self::One | Self::Part | Self::NoFolder => {}
        }
    }
}

/// The positions in a pattern that the path can have reached so far.
struct Reached(Vec<bool>);

impl Reached {
    fn nowhere(end: usize) -> Self {
        Self(vec![false; end + 1])
    }

    fn has(&self, index: usize) -> bool {
        self.0[index]
    }

    /// Marks a position as reached, and those after it that match without any further byte.
    fn enter(&mut self, pieces: &[PatternPiece], mut index: usize) {
        while !self.0[index] {
            self.0[index] = true;
            match pieces.get(index) {
                Some(PatternPiece::Part | PatternPiece::All) => index += 1,
                Some(PatternPiece::NoFolder) => {
                    self.0[index + 1] = true;
                    index += 2;
                }
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_files_and_folders() {
        for (pattern, path) in [
            ("docs/a.md", "docs/a.md"),
            ("docs", "docs/x/a.md"),
            ("docs/", "docs/x/a.md"),
            ("docs/*.md", "docs/a.md"),
            ("**/testdata", "a/b/testdata/x.pem"),
            ("**/testdata", "testdata/x.pem"),
            ("**/*.pem", "x.pem"),
            ("a/**/z", "a/z"),
            ("a?c", "abc"),
            ("docs/**", "docs/x/a.md"),
            ("a**z", "a/b/z"),
            ("a/**/z", "a/b/c/z"),
            ("a[b]{c}.md", "a[b]{c}.md"),
            ("*", "docs/a.md"),
        ] {
            assert!(
                PathPattern::new(pattern).names(path.as_bytes()),
                "{pattern} {path}"
            );
        }
        for (pattern, path) in [
            ("docs/*.md", "docs/x/a.md"),
            ("doc", "docs/a"),
            ("*.md", "docs/a.md"),
            ("a?c", "a/c"),
            ("**/z", "a/xz"),
            ("a/**/z", "a/bz"),
            ("", "a"),
            ("[ab]", "a"),
        ] {
            assert!(
                !PathPattern::new(pattern).names(path.as_bytes()),
                "{pattern} {path}"
            );
        }
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_longer() {
        for stars in ["*a", "**a", "**", "**/", "****/"] {
            let pattern = PathPattern::new(&(stars.repeat(1000) + "b"));
            assert!(!pattern.names("a/".repeat(1000).as_bytes()), "{stars}");
        }
    }
}
