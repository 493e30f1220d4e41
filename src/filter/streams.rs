//! Standard input and output without the standard library's buffers, which are never wiped.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long the next piece is waited for before this program goes to sleep: longer than Git takes to store a small file.
const AWAKE: Duration = Duration::from_micros(200);

/// Standard input of a conversation.
struct AwaitedInput(File);

/// Standard input.
pub(crate) fn standard_input() -> io::Result<impl Read + Send> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Standard input of a conversation: for a moment, this program stays awake for what is about to come.
///
/// Git sends each file in seven small pieces. To be woken for every one costs both programs more than the file itself,
/// most of all if they run on different processors.
pub fn awaited_input() -> io::Result<impl Read + Send> {
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(AwaitedInput(File::from(input)))
}

/// Standard output.
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
            // On a single processor, Git can only write while this program rests.
            std::thread::yield_now();
        }
        self.0.read(buffer)
    }
}
