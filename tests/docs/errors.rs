//! `docs/troubleshooting.md` has a section for each error of the program.
//!
//! A section begins with lines like `> `words` · `more … words``. An error belongs to the section whose words it has, with any text where
//! they have `…`; where several fit, to the one that has more of its letters.

use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/troubleshooting.md";

/// What an error's text in the source stands behind.
const MARKS: [&str; 3] = ["#[error(", "Failure::new(", "Failure::usage("];

/// Words of errors, and the heading of their section.
struct Words {
    heading: String,
    words: String,
}

#[test]
fn every_error_leads_to_a_section() {
    let page = words_of(&page());
    let lost: Vec<String> = errors()
        .into_iter()
        .filter(|error| section_of(&page, error).is_none())
        .collect();
    assert!(
        lost.is_empty(),
        "{PAGE} has no section with words of these errors:\n{}",
        lost.join("\n")
    );
}

#[test]
fn the_page_names_no_words_that_nobody_says() {
    let sources: Vec<String> = sources().iter().map(|path| read(path)).collect();
    let errors = errors();
    for Words { heading, words } in words_of(&page()) {
        let is_an_error = errors.iter().any(|error| fits(error, &words));
        let stands_in = |source: &String| words.split('…').all(|part| source.contains(part));
        assert!(
            is_an_error || sources.iter().any(stands_in),
            "{PAGE}, {heading}: nothing says `{words}`"
        );
    }
}

#[test]
fn an_error_belongs_to_the_section_that_has_most_of_its_words() {
    let page = words_of(
        "## Files\n> `reading … failed` · `… failed: …`\n## Docker\n> `the daemon … went away`\n",
    );
    let section = |error| section_of(&page, error);
    assert_eq!(section("reading … failed: …"), Some("Files"));
    let both = "… failed: the daemon at … went away (…)";
    assert_eq!(section(both), Some("Docker"));
    assert_eq!(section("no such thing"), None);
}

#[test]
fn the_text_of_an_error_is_read_from_its_source() {
    let source = "#[error(\n \"no `{name}` \\\n   in ${{{path}}}\", path.display())]\n\
        #[error(transparent)] #[error(\"{0}\")] Failure::new(format_args!(\"a \\\"b\\\"\"))";
    assert_eq!(
        errors_in(source),
        ["no `…` in ${…}", "…", "a \"b\""].map(str::to_owned)
    );
}

/// The errors that have words of their own, and not only those of another.
fn errors() -> Vec<String> {
    let mut errors: Vec<String> = sources()
        .iter()
        .flat_map(|path| errors_in(without_tests(&read(path))))
        .filter(|error| error.contains(|letter: char| letter.is_ascii_alphabetic()))
        .collect();
    assert!(errors.len() > 250, "the errors are not found any more");
    errors.sort();
    errors.dedup();
    errors
}

fn without_tests(source: &str) -> &str {
    source.split("#[cfg(test)]\nmod ").next().unwrap_or(source)
}

fn errors_in(source: &str) -> Vec<String> {
    let mut places: Vec<usize> = MARKS
        .iter()
        .flat_map(|mark| source.match_indices(mark).map(|(at, _)| at + mark.len()))
        .collect();
    places.sort_unstable();
    places
        .into_iter()
        .filter_map(|at| {
            let rest = source[at..].trim_start();
            let rest = rest.strip_prefix("format_args!(").unwrap_or(rest);
            Some(template_of(rest.trim_start().strip_prefix('"')?))
        })
        .collect()
}

/// The text of a literal, from behind its opening quote, with `…` for whatever is put in.
fn template_of(literal: &str) -> String {
    let mut template = String::new();
    let mut letters = literal.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' if letters.next_if_eq(&'\n').is_some() => {
                while letters.next_if(|next| next.is_whitespace()).is_some() {}
            }
            '\\' => template.extend(letters.next()),
            '{' if letters.next_if_eq(&'{').is_some() => template.push('{'),
            '{' => {
                letters.find(|next| *next == '}');
                template.push('…');
            }
            '}' => {
                letters.next();
                template.push('}');
            }
            other => template.push(other),
        }
    }
    template
}

fn words_of(page: &str) -> Vec<Words> {
    let mut heading = "";
    let mut words = Vec::new();
    for line in page.lines() {
        if let Some(text) = line.strip_prefix("## ") {
            heading = text;
        } else if let Some(quoted) = line.strip_prefix("> ") {
            let spans = quoted.split('`').skip(1).step_by(2);
            words.extend(spans.filter(|span| !span.is_empty()).map(|span| Words {
                heading: heading.to_owned(),
                words: span.to_owned(),
            }));
        }
    }
    words
}

fn section_of<'page>(page: &'page [Words], error: &str) -> Option<&'page str> {
    page.iter()
        .filter(|words| fits(error, &words.words))
        .max_by_key(|words| words.words.replace('…', "").len())
        .map(|words| words.heading.as_str())
}

/// True if `text` has the parts of `words` between `…`, in their order.
fn fits(text: &str, words: &str) -> bool {
    let mut rest = text;
    words.split('…').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

fn page() -> String {
    read(&top().join(PAGE))
}

fn sources() -> Vec<PathBuf> {
    let mut sources = Vec::new();
    let mut folders = vec![top().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push(path);
            }
        }
    }
    sources
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
