//! Standard input and output without the standard library's buffers, which are never wiped.

use std::io::{Read, Write};

/// Standard input.
#[cfg(unix)]
pub fn standard_input() -> std::io::Result<impl Read + Send> {
    use std::os::fd::AsFd;
    Ok(std::fs::File::from(
        std::io::stdin().as_fd().try_clone_to_owned()?,
    ))
}

/// Standard output.
#[cfg(unix)]
pub fn standard_output() -> std::io::Result<impl Write> {
    use std::os::fd::AsFd;
    Ok(std::fs::File::from(
        std::io::stdout().as_fd().try_clone_to_owned()?,
    ))
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
