//! The settings of `.hs-secrets.toml` for the manual, checked against what the program takes.

use clap_mangen::roff::{Roff, bold, roman};
use hs_secrets::internals::CheckSettings;
use hs_secrets::internals::Settings;

/// A table of the file as its header, with its settings: name, a value (the default, if there is one) and meaning.
type Table = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
);

const TABLES: [Table; 4] = [
    (
        "",
        &[
            (
                "version",
                "\"blob\"",
                "What the version in a name is made of: the id of the file's Git blob, or with \"md5\" the MD5 of its plaintext, for names that scripts around md5sum have made.",
            ),
            (
                "version-length",
                "32",
                "How many digits of it every name has, from 12 to 40 (with \"md5\" to 32). Where it is not set, as many as the rest of the name leaves room for, from 12 to 32.",
            ),
            (
                "keep",
                "1",
                "How many versions of an entry, the newest, stay besides the wanted one when stale ones are removed.",
            ),
            ("keep-secrets", "1", "As keep above, for secrets alone."),
            ("keep-configs", "1", "As keep above, for configs alone."),
            (
                "strip-newline",
                "false",
                "True to publish secrets of one line without the newline at their end. It gives all secrets new names. With false, plan does not warn of such newlines.",
            ),
        ],
    ),
    (
        "[stacks.NAME]",
        &[
            (
                "files",
                "[\"NAME/stack.yml\"]",
                "The files of a stack that is not found by convention, from the top of the repository; several are merged as docker does.",
            ),
            (
                "variables",
                "[\"NAME/secret/stack.env\"]",
                "Files of NAME=VALUE lines, which may be encrypted, for the variables in the stack's files. They are decrypted in memory; what the environment sets comes before them.",
            ),
            (
                "version",
                "\"blob\"",
                "As version above, for this stack alone.",
            ),
            (
                "version-length",
                "32",
                "As version-length above, for this stack alone.",
            ),
            (
                "strip-newline",
                "false",
                "As strip-newline above, for this stack alone.",
            ),
            ("keep", "1", "As keep above, for this stack alone."),
            (
                "keep-secrets",
                "1",
                "As keep above, for the secrets of this stack alone.",
            ),
            (
                "keep-configs",
                "1",
                "As keep above, for the configs of this stack alone.",
            ),
        ],
    ),
    (
        "[check]",
        &[(
            "baseline",
            "\".hs-secrets.baseline\"",
            "Where the leak check's baseline lies, from the top of the repository.",
        )],
    ),
    (
        "[[check.allow]]",
        &[
            (
                "rule",
                "\"token\"",
                "A rule of the leak check whose findings are no leaks here.",
            ),
            (
                "path",
                "\"docs/**\"",
                "The file or folder, from the top of the repository, with *, ** and ?.",
            ),
            ("reason", "\"invented\"", "Why; it must be given."),
        ],
    ),
];

/// The section of the manual page.
pub(crate) fn section() -> String {
    let mut section = Roff::new();
    section.control("SH", ["SETTINGS"]);
    section.text([roman(
        "All are optional, in .hs-secrets.toml at the top of the repository: read at the revision that is named, else in the work tree, and by the leak check as they are staged. An unknown setting is an error.",
    )]);
    for (header, settings) in TABLES {
        for (name, value, meaning) in settings {
            section.control("TP", []);
            let header = match header {
                "" => String::new(),
                header => format!("{header} "),
            };
            section.text([roman(header), bold(*name), roman(format!(" = {value}"))]);
            section.text([roman(*meaning)]);
        }
    }
    section.to_roff()
}

#[test]
fn the_manual_names_the_settings_that_there_are() {
    for (header, settings) in TABLES {
        let unknown = format!("{header}\nnonsense = 1\n");
        let refused = if header.contains("check") {
            let parsed = CheckSettings::parse(&unknown);
            parsed.expect_err(header).to_string()
        } else {
            Settings::parse(&unknown).expect_err(header).to_string()
        };
        let (_, expected) = refused.split_once("expected ").expect("what there is");
        // Every other piece between backticks is a name; those of tables have headers of their own.
        let names = expected.split('`').skip(1).step_by(2);
        let names = names.filter(|name| !["stacks", "check", "allow"].contains(name));
        let named: Vec<&str> = settings.iter().map(|(name, ..)| *name).collect();
        let mut there: Vec<&str> = names.collect();
        there.sort_by_key(|name| named.iter().position(|known| known == name));
        assert_eq!(there, named, "{refused}");
    }
}

#[test]
fn what_the_manual_shows_of_the_settings_can_be_used() {
    let mut text = String::new();
    for (header, settings) in TABLES {
        text += &format!("{header}\n");
        for (name, value, _) in settings {
            text += &format!("{name} = {value}\n");
        }
    }
    let settings = Settings::parse(&text).expect(&text);
    let default = Settings::default();
    assert_eq!(settings.scheme, default.scheme);
    assert_eq!(settings.version_length, Some(32));
    let check = CheckSettings::parse(&text).expect(&text);
    let default = CheckSettings::default();
    assert_eq!(check.baseline_path(), default.baseline_path());
}
