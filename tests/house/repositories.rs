//! The table of repositories that the program opens: README's, the manual's, and what the Git at hand can make.

use std::path::Path;
use std::process::Command;

use clap_mangen::roff::{Roff, bold, roman};

/// README's table, as a section of the manual.
pub(crate) fn section() -> String {
    let mut section = Roff::new();
    section.control("SH", ["REPOSITORIES"]);
    for (name, what) in rows() {
        section.control("TP", []);
        section.text([bold(name)]);
        section.text([roman(what)]);
    }
    section.to_roff()
}

fn rows() -> Vec<(String, String)> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(readme).expect("the readme");
    let (_, table) = readme
        .split_once("## Which repositories\n\n| | |\n| --- | --- |\n")
        .expect("a table");
    let lines = table.lines().take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split(" | ");
        let mut cell = || cells.next().expect("two cells").trim().replace('`', "");
        (cell(), cell())
    };
    lines.map(row).collect()
}

/// What a row says, in lower case: Git's names of settings are alike in any case.
fn row(name: &str) -> String {
    let rows = rows();
    let row = rows.iter().find(|(row, _)| row == name);
    row.expect(name).1.to_lowercase()
}

/// What `git` prints when nobody's settings count.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git is there: apt-get install git");
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_git_at_hand_makes_no_repository_that_the_table_lacks() {
    let folder = tempfile::tempdir().expect("a folder");
    let git = |arguments: &[&str]| git(folder.path(), arguments);
    git(&["init", "--quiet", "."]);
    let objects = git(&["rev-parse", "--show-object-format"]);
    assert!(
        row("objects").contains(&objects.trim().replace("sha", "sha-")),
        "objects: {objects}"
    );
    // Before Git 2.45 there was one way to keep references, and no option that names it.
    let settings = git(&["config", "--list", "--local"]);
    let named = settings
        .lines()
        .find_map(|line| line.strip_prefix("extensions.refstorage="));
    let references = named.unwrap_or("files");
    assert!(
        row("references").contains(references),
        "references: {references}"
    );

    let settings = git(&["help", "--config"]);
    let extensions: Vec<&str> = settings
        .lines()
        .filter_map(|line| line.strip_prefix("extensions."))
        .collect();
    assert!(extensions.contains(&"objectFormat"), "{settings}");
    let known = row("objects") + &row("references") + &row("extensions");
    for extension in extensions {
        assert!(
            known.contains(&extension.to_lowercase()),
            "Git has `extensions.{extension}`, which README's table of repositories lacks"
        );
    }
}
