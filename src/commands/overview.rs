//! The overview that `help` prints: all commands, in groups.

use std::fmt::Write;

use clap::Command;

/// The groups of commands, each with its heading. Commands that only Git calls are in no group.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Repository",
        &["init", "unlock", "lock", "status", "doctor", "refresh"],
    ),
    (
        "People and keys",
        &[
            "add-gpg-user",
            "rm-gpg-user",
            "add-age-user",
            "rm-age-user",
            "ls-users",
            "rotate-key",
            "export-key",
            "keygen",
            "migrate-key",
        ],
    ),
    ("Leaks", &["check", "install-hooks"]),
    (
        "Swarm",
        &[
            "plan", "deploy", "rollback", "sync", "prune", "ls", "env", "render", "serve",
        ],
    ),
    ("This program", &["completions", "version", "help"]),
];

/// Makes the help of `program` list its commands in groups.
pub(super) fn with_grouped_commands(program: Command) -> Command {
    let header = *program.get_styles().get_header();
    let literal = *program.get_styles().get_literal();
    let mut template = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (heading, names) in GROUPS {
        if !names.iter().any(|name| is_there(&program, name)) {
            continue;
        }
        let _ = write!(template, "\n{header}{heading}:{header:#}\n");
        for name in names {
            let summary = summary_of(&program, name);
            let _ = writeln!(template, "  {literal}{name:<13}{literal:#}  {summary}");
        }
    }
    let _ = write!(template, "\n{header}Options:{header:#}\n{{options}}");
    let _ = write!(
        template,
        "\n\nMore about one of them: {literal}hs-secrets help COMMAND{literal:#}"
    );
    program.help_template(template)
}

/// True if `verb`, which this build does not know, is a command of builds with the feature `swarm`.
pub(super) fn is_left_out(verb: &str) -> bool {
    let all = GROUPS.iter().flat_map(|(_, names)| *names);
    cfg!(not(feature = "swarm")) && all.copied().any(|name| name == verb)
}

/// False for a command that this build leaves out.
fn is_there(program: &Command, name: &str) -> bool {
    cfg!(feature = "swarm") || program.find_subcommand(name).is_some()
}

/// The first line of a command's help. The command `help` itself comes from clap.
fn summary_of(program: &Command, name: &str) -> String {
    match program.find_subcommand(name) {
        Some(command) => command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default(),
        None => "Print this overview, or the help of a command".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Maximum length of a line, as for all help texts.
    const WIDTH: usize = 100;

    #[test]
    fn each_command_is_in_one_group_and_has_one_line() {
        let program = crate::commands::command();
        let mut listed: Vec<&str> = GROUPS
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        listed.retain(|name| *name != "help");
        listed.sort_unstable();
        let shown = program.get_subcommands().filter(|verb| !verb.is_hide_set());
        let mut shown: Vec<&str> = shown.map(Command::get_name).collect();
        shown.sort_unstable();
        assert_eq!(listed, shown);
        for name in listed {
            let summary = summary_of(&program, name);
            assert!(
                !summary.is_empty() && summary.len() + 17 <= WIDTH,
                "{name}: {summary}"
            );
        }
    }
}
