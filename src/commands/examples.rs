//! Examples at the end of the help of each command. `check` has examples of its own.

use clap::Command;

use super::overview::is_left_out;

/// The examples of each command, each with its effect unless the command says that itself.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "init",
        &[
            ("hs-secrets init", ""),
            (
                "hs-secrets init -k ops",
                "a key of its own, for the attribute git-crypt-ops",
            ),
        ],
    ),
    (
        "unlock",
        &[
            ("hs-secrets unlock", "with your GPG or SSH key"),
            ("hs-secrets unlock ~/home-lab.key", "with a key file"),
            ("hs-secrets unlock -i ~/age.txt", "with an age key"),
        ],
    ),
    ("lock", &[("hs-secrets lock", "")]),
    (
        "status",
        &[
            ("hs-secrets status", ""),
            ("hs-secrets status --short", "only what is wrong"),
        ],
    ),
    ("doctor", &[("hs-secrets doctor", "")]),
    ("refresh", &[("hs-secrets refresh", "")]),
    (
        "rotate-key",
        &[(
            "hs-secrets rotate-key --commit",
            "after rm-age-user or rm-gpg-user",
        )],
    ),
    (
        "add-gpg-user",
        &[("hs-secrets add-gpg-user bob@example.org", "")],
    ),
    (
        "rm-gpg-user",
        &[("hs-secrets rm-gpg-user bob@example.org", "")],
    ),
    (
        "add-age-user",
        &[
            ("hs-secrets add-age-user --name alice age1…", ""),
            (
                "hs-secrets add-age-user --recipients-file ~/.ssh/id_ed25519.pub",
                "an SSH key",
            ),
        ],
    ),
    ("rm-age-user", &[("hs-secrets rm-age-user alice", "")]),
    ("ls-users", &[("hs-secrets ls-users", "")]),
    (
        "export-key",
        &[
            (
                "hs-secrets export-key ~/home-lab.key",
                "to a place with a backup",
            ),
            (
                "hs-secrets export-key --base64 -",
                "a line for a variable of a CI",
            ),
        ],
    ),
    (
        "keygen",
        &[("hs-secrets keygen new.key", "for `init --key-file new.key`")],
    ),
    (
        "migrate-key",
        &[("hs-secrets migrate-key old.key new.key", "")],
    ),
    ("install-hooks", &[("hs-secrets install-hooks", "")]),
    (
        "completions",
        &[
            (
                "hs-secrets completions bash > /etc/bash_completion.d/hs-secrets",
                "",
            ),
            (
                "hs-secrets completions zsh > ~/.zfunc/_hs-secrets",
                "with ~/.zfunc in fpath",
            ),
            (
                "hs-secrets completions fish > ~/.config/fish/completions/hs-secrets.fish",
                "",
            ),
        ],
    ),
    (
        "plan",
        &[
            ("hs-secrets plan web", ""),
            ("hs-secrets plan --rev main", "all stacks, as main has them"),
        ],
    ),
    (
        "sync",
        &[
            ("hs-secrets sync web", ""),
            ("hs-secrets sync --dry-run", "all stacks, without doing it"),
        ],
    ),
    (
        "deploy",
        &[
            ("hs-secrets deploy web", ""),
            (
                "hs-secrets deploy web --rev v1.2 -- --with-registry-auth",
                "a tag, with an option for docker",
            ),
        ],
    ),
    (
        "rollback",
        &[
            ("hs-secrets rollback web", "to the commit before"),
            ("hs-secrets rollback web --to HEAD~3", ""),
        ],
    ),
    (
        "prune",
        &[
            ("hs-secrets prune web --dry-run", "what would be removed"),
            (
                "hs-secrets prune --foreign 'web_*'",
                "what another tool has left",
            ),
        ],
    ),
    ("ls", &[("hs-secrets ls web", "")]),
    (
        "env",
        &[(
            "eval \"$(hs-secrets env --export web)\"",
            "for your own `docker stack deploy`",
        )],
    ),
    (
        "render",
        &[(
            "hs-secrets render web | docker stack deploy -c - web",
            "after `sync web`",
        )],
    ),
    (
        "serve",
        &[
            ("hs-secrets serve --config serve.toml", ""),
            (
                "hs-secrets serve --config serve.toml --check",
                "only look at what the settings name",
            ),
        ],
    ),
    ("version", &[("hs-secrets version", "")]),
    (
        "clean",
        &[("hs-secrets clean < api.key", "as Git stores it")],
    ),
    (
        "smudge",
        &[("git cat-file blob HEAD:api.key | hs-secrets smudge", "")],
    ),
    ("diff", &[("hs-secrets diff api.key", "")]),
    (
        "merge",
        &[(
            "hs-secrets merge %O %A %B %L %P %S %X %Y",
            "in Git's configuration, with a 7 for %L",
        )],
    ),
    (
        "filter-process",
        &[(
            "git config filter.git-crypt.process 'hs-secrets filter-process'",
            "as `unlock` sets it",
        )],
    ),
];

