//! Each room uses those above it only, and each file says what it is for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from top to bottom; those on one line may not use each other.
const ROOMS: &[&[&str]] = &[
    &["secret"],
    &["format"],
    &["repository"],
    &["keyring"],
    &["filter", "stack"],
    &["leaks"],
    &["swarm"],
    &["serve"],
    &["failure"],
    &["library", "terminal"],
    &["commands"],
];

/// Above this, a file has two reasons to exist; in-file tests are not counted.
const LONGEST_FILE: usize = 400;

/// Above this number of files, a room has rooms of its own.
const MOST_FILES: usize = 15;

/// Words that leave a comment in need of the one before it.
const RIDDLES: &[&str] = &["So", "The same", "What", "Those", "Such", "Nor"];

/// Rooms whose comments can each be read alone.
const PLAIN_SPOKEN: &[&str] = &[
    "src/secret",
    "src/format",
    "src/filter",
    "src/failure",
    "src/leaks",
    "src/library.rs",
    "src/repository",
    "src/stack",
    "src/serve",
    "src/swarm",
    "src/terminal",
    "src/commands/arguments",
    "src/commands/crypt/status",
    "src/commands/filters.rs",
    "src/commands/leaks",
    "src/commands/merge.rs",
    "src/commands/mod.rs",
    "src/commands/serve.rs",
    "src/commands/stacks",
];

#[test]
fn no_arrow_points_up() {
    let mut wrong = Vec::new();
    for (room, path) in source_files() {
        let Some(own) = level(&room) else {
            assert!(
                ["main", "lib"].contains(&room.as_str()),
                "{} is in no room",
                path.display()
            );
            continue;
        };
        let text = fs::read_to_string(&path).expect("a source file");
        for (number, line) in text.lines().enumerate() {
            for used in rooms_named_in(line) {
                let used_level = level(&used);
                let allowed = used == room || used_level.is_some_and(|used_level| used_level < own);
                if !allowed {
                    wrong.push(format!(
                        "{}:{}: {room} uses {used}",
                        path.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_is_short() {
    let mut wrong = Vec::new();
    for (_, path) in source_files() {
        let text = fs::read_to_string(&path).expect("a source file");
        let length = text
            .lines()
            .take_while(|line| !line.starts_with("#[cfg(test)]"))
            .count();
        if length > LONGEST_FILE {
            wrong.push(format!("{} has {length} lines", path.display()));
        }
        if !text.starts_with("//! ") {
            wrong.push(format!("{} does not say what it is for", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_room_of_many_files_has_rooms_of_its_own() {
    let mut files: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (_, path) in source_files() {
        let directory = path.parent().expect("a directory").to_owned();
        *files.entry(directory).or_default() += 1;
    }
    let crowded = |(directory, count): (PathBuf, usize)| {
        let name = relative(&directory);
        (count > MOST_FILES).then(|| format!("{name} has {count} files"))
    };
    let crowded: Vec<String> = files.into_iter().filter_map(crowded).collect();
    assert!(crowded.is_empty(), "{}", crowded.join("\n"));
}

#[test]
fn comments_begin_as_sentences_do() {
    let mut wrong = Vec::new();
    for (_, path) in source_files() {
        let name = relative(&path);
        if !PLAIN_SPOKEN.iter().any(|room| name.starts_with(room)) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file");
        for (number, line) in text.lines().enumerate() {
            let comment = line
                .trim_start()
                .strip_prefix("//")
                .map(|comment| comment.trim_start_matches(['/', '!']).trim_start());
            let riddles = |comment: &str| {
                let mut begins = RIDDLES.iter().map(|word| comment.strip_prefix(word));
                begins.any(|rest| rest.is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
            };
            if comment.is_some_and(riddles) {
                wrong.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_type_name_means_one_thing_in_the_house() {
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, path) in source_files() {
        let text = fs::read_to_string(&path).expect("a source file");
        for name in text.lines().filter_map(declared_type) {
            declared.entry(name).or_default().push(relative(&path));
        }
    }
    let twice = |(name, files): (String, Vec<String>)| {
        (files.len() > 1).then(|| format!("{name}: {}", files.join(", ")))
    };
    let twice: Vec<String> = declared.into_iter().filter_map(twice).collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn each_outside_world_has_one_door() {
    let (engine, server) = ("src/swarm/engine", "src/serve/http");
    let (cipher, deliveries) = ("src/format/cipher.rs", "src/serve/deliveries");
    // A second door is for another world: what forges sign is no matter of the format.
    for (crate_name, doors) in [
        ("bollard", [engine, engine]),
        ("tokio", [engine, server]),
        ("hyper", [server, server]),
        ("rustls", [engine, server]),
        ("aes", [cipher, cipher]),
        ("ctr", [cipher, cipher]),
        ("hmac", [cipher, deliveries]),
        ("sha1", [cipher, deliveries]),
        ("git2", ["src/repository", "src/repository"]),
    ] {
        for (_, path) in source_files() {
            let relative = path
                .strip_prefix(env!("CARGO_MANIFEST_DIR"))
                .expect("below the top");
            let text = fs::read_to_string(&path).expect("a source file");
            let names_it = text.lines().any(|line| {
                let code = line.trim_start();
                !code.starts_with("//")
                    && (code.starts_with(&format!("use {crate_name}::"))
                        || code.contains(&format!(" {crate_name}::")))
            });
            let is_behind = |door: &str| relative.to_string_lossy().starts_with(door);
            assert!(
                !names_it || doors.into_iter().any(is_behind),
                "{} names {crate_name}",
                path.display()
            );
        }
    }
}

/// The type that a line declares outside of functions and tests.
fn declared_type(line: &str) -> Option<String> {
    let words = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let mut words = words.filter(|word| !word.is_empty());
    let is_declared = line.starts_with("pub") || !line.starts_with(char::is_whitespace);
    let kinds = ["struct", "enum", "trait"];
    let qualifiers = ["pub", "crate", "super", "in"];
    let kind = words.find(|word| !qualifiers.contains(word))?;
    (is_declared && kinds.contains(&kind)).then(|| words.next().unwrap_or_default().to_owned())
}

/// The path below the top of the repository.
fn relative(path: &Path) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR"));
    path.expect("below the top").display().to_string()
}

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|level| level.contains(&room))
}

/// The rooms behind every `crate::` in a line of code.
fn rooms_named_in(line: &str) -> Vec<String> {
    if line.trim_start().starts_with("//") {
        return Vec::new();
    }
    let name = |rest: &str| {
        rest.chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect()
    };
    line.match_indices("crate::")
        .map(|(at, path)| name(&line[at + path.len()..]))
        .filter(|name: &String| !name.is_empty())
        .collect()
}

/// Every source file with the room it is in.
fn source_files() -> Vec<(String, PathBuf)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut directories = vec![source.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a readable directory") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let first = path
                    .strip_prefix(&source)
                    .expect("below src")
                    .iter()
                    .next()
                    .expect("a name");
                files.push((
                    first.to_string_lossy().trim_end_matches(".rs").to_owned(),
                    path,
                ));
            }
        }
    }
    assert!(files.len() > 30, "src was not found");
    files
}
