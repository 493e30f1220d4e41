//! Git's pkt-lines: four hexadecimal digits with the length (including these four bytes), then the content. `0000` is a
//! flush packet, which ends a list.
//!
//! Sources: gitprotocol-common(5), and gitattributes(5) on the long-running filter process.

mod reader;
mod writer;

pub use reader::PacketReader;
pub use writer::PacketWriter;

use std::io;

use thiserror::Error;

/// Maximum length in bytes of the content of a packet.
const LONGEST_CONTENT: usize = 65516;
/// Length in bytes of the digits before the content.
const LENGTH_LEN: usize = 4;

/// Why pkt-lines could not be exchanged with Git.
#[derive(Debug, Error)]
pub enum PktLineError {
    /// The pipe to or from Git could not be written or read.
    #[error("talking to git failed: {0}")]
    Stream(#[from] io::Error),
    /// The length of a packet is not a number, or is out of range.
    #[error("git sent a packet of length `{0}`")]
    BadLength(String),
    /// Git has closed the pipe in the middle of a packet or list.
    #[error("git ended the conversation in the middle of it")]
    Ended,
}

/// A packet.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'buffer> {
    /// A packet with content, which may be empty.
    Data(&'buffer [u8]),
    /// A flush packet, which ends a list.
    Flush,
    /// The end of the stream, after the last packet.
    End,
}

impl PktLineError {
    fn into_io(self) -> io::Error {
        match self {
            Self::Stream(error) => error,
            broken => io::Error::other(broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;
    use proptest::prelude::*;
    use std::io::Write;

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(content in prop::collection::vec(any::<u8>(), 0..200_000)) {
            let mut written = Vec::new();
            let mut writer = PacketWriter::new(&mut written);
            writer.line("status=success").expect("memory");
            writer.flush().expect("memory");
            let (first, second) = content.split_at(content.len() / 3);
            let mut written_content = writer.content(content.len());
            written_content.write_all(first).expect("memory");
            written_content.write_all(second).expect("memory");
            writer.flush().and_then(|()| writer.send()).expect("memory");
            drop(writer);
            let mut reader = PacketReader::new(&written[..]);
            prop_assert_eq!(reader.lines().expect("written"), Some(vec![b"status=success".to_vec()]));
            let mut read = SecretBytes::read_from(&mut reader.content()).expect("written");
            prop_assert_eq!(read.expose(), &content);
            prop_assert_eq!(reader.packet().expect("at the end"), Packet::End);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let mut reader = PacketReader::new(&bytes[..]);
            while matches!(reader.packet(), Ok(Packet::Data(_) | Packet::Flush)) {}
        }
    }

    #[test]
    fn impossible_lengths_are_refused() {
        for length in ["0001", "0003", "fff5", "+123", "zzzz"] {
            let mut reader = PacketReader::new(length.as_bytes());
            assert!(
                matches!(reader.packet(), Err(PktLineError::BadLength(text)) if text == length)
            );
        }
        assert!(matches!(
            PacketReader::new(&b"0009abc"[..]).packet(),
            Err(PktLineError::Ended)
        ));
        assert!(matches!(
            PacketReader::new(&b"00"[..]).packet(),
            Err(PktLineError::Ended)
        ));
    }

    #[test]
    fn an_empty_packet_does_not_end_a_content() {
        let mut reader = PacketReader::new(&b"00040007abc00040008defg00000006hi"[..]);
        let mut content = SecretBytes::read_from(&mut reader.content()).expect("whole");
        assert_eq!(content.expose(), b"abcdefg");
        assert_eq!(reader.packet().expect("whole"), Packet::Data(b"hi"));
    }
}
