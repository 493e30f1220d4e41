//! Reads the files in tar and gzip archives, also nested ones, within limits.

use std::io::Read;
use std::ops::Range;

use flate2::read::MultiGzDecoder;

/// Maximum depth of nested archives.
const DEEPEST: usize = 3;
/// Maximum number of bytes that all archives in one file may unpack to.
const MOST_UNPACKED: usize = 64 << 20;
/// Maximum number of files in the archives of one file.
const MOST_FILES: usize = 10_000;
/// Length of a tar block in bytes.
const BLOCK: usize = 512;

/// The first bytes of gzip.
const GZIP: &[u8] = b"\x1F\x8B\x08";

/// The first bytes of archives that are not read: zip, xz, zstd, bzip2, 7-Zip, RAR.
const OTHERS: [&[u8]; 6] = [
    b"PK\x03\x04",
    b"\xFD7zXZ\0",
    b"\x28\xB5\x2F\xFD",
    b"BZh",
    b"7z\xBC\xAF\x27\x1C",
    b"Rar!\x1A\x07",
];

/// Receives the name and the content of a file in an archive.
pub(in crate::leaks) type TakesFiles<'taker> = &'taker mut dyn FnMut(&[u8], &[u8]);

/// True if a file that begins like this is an archive or compressed.
pub(in crate::leaks) fn is_packed(content: &[u8]) -> bool {
    content.starts_with(GZIP) || is_tar(content) || is_packed_otherwise(content)
}

/// Calls `take` with each file in `content`, whose own name is `name`. Returns false if an archive in it was not read completely.
pub(in crate::leaks) fn look_into(content: &[u8], name: &[u8], take: TakesFiles<'_>) -> bool {
    let mut search = ArchiveSearch {
        unpacked: 0,
        files: 0,
        is_complete: true,
        take,
    };
    search.look_into(content, name, 0);
    search.is_complete
}

struct ArchiveSearch<'taker> {
    unpacked: usize,
    files: usize,
    is_complete: bool,
    take: TakesFiles<'taker>,
}

impl ArchiveSearch<'_> {
    /// Reads an archive that is nested in `depth` others. Returns false if `content` is no archive.
    fn look_into(&mut self, content: &[u8], name: &[u8], depth: usize) -> bool {
        if !is_packed(content) {
            return false;
        }
        if depth == DEEPEST || is_packed_otherwise(content) {
            self.is_complete = false;
        } else if content.starts_with(GZIP) {
            let unpacked = self.unpacked(content);
            self.file(&unpacked, without_ending(name), depth);
        } else {
            for (name, place) in self.files_of_tar(content) {
                self.file(&content[place], &name, depth);
            }
        }
        true
    }

    /// Reads a file in an archive: as an archive if it is one, otherwise by `take`.
    fn file(&mut self, content: &[u8], name: &[u8], depth: usize) {
        if self.files == MOST_FILES {
            self.is_complete = false;
            return;
        }
        self.files += 1;
        if !self.look_into(content, name, depth + 1) {
            (self.take)(name, content);
        }
    }

    /// The decompressed bytes of `content`, up to the limit for all archives.
    fn unpacked(&mut self, content: &[u8]) -> Vec<u8> {
        let mut unpacked = Vec::new();
        let rest = MOST_UNPACKED - self.unpacked;
        let mut reader = MultiGzDecoder::new(content).take(rest as u64 + 1);
        // From a broken archive, the bytes before the break are used.
        let is_whole = reader.read_to_end(&mut unpacked).is_ok();
        if !is_whole || unpacked.len() > rest {
            self.is_complete = false;
            unpacked.truncate(rest);
        }
        self.unpacked += unpacked.len();
        unpacked
    }

    /// The files in a tar archive, and in those that follow it in `content`. Each has its range in `content`.
    fn files_of_tar(&mut self, content: &[u8]) -> Vec<(Vec<u8>, Range<usize>)> {
        let mut files = Vec::new();
        let mut long_name = None;
        let mut has_ended = false;
        let mut place = 0;
        while place < content.len() {
            let start = place + BLOCK;
            let header = &content[place..start.min(content.len())];
            // A block of zeros ends the archive. Another archive may follow: `tar --ignore-zeros` unpacks that one too.
            if header.iter().all(|&byte| byte == 0) {
                has_ended = true;
                place = start;
                continue;
            }
            if header.len() < BLOCK || (has_ended && !is_tar(header)) {
                self.is_complete = false;
                return files;
            }
            has_ended = false;
            let end = length_in(header).and_then(|length| start.checked_add(length));
            let Some(end) = end.filter(|&end| end <= content.len()) else {
                self.is_complete = false;
                return files;
            };
            match header[156] {
                b'L' => long_name = Some(until_zero(&content[start..end]).to_vec()),
                b'x' => long_name = path_in_records(&content[start..end]),
                b'0' | b'7' | 0 => {
                    if files.len() == MOST_FILES {
                        self.is_complete = false;
                        return files;
                    }
                    let name = long_name.take().unwrap_or_else(|| name_in(header));
                    files.push((name, start..end));
                }
                // Records for all files, and the long target of a link.
                b'g' | b'K' => {}
                // A sparse file, part of a file from another volume, or an unknown kind. Links, devices and folders have no content:
                // for those that claim to have some, programs do not agree whether it follows.
                _ => {
                    // A long name before it is its own, not that of the next file.
                    long_name = None;
                    self.is_complete &= end == start;
                }
            }
            place = start + (end - start).next_multiple_of(BLOCK);
        }
        files
    }
}

