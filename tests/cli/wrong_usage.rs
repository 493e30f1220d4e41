//! Arguments that can't be understood cause an error in the usual form, with clap's advice.

use crate::harness::sandbox::Sandbox;

#[test]
fn wrong_usage_is_an_error_as_any_other_and_its_hints_say_what_is_right() {
    let sandbox = Sandbox::new();
    let here = sandbox.path("");
    for (line, says) in [
        (
            "ini",
            "\
hs-secrets: error: unrecognized subcommand 'ini'
hs-secrets: hint: a similar subcommand exists: 'init'
hs-secrets: hint: Usage: hs-secrets <COMMAND>
hs-secrets: hint: For more information, try '--help'.
",
        ),
        (
            "migrate-key",
            "\
hs-secrets: error: the following required arguments were not provided: <OLD> <NEW>
hs-secrets: hint: Usage: hs-secrets migrate-key <OLD> <NEW>
hs-secrets: hint: For more information, try '--help'.
",
        ),
        (
            "prune --keep x",
            "\
hs-secrets: error: invalid value 'x' for '--keep <NUMBER>': invalid digit found in string
hs-secrets: hint: For more information, try '--help'.
",
        ),
    ] {
        let run = sandbox.hs(&here, line.split(' ')).ends_with(2);
        assert_eq!(run.stderr, says);
        assert_eq!(run.text(), "");
    }
    // Line ends and escape sequences in an argument must not forge output on the terminal.
    let run = sandbox.hs(&here, ["x\n\nhs-secrets: error: y\u{1b}[31m"]);
    for line in run.ends_with(2).stderr.lines() {
        let ours = ["hs-secrets: error: unrec", "hs-secrets: hint: "];
        assert!(ours.iter().any(|start| line.starts_with(start)), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn help_and_version_are_results_and_no_command_is_none() {
    let sandbox = Sandbox::new();
    let here = sandbox.path("");
    for asked in ["--help", "-h", "help", "--version", "-V", "init --help"] {
        let run = sandbox.hs(&here, asked.split(' ')).succeeds();
        assert!(!run.stdout.is_empty() && run.stderr.is_empty(), "{asked}");
    }
    let run = sandbox.hs(&here, [""; 0]).ends_with(2);
    assert!(run.stderr.contains("\nUsage: hs-secrets <COMMAND>\n"));
    assert_eq!(run.text(), "");
}
