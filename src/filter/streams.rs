//! Standard input and output without the standard library's buffers, which are never wiped.

use std::io::{Read, Write};
#[cfg(unix)]
use std::time::{Duration, Instant};

/// So long is the next piece waited for before this program goes to sleep: longer than Git takes to store a small file.
#[cfg(unix)]
const AWAKE: Duration = Duration::from_micros(200);

#[cfg(unix)]
struct AwaitedInput(std::fs::File);

/// Standard input.
#[cfg(unix)]
pub(crate) fn standard_input() -> std::io::Result<impl Read + Send> {
    use std::os::fd::AsFd;
    Ok(std::fs::File::from(
        std::io::stdin().as_fd().try_clone_to_owned()?,
    ))
}

/// Standard input of a conversation: what is about to come is waited for awake, for a moment.
///
/// Git sends each file in seven small pieces. To be woken for every one costs both programs more than the file itself,
/// most of all where they run on different processors.
#[cfg(unix)]
pub fn awaited_input() -> std::io::Result<impl Read + Send> {
    use std::os::fd::AsFd;
    let input = std::io::stdin().as_fd().try_clone_to_owned()?;
    Ok(AwaitedInput(std::fs::File::from(input)))
}

/// Standard output.
#[cfg(unix)]
pub fn standard_output() -> std::io::Result<impl Write> {
    use std::os::fd::AsFd;
    Ok(std::fs::File::from(
        std::io::stdout().as_fd().try_clone_to_owned()?,
    ))
}

/// Standard input of a conversation.
#[cfg(not(unix))]
pub fn awaited_input() -> std::io::Result<impl Read + Send> {
    standard_input()
}

/// Standard input.
#[cfg(not(unix))]
pub fn standard_input() -> std::io::Result<impl Read + Send> {
    Ok(std::io::stdin())
}

/// Standard output.
#[cfg(not(unix))]
pub fn standard_output() -> std::io::Result<impl Write> {
    Ok(std::io::stdout())
}

#[cfg(unix)]
impl Read for AwaitedInput {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
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