fn is_tar(content: &[u8]) -> bool {
    content.len() >= BLOCK && content[257..].starts_with(b"ustar")
}

fn is_packed_otherwise(content: &[u8]) -> bool {
    OTHERS
        .iter()
        .any(|beginning| content.starts_with(beginning))
}

/// The name of the file in a `.gz`: without this ending. A `.tgz` keeps its name.
fn without_ending(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".gz").unwrap_or(name)
}

/// The length of a file, from octal digits in its header.
fn length_in(header: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(until_zero(&header[124..136])).ok()?;
    usize::from_str_radix(digits.trim(), 8).ok()
}

fn name_in(header: &[u8]) -> Vec<u8> {
    let (folder, name) = (until_zero(&header[345..500]), until_zero(&header[..100]));
    if folder.is_empty() {
        name.to_vec()
    } else {
        [folder, name].join(&b'/')
    }
}

/// The path in the pax records before a file: a line `<length> path=<path>`.
fn path_in_records(records: &[u8]) -> Option<Vec<u8>> {
    let mut lines = records.split(|&byte| byte == b'\n');
    lines.find_map(|line| {
        let blank = line.iter().position(|&byte| byte == b' ')?;
        Some(line[blank + 1..].strip_prefix(b"path=")?.to_vec())
    })
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(content).expect("memory");
        packer.finish().expect("memory")
    }

    fn tar(name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = vec![0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[156] = b'0';
        header[257..262].copy_from_slice(b"ustar");
        header.extend_from_slice(content);
        header.resize(header.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
        header
    }

    fn looked_at(content: &[u8], name: &str) -> (Vec<(String, usize)>, bool) {
        let mut files = Vec::new();
        let is_complete = look_into(content, name.as_bytes(), &mut |name, content| {
            files.push((String::from_utf8_lossy(name).into_owned(), content.len()));
        });
        (files, is_complete)
    }

    #[test]
    fn files_are_found_in_archives_in_archives() {
        let inner = tar("app.env", b"PASSWORD=x\n");
        let outer = gzip(&tar("deep/inner.tar", &inner));
        let expected = (vec![("app.env".to_owned(), 11)], true);
        assert_eq!(looked_at(&outer, "all.tar.gz"), expected);
        let single = gzip(b"text");
        let expected = (vec![("a.sql".to_owned(), 4)], true);
        assert_eq!(looked_at(&single, "a.sql.gz"), expected);
        assert_eq!(looked_at(b"text", "a.txt"), (vec![], true));
    }

    #[test]
    fn archives_one_after_another_are_all_read() {
        let two = [tar("a", b"one"), tar("b", b"second")].concat();
        let expected = vec![("a".to_owned(), 3), ("b".to_owned(), 6)];
        assert_eq!(looked_at(&two, "two.tar"), (expected, true));
        let first = vec![("a".to_owned(), 3)];
        for (rest, is_complete) in [
            (vec![0; 7 * BLOCK + 10], true),
            (b"PASSWORD=x\n".to_vec(), false),
            (vec![b'x'; BLOCK], false),
        ] {
            let longer = [tar("a", b"one"), rest].concat();
            let expected = (first.clone(), is_complete);
            assert_eq!(looked_at(&longer, "longer.tar"), expected);
        }
        // The archive may end with its last member, without blocks of zeros.
        let bare = &tar("a", b"one")[..BLOCK + 3];
        assert_eq!(looked_at(bare, "bare.tar"), (first, true));
    }

    #[test]
    fn members_of_every_kind_are_read_or_missed() {
        let file = (vec![("a".to_owned(), 3)], true);
        for (kind, content, expected) in [
            (b'0', "one", file.clone()),
            (b'7', "one", file),
            // A sparse file.
            (b'S', "one", (vec![], false)),
            // A folder, the label of a volume, and records for all files.
            (b'5', "", (vec![], true)),
            // A link and a folder that claim to have content.
            (b'1', "one", (vec![], false)),
            (b'5', "one", (vec![], false)),
            (b'V', "", (vec![], true)),
            (b'g', "14 comment=ab\n", (vec![], true)),
        ] {
            let mut archive = tar("a", content.as_bytes());
            archive[156] = kind;
            assert_eq!(looked_at(&archive, "a.tar"), expected, "{kind}");
        }
    }

    #[test]
    fn a_long_name_is_that_of_the_next_member_alone() {
        let member = |kind: u8, name: &str, content: &str| {
            let mut archive = tar(name, content.as_bytes());
            archive[156] = kind;
            archive.truncate(archive.len() - 2 * BLOCK);
            archive
        };
        let file = member(b'0', "a", "one");
        for (kind, path) in [(b'L', "long/er\0"), (b'x', "16 path=long/er\n")] {
            let path = member(kind, "././@LongLink", path);
            let longer = [path.clone(), file.clone()].concat();
            let expected = vec![("long/er".to_owned(), 3)];
            assert_eq!(looked_at(&longer, "a.tar"), (expected, true));
            for other in [b'5', b'2', b'S'] {
                let before = [path.clone(), member(other, "b", ""), file.clone()].concat();
                let expected = vec![("a".to_owned(), 3)];
                assert_eq!(looked_at(&before, "a.tar"), (expected, true), "{other}");
            }
        }
    }

    #[test]
    fn what_is_too_deep_too_large_or_broken_is_not_complete() {
        let deep = (0..4).fold(b"text".to_vec(), |content, _| gzip(&content));
        assert_eq!(looked_at(&deep, "deep.gz"), (vec![], false));
        let bomb = gzip(&vec![b'a'; MOST_UNPACKED + 1]);
        let expected = (vec![("bomb".to_owned(), MOST_UNPACKED)], false);
        assert_eq!(looked_at(&bomb, "bomb.gz"), expected);
        let whole = gzip(b"a text that is long enough to be cut in two");
        assert!(!looked_at(&whole[..whole.len() - 6], "cut.gz").1);
        let mut lying = tar("a", b"text");
        lying[124..135].copy_from_slice(b"77777777777");
        assert_eq!(looked_at(&lying, "a.tar"), (vec![], false));
        assert_eq!(looked_at(b"PK\x03\x04...", "a.zip"), (vec![], false));
        for length in 0..lying.len() {
            looked_at(&lying[..length], "part.tar");
        }
    }
}
