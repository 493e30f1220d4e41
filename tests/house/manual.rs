//! The manual pages in `man/` are what the arguments say now; `UPDATE_MANUAL=1 cargo test --test house` writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::Command;
use clap_mangen::roff::{Roff, bold, roman};
use hs_secrets::internals::EXIT_CODES;

use crate::{repositories, settings};

#[test]
fn the_manual_pages_are_current() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let pages = pages();
    if std::env::var_os("UPDATE_MANUAL").is_some() {
        for (name, page) in &pages {
            fs::write(directory.join(name), page).expect("a writable directory");
        }
    }
    for (name, page) in &pages {
        let committed = fs::read_to_string(directory.join(name)).unwrap_or_default();
        assert!(
            committed == *page,
            "man/{name} is not what `{name}` says: UPDATE_MANUAL=1 cargo test --test house"
        );
    }
    for entry in fs::read_dir(directory).expect("the manual") {
        let name = entry
            .expect("a page")
            .file_name()
            .into_string()
            .expect("plain names");
        assert!(
            pages.contains_key(&name),
            "man/{name} belongs to no command"
        );
    }
}

/// A page for the program, and one for each verb, hidden ones included: Git's users read those too.
fn pages() -> BTreeMap<String, String> {
    let mut program = hs_secrets::command().disable_help_subcommand(true);
    program.build();
    let mut pages = BTreeMap::new();
    let verbs: Vec<Command> = program.get_subcommands().cloned().collect();
    let settings = settings::section();
    pages.insert(
        "hs-secrets.1".to_owned(),
        page(program) + &settings + &repositories::section(),
    );
    for verb in verbs {
        let name = format!("hs-secrets-{}", verb.get_name());
        // clap keeps names as long as the program runs; this one ends soon.
        let title: &'static str = Box::leak(name.clone().into_boxed_str());
        pages.insert(format!("{name}.1"), page(verb.name(title)));
    }
    pages
}

fn page(command: Command) -> String {
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .expect("memory takes everything");
    let page = String::from_utf8(page).expect("pages are text");
    with_examples(&page) + &exit_status()
}

/// The page with its examples, and what follows them, in lines as they were written: in a paragraph, a line that is too long would be
/// broken, and blanks that align others be widened.
fn with_examples(page: &str) -> String {
    match page.split_once(".SH EXTRA\n") {
        None => page.to_owned(),
        Some((before, after)) => {
            let after = ["Examples:\n", "Example:\n"]
                .iter()
                .find_map(|heading| after.strip_prefix(heading))
                .unwrap_or(after);
            let (lines, rest) = match after.find("\n.SH ") {
                Some(end) => after.split_at(end + 1),
                None => (after, ""),
            };
            format!("{before}.SH EXAMPLES\n.nf\n{lines}.fi\n{rest}")
        }
    }
}

fn exit_status() -> String {
    let mut section = Roff::new();
    section.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT_CODES {
        section.control("TP", []);
        section.text([bold(code.to_string())]);
        section.text([roman(meaning)]);
    }
    section.to_roff()
}

#[test]
fn the_readme_has_the_exit_codes_of_the_manual() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("the readme");
    let (_, table) = readme
        .split_once("| exit code | means |\n| --- | --- |\n")
        .expect("a table");
    let rows = EXIT_CODES.map(|(code, meaning)| format!("| {code} | {meaning} |\n"));
    assert!(table.starts_with(&rows.concat()));
}
