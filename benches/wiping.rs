//! How long it takes to wipe what a file has left behind: `wiping FILES LENGTH` prints seconds.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use hs_secrets::internals::{wipe, wipe_stack};

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse());
    let mut next = || numbers.next().ok_or("two numbers, please");
    let (files, length): (usize, usize) = (next()??, next()??);
    // A content lies in the buffer of what was read, and in that of what is written.
    let mut buffers = [vec![1; length], vec![1; length]];
    let begin = Instant::now();
    for _ in 0..files {
        for buffer in black_box(&mut buffers) {
            wipe(buffer);
        }
        wipe_stack();
    }
    writeln!(io::stdout(), "{:.6}", begin.elapsed().as_secs_f64())?;
    Ok(())
}
