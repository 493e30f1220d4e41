//! Runs programs that ask questions on a terminal. `script` provides the terminal, and each answer is typed when its
//! question has appeared.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::sandbox::{Run, Sandbox};

/// Runs a command line in a terminal and types each answer after its question has appeared.
///
/// Fails if an answer is shown in the output, since typed secrets must not be shown.
#[track_caller]
pub fn run_answering(
    sandbox: &Sandbox,
    directory: &Path,
    command_line: &str,
    answers: &[(&str, &str)],
) -> Run {
    let mut command: Command = sandbox.command(directory, "script");
    command
        .args([
            "--quiet",
            "--return",
            "--echo",
            "never",
            "--command",
            command_line,
            "/dev/null",
        ])
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .expect("this test needs the real script: apt-get install bsdutils");
    let mut stdin = child.stdin.take().expect("piped");
    let mut stdout = child.stdout.take().expect("piped");
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    let mut seen = 0;
    let mut answers = answers.iter();
    let mut awaited = answers.next();
    loop {
        let length = stdout
            .read(&mut buffer)
            .expect("a terminal that can be read");
        if length == 0 {
            break;
        }
        shown.extend_from_slice(&buffer[..length]);
        while let Some((question, answer)) = awaited {
            let text = String::from_utf8_lossy(&shown[seen..]).into_owned();
            if !text.contains(question) {
                break;
            }
            seen = shown.len();
            writeln!(stdin, "{answer}").expect("somebody listens");
            awaited = answers.next();
        }
    }
    let status = child.wait().expect("an end");
    let text = String::from_utf8_lossy(&shown).into_owned();
    assert!(awaited.is_none(), "was not asked {awaited:?}: {text}");
    Run {
        command: command_line.to_owned(),
        code: status.code().unwrap_or(super::sandbox::ENDED_BY_SIGNAL),
        stdout: Vec::new(),
        stderr: text.replace("\r\n", "\n"),
    }
}
