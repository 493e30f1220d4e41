//! Everything that can be typed: one file a verb, with its arguments, their help texts and its run.

mod arguments;
mod completing;
mod crypt;
mod doctor;
mod examples;
mod filters;
mod leaks;
mod lookups;
mod merge;
mod overview;
mod people;
#[cfg(feature = "swarm")]
mod serve;
#[cfg(feature = "swarm")]
mod stacks;
#[cfg(feature = "swarm")]
mod swarm;

pub use arguments::EXIT_CODES;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use arguments::{
    CompletionsArgs, Context, Interrupt, KeyOption, Outcome, VersionArgs, WRONG_USAGE,
};
use completing::with_completers;
use examples::with_examples;
use overview::{is_left_out, with_grouped_commands};

use crate::failure::{Failure, FailureKind};
use crate::keyring::repeats_key;
use crate::terminal::Terminal;

/// Encrypts files in Git as git-crypt does, and brings a stack's files to the Swarm as secrets and configs named by
/// their content.
#[derive(Parser)]
#[command(name = "hs-secrets", version, args_override_self = true)]
struct Program {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Init(crypt::InitArgs),
    Unlock(crypt::UnlockArgs),
    Lock(crypt::LockArgs),
    Status(crypt::StatusArgs),
    Doctor(doctor::DoctorArgs),
    Refresh(crypt::RefreshArgs),
    RotateKey(people::RotateKeyArgs),
    AddGpgUser(people::AddGpgUserArgs),
    RmGpgUser(people::RmGpgUserArgs),
    #[command(alias = "add-ssh-user")]
    AddAgeUser(people::AddAgeUserArgs),
    #[command(alias = "rm-ssh-user")]
    RmAgeUser(people::RmAgeUserArgs),
    // git-crypt's own word for it; the others are listed as well.
    #[command(alias = "ls-gpg-users")]
    LsUsers(people::LsUsersArgs),
    ExportKey(crypt::ExportKeyArgs),
    Keygen(crypt::KeygenArgs),
    MigrateKey(crypt::MigrateKeyArgs),
    Check(leaks::CheckArgs),
    InstallHooks(leaks::InstallHooksArgs),
    Completions(CompletionsArgs),
    #[cfg(feature = "swarm")]
    #[command(flatten)]
    Swarm(swarm::SwarmVerb),
    Version(VersionArgs),
    #[command(hide = true)]
    Clean(filters::CleanArgs),
    #[command(hide = true)]
    Smudge(filters::SmudgeArgs),
    #[command(hide = true)]
    Diff(filters::DiffArgs),
    #[command(hide = true)]
    Merge(merge::MergeArgs),
    #[command(hide = true)]
    FilterProcess(filters::FilterProcessArgs),
}

/// Runs the program on its `arguments`, the first of them its own name, and returns its exit code.
pub fn run_program(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    lookups::keep_to_what_is_built_in();
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let called_as = arguments
        .first()
        .cloned()
        .unwrap_or_else(|| "hs-secrets".into());
    let program = program_name(&called_as);
    let verb = arguments.get(1).cloned().unwrap_or_default();
    if program == "git-crypt" && verb == "version" {
        // git-crypt takes no notice of what follows.
        arguments.truncate(2);
    }
    if completing::complete(&arguments, command) {
        return ExitCode::SUCCESS;
    }
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let terminal = Terminal::new(program, no_colour);
    let parsed = command()
        .name(program)
        .bin_name(program)
        .version(arguments::version_of(program))
        .try_get_matches_from(&arguments);
    let parsed = match parsed.and_then(|matches| Program::from_arg_matches(&matches)) {
        Ok(parsed) => parsed,
        Err(help_or_error) => {
            report_usage(&terminal, &help_or_error, &arguments);
            return ExitCode::from(match (help_or_error.exit_code(), program) {
                (0, _) => 0,
                // git-crypt takes any word after `unlock` for a key file, and one after `help` for a command.
                (_, "git-crypt") if verb == "help" || verb == "unlock" => 1,
                _ => WRONG_USAGE,
            });
        }
    };
    let context = Context {
        terminal,
        directory: PathBuf::from("."),
        called_as,
    };
    match parsed.command.run(&context) {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            report(&context.terminal, &failure, &arguments);
            arguments::code_of(&failure)
        }
    }
}

