//! Finding line ends in encrypted files. Git could convert them, and then nobody could decrypt the file.

use std::io::{self, Write};

/// Passes all bytes on to `stream`, and notes whether there is a CR LF among them.
pub(super) struct LineEndWatch<Stream> {
    stream: Stream,
    after_cr: bool,
    seen: bool,
}

impl<Stream: Write> LineEndWatch<Stream> {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            after_cr: false,
            seen: false,
        }
    }

    /// True if there was a CR LF.
    pub(super) fn seen(&self) -> bool {
        self.seen
    }
}

impl<Stream: Write> Write for LineEndWatch<Stream> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.stream.write(bytes)?;
        let written = &bytes[..length];
        // Once a CR LF is found, the rest need not be searched.
        if let (false, Some(last)) = (self.seen, written.last()) {
            self.seen = self.after_cr && written.starts_with(b"\n")
                || written.windows(2).any(|pair| pair == b"\r\n");
            self.after_cr = *last == b'\r';
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_is_seen_wherever_the_pieces_part() {
        for (pieces, seen) in [
            (&[&b"a\r\nb"[..]][..], true),
            (&[b"a\r", b"\nb"], true),
            (&[b"a\r\n", b"b", b"c"], true),
            (&[b"a\r", b"", b"\n"], true),
            (&[b"a\n\r", b"b\n"], false),
            (&[b"\n", b"\r"], false),
        ] {
            let mut watch = LineEndWatch::new(Vec::new());
            for piece in pieces {
                watch.write_all(piece).expect("memory takes everything");
            }
            assert_eq!(watch.seen(), seen, "{pieces:?}");
        }
    }
}