/// Adds the examples to the help of each command.
pub(super) fn with_examples(mut program: Command) -> Command {
    for (name, examples) in EXAMPLES {
        if is_left_out(name) && program.find_subcommand(name).is_none() {
            continue;
        }
        let width = examples.iter().map(|(line, _)| line.len()).max();
        let width = width.unwrap_or_default().min(WIDEST);
        let heading = if examples.len() == 1 {
            "Example"
        } else {
            "Examples"
        };
        let mut text = format!("{heading}:");
        for (line, effect) in *examples {
            let written = format!("\n  {line:<width$}  {effect}");
            text.push_str(written.trim_end_matches(' '));
        }
        program = program.mut_subcommand(name, |command| {
            let more = command.get_after_long_help().map(ToString::to_string);
            let command = command.after_help(text.clone());
            match more {
                Some(more) => command.after_long_help(format!("{text}\n\n{more}")),
                None => command,
            }
        });
    }
    program
}

/// Maximum width of the column of commands. The effects of longer commands are not aligned.
const WIDEST: usize = 60;

#[cfg(test)]
mod tests {
    use crate::commands::command;

    #[test]
    fn each_command_has_an_example_and_each_example_is_a_command() {
        let mut program = command();
        program.build();
        let names: Vec<String> = program
            .get_subcommands()
            .map(|verb| verb.get_name().to_owned())
            .filter(|name| name != "help")
            .collect();
        for name in names {
            let verb = program.find_subcommand_mut(&name).expect("it is listed");
            let long = verb.render_long_help().to_string();
            assert!(long.contains("\nExample"), "{name}: {long}");
            let help = verb.render_help().to_string();
            let (_, examples) = help
                .split_once("\nExample")
                .unwrap_or_else(|| panic!("{name} has no example: {help}"));
            let lines: Vec<&str> = examples
                .lines()
                .skip(1)
                .take_while(|line| line.starts_with("  "))
                .collect();
            assert!(!lines.is_empty(), "{name}");
            for line in lines {
                assert_parses(&name, line);
            }
        }
    }

    /// Asserts that the part of `line` from this program's name on is a valid command of `verb`.
    #[track_caller]
    fn assert_parses(verb: &str, line: &str) {
        let start = line.find("hs-secrets").expect("this program");
        let (words, ends) = (&line[start..], ["  ", " > ", " | ", " < ", ")\"", "' "]);
        let end = ends.iter().filter_map(|end| words.find(end)).min();
        let words = words[..end.unwrap_or(words.len())].replace("%L", "7");
        let words = words.split(' ').map(|word| word.trim_matches('\''));
        let parsed = command().try_get_matches_from(words);
        let parsed = parsed.unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(parsed.subcommand_name(), Some(verb), "{line}");
    }
}