/// The tree of all commands, for manual pages and completions.
pub fn command() -> clap::Command {
    with_completers(with_examples(with_grouped_commands(Program::command())))
}

impl Verb {
    fn run(self, context: &Context) -> Result<Outcome, Failure> {
        match self {
            Self::Init(args) => args.run(context),
            Self::Unlock(args) => args.run(context),
            Self::Lock(args) => args.run(context),
            Self::Refresh(args) => args.run(context),
            Self::RotateKey(args) => args.run(context),
            Self::Status(args) => args.run(context),
            Self::Doctor(args) => args.run(context),
            Self::AddGpgUser(args) => args.run(context),
            Self::RmGpgUser(args) => args.run(context),
            Self::AddAgeUser(args) => args.run(context),
            Self::RmAgeUser(args) => args.run(context),
            Self::LsUsers(args) => args.run(context),
            Self::ExportKey(args) => args.run(context),
            Self::Keygen(args) => args.run(context),
            Self::MigrateKey(args) => args.run(context),
            Self::Check(args) => args.run(context),
            Self::InstallHooks(args) => args.run(context),
            Self::Completions(args) => args.run(context),
            #[cfg(feature = "swarm")]
            Self::Swarm(verb) => verb.run(context),
            Self::Version(args) => args.run(context),
            Self::Clean(args) => args.run(),
            Self::Smudge(args) => args.run(context),
            Self::Diff(args) => args.run(context),
            Self::Merge(args) => args.run(context),
            Self::FilterProcess(args) => args.run(context),
        }
    }
}

/// `git-crypt` if the program was called through a link of that name, else its own name.
fn program_name(called_as: &OsString) -> &'static str {
    match Path::new(called_as).file_stem() {
        Some(name) if name == "git-crypt" => "git-crypt",
        _ => "hs-secrets",
    }
}

/// Prints help and version as clap writes them. Says in the one voice how the usage is wrong, and what clap advises.
fn report_usage(terminal: &Terminal, error: &clap::Error, arguments: &[OsString]) {
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if error.exit_code() == 0 || is_help {
        // A closed output is no reason for another error.
        let _ = error.print();
        return;
    }
    let text = error.render().to_string();
    if repeats_key(&text, arguments.iter().map(OsString::as_os_str)) {
        return report_repeated_key(terminal);
    }
    let (wrong, advice) = text.split_once("\n\n").unwrap_or((&text, ""));
    let wrong: Vec<&str> = wrong.lines().map(str::trim).collect();
    terminal.error(wrong.join(" ").trim_start_matches("error: "));
    for line in advice
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        terminal.hint(line.trim_start_matches("tip: "));
    }
    let verb = arguments.get(1).and_then(|verb| verb.to_str());
    if error.kind() == ErrorKind::InvalidSubcommand && verb.is_some_and(is_left_out) {
        terminal.hint("this hs-secrets was built without the commands for a Swarm; the released packages have them, and so has a build with `--features swarm`");
    }
}

/// Says why a command failed, unless nobody listens any more.
fn report(terminal: &Terminal, failure: &Failure, arguments: &[OsString]) {
    if failure.kind() == FailureKind::BrokenPipe {
        return;
    }
    let error = failure.to_string();
    let mut texts = std::iter::once(&error).chain(failure.hints());
    let arguments = || arguments.iter().map(OsString::as_os_str);
    if texts.any(|text| repeats_key(text, arguments())) {
        return report_repeated_key(terminal);
    }
    for line in failure.lines() {
        terminal.error(line);
    }
    for hint in failure.hints() {
        terminal.hint(hint);
    }
}

/// Says that a key was typed, without repeating it.
fn report_repeated_key(terminal: &Terminal) {
    terminal.error("a secret key stands among the arguments, which end up in logs and histories");
    terminal.hint("name the file that holds it; where it was seen, it must be changed");
}
