//! Reading pkt-lines.

use std::io::{self, Read};

use zeroize::Zeroizing;

use super::{LENGTH_LEN, LONGEST_CONTENT, Packet, PktLineError};
use crate::secret::wipe;

/// Reads packets from a stream. File content is wiped from the buffer as soon as it is handed on.
pub struct PacketReader<Stream> {
    stream: Stream,
    buffer: Zeroizing<Vec<u8>>,
    /// How many bytes of the buffer have been handed on.
    taken: usize,
    /// How many bytes of the buffer have been read from the stream.
    filled: usize,
}

/// The content of one file, which follows a list of lines and ends with a flush packet.
pub struct PacketContent<'reader, Stream> {
    reader: &'reader mut PacketReader<Stream>,
    /// How many bytes of the last packet are still to be handed on.
    left: usize,
    ended: bool,
}

impl<Stream: Read> PacketReader<Stream> {
    /// Creates a reader of `stream`.
    pub fn new(stream: Stream) -> Self {
        let buffer = Zeroizing::new(vec![0; 2 * (LENGTH_LEN + LONGEST_CONTENT)]);
        Self {
            stream,
            buffer,
            taken: 0,
            filled: 0,
        }
    }

    /// Reads the next packet.
    pub fn packet(&mut self) -> Result<Packet<'_>, PktLineError> {
        if self.filled == self.taken {
            (self.filled, self.taken) = (0, 0);
            if self.fill(1)? == 0 {
                return Ok(Packet::End);
            }
        }
        self.require(LENGTH_LEN)?;
        let digits = &self.buffer[self.taken..self.taken + LENGTH_LEN];
        let bad_length = || PktLineError::BadLength(String::from_utf8_lossy(digits).into_owned());
        // `from_str_radix` alone would accept a sign.
        let hexadecimal = digits.iter().all(u8::is_ascii_hexdigit);
        let text = std::str::from_utf8(digits)
            .ok()
            .filter(|_| hexadecimal)
            .ok_or_else(bad_length)?;
        let length = usize::from_str_radix(text, 16).map_err(|_| bad_length())?;
        if length != 0 && !(LENGTH_LEN..=LENGTH_LEN + LONGEST_CONTENT).contains(&length) {
            return Err(bad_length());
        }
        if length == 0 {
            self.taken += LENGTH_LEN;
            return Ok(Packet::Flush);
        }
        self.require(length)?;
        let content = self.taken + LENGTH_LEN..self.taken + length;
        self.taken += length;
        Ok(Packet::Data(&self.buffer[content]))
    }

    /// Reads the lines up to the next flush packet, without their line ends. `None` at the end of the stream.
    pub fn lines(&mut self) -> Result<Option<Vec<Vec<u8>>>, PktLineError> {
        let mut lines = Vec::new();
        loop {
            match self.packet()? {
                Packet::Data(line) => lines.push(line.strip_suffix(b"\n").unwrap_or(line).to_vec()),
                Packet::Flush => return Ok(Some(lines)),
                Packet::End if lines.is_empty() => return Ok(None),
                Packet::End => return Err(PktLineError::Ended),
            }
        }
    }

    /// The content up to the next flush packet, as a stream. It must be read to its end.
    pub fn content(&mut self) -> PacketContent<'_, Stream> {
        PacketContent {
            reader: self,
            left: 0,
            ended: false,
        }
    }

    fn require(&mut self, length: usize) -> Result<(), PktLineError> {
        let missing = length.saturating_sub(self.filled - self.taken);
        if missing == 0 || self.fill(missing)? >= missing {
            Ok(())
        } else {
            Err(PktLineError::Ended)
        }
    }

    /// Reads at least `wanted` more bytes, or up to the end of the stream. Returns how many were read.
    fn fill(&mut self, wanted: usize) -> io::Result<usize> {
        if self.buffer.len() - self.filled < wanted {
            let before = self.filled;
            self.buffer.copy_within(self.taken..before, 0);
            self.filled -= self.taken;
            self.taken = 0;
            wipe(&mut self.buffer[self.filled..before]);
        }
        let mut read = 0;
        while read < wanted {
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => break,
                Ok(length) => {
                    read += length;
                    self.filled += length;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}

impl<Stream: Read> Read for PacketContent<'_, Stream> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // An empty packet is not the end of the content. Git sends none, but treating one as the end would cut the file off.
        while self.left == 0 && !self.ended {
            match self.reader.packet().map_err(PktLineError::into_io)? {
                Packet::Data(bytes) => self.left = bytes.len(),
                Packet::Flush => self.ended = true,
                Packet::End => return Err(PktLineError::Ended.into_io()),
            }
        }
        // The content of the last packet ends at `taken`.
        let count = self.left.min(buffer.len());
        let start = self.reader.taken - self.left;
        let handed_on = &mut self.reader.buffer[start..start + count];
        buffer[..count].copy_from_slice(handed_on);
        wipe(handed_on);
        self.left -= count;
        Ok(count)
    }
}
