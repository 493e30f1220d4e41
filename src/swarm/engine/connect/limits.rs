//! Limits on what is read on the way to a daemon: its answers, the docker client's files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// Maximum length in bytes of a file of the docker client's.
const LONGEST_FILE: u64 = 4 << 20;

/// The limits of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestLimits {
    /// Maximum time for an answer.
    pub(crate) time: Duration,
    /// Maximum length of an answer in bytes.
    pub(crate) length: usize,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            // Longer than the 20 s after which a manager gives up a request that finds no majority.
            time: Duration::from_secs(30),
            // Listings have the content of all configs. Swarm keeps them in its managers' memory, and is not made for as much.
            length: 256 << 20,
        }
    }
}

/// Reads a file whole, unless it is too long.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_FILE {
        let words = format!("it has more than {} MiB", LONGEST_FILE >> 20);
        return Err(io::Error::other(words));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_never_ends_is_refused() {
        let refused = read_file(Path::new("/dev/zero")).expect_err("it never ends");
        assert_eq!(refused.to_string(), "it has more than 4 MiB");
    }
}
