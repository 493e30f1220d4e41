//! Limits on what is read from outside: the daemon's responses, and the docker client's files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// Maximum length in bytes of a file of the docker client.
const LONGEST_FILE: u64 = 4 << 20;

/// The limits of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestLimits {
    /// Maximum time to wait for a response.
    pub(crate) time: Duration,
    /// Maximum length of a response in bytes.
    pub(crate) length: usize,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            // Longer than 20 s, the time after which a manager fails a request for which it finds no majority.
            time: Duration::from_secs(30),
            // Listings contain all configs. Swarm keeps those in its managers' memory, which in practice limits them to far
            // less.
            length: 256 << 20,
        }
    }
}

/// Reads a whole file. An error if it is too long.
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
