//! What can be typed: one file a verb, with its arguments, their help texts and its run.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::failure::{Failure, FailureKind};
use crate::terminal::Terminal;

/// Encrypts files in Git as git-crypt does, and brings a stack's files to the Swarm as secrets and configs named by
/// their content.
#[derive(Parser)]
#[command(name = "hs-secrets", version, disable_help_subcommand = false)]
struct Program {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {}

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Exit code 0.
    #[expect(dead_code, reason = "no verb yet")]
    Done,
    /// Something is to be done or was found: exit code 3.
    #[expect(dead_code, reason = "no verb yet")]
    Found,
}

/// Runs the program on its `arguments`, the first of them its own name, and returns its exit code.
pub fn run_program(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let program = program_name(arguments.first());
    let terminal = Terminal::new(
        program,
        std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
    );
    let matches = Program::command()
        .name(program)
        .bin_name(program)
        .try_get_matches_from(arguments);
    let parsed = matches.and_then(|matches| Program::from_arg_matches(&matches));
    let result = match parsed {
        Ok(parsed) => parsed.command.run(&terminal),
        Err(help_or_error) => {
            // A closed output is no reason for another error.
            let _ = help_or_error.print();
            return ExitCode::from(help_or_error.exit_code() as u8);
        }
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(3),
        Err(failure) => report(&terminal, &failure),
    }
}

impl Verb {
    fn run(self, _terminal: &Terminal) -> Result<Outcome, Failure> {
        match self {}
    }
}

/// `git-crypt` where the program was called through a link of that name, else its own name.
fn program_name(called_as: Option<&OsString>) -> &'static str {
    match called_as.and_then(|name| Path::new(name).file_stem()) {
        Some(name) if name == "git-crypt" => "git-crypt",
        _ => "hs-secrets",
    }
}

fn report(terminal: &Terminal, failure: &Failure) -> ExitCode {
    match failure.kind() {
        FailureKind::BrokenPipe => return ExitCode::SUCCESS,
        FailureKind::Usage | FailureKind::Failed => terminal.error(failure),
    }
    for hint in failure.hints() {
        terminal.hint(hint);
    }
    ExitCode::from(if failure.kind() == FailureKind::Usage {
        2
    } else {
        1
    })
}
