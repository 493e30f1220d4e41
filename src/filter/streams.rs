//! stdin and stdout without the buffers of the standard library, which are never wiped.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long to poll for the next piece before blocking: longer than Git takes to store a small file.
const AWAKE: Duration = Duration::from_micros(200);

/// stdin that is polled for a moment before a read blocks.
struct AwaitedInput(File);

/// stdin.
pub(crate) fn standard_input() -> io::Result<impl Read + Send> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// stdin for the exchange with Git: before a read blocks, the next piece is polled for a moment.
///
/// Git sends each file in seven small pieces. Waking up for each of them costs both processes more than the file
/// itself, above all if they run on different processors.
pub fn awaited_input() -> io::Result<impl Read + Send> {
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(AwaitedInput(File::from(input)))
}

/// stdout.
pub fn standard_output() -> io::Result<impl Write> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

impl Read for AwaitedInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let begin = Instant::now();
        while poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&at_once)) == Ok(0)
            && begin.elapsed() < AWAKE
        {
            // On a machine with one processor, Git can only write while this process yields.
            std::thread::yield_now();
        }
        self.0.read(buffer)
    }
}
