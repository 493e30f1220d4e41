//! Dependencies, by `deny.toml` and the stated `rust-version`: licences, sources, duplicates, bans.
//!
//! Each exception in `deny.toml` has a reason, and one that nothing needs any more is an error, too. Cargo downloads what of the
//! fuzz targets is not here yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[test]
fn no_dependency_wants_a_newer_rust_than_is_stated() {
    let packages = packages();
    let stated = own(&packages)["rust_version"].as_str().expect("stated");
    let newer = packages.iter().filter(|package| {
        let wanted = package["rust_version"].as_str();
        wanted.is_some_and(|wanted| version(wanted) > version(stated))
    });
    assert_none(newer.map(|package| format!("{} wants {}", id(package), package["rust_version"])));
}

#[test]
fn every_licence_is_allowed() {
    let policy = policy();
    let allowed: BTreeSet<&str> = strings(&policy["licenses"]["allow"]).collect();
    let packages = packages();
    let refused = packages.iter().filter(|package| {
        let licence = package["license"].as_str().unwrap_or("none");
        !may_be_used(licence, &allowed)
    });
    assert_none(refused.map(|package| format!("{}: {}", id(package), package["license"])));
}

#[test]
fn everything_is_from_the_registry() {
    let packages = packages();
    let elsewhere = packages
        .iter()
        .filter(|package| !is_own(package) && package["source"] != REGISTRY);
    assert_none(elsewhere.map(|package| format!("{} is from {}", id(package), package["source"])));
}

#[test]
fn nothing_is_banned_and_nothing_is_there_twice_without_a_reason() {
    let policy = policy();
    let bans = &policy["bans"];
    let crates = |list: &str| -> Vec<String> {
        let entries = bans[list].as_array().expect("a list");
        entries
            .iter()
            .map(|entry| {
                let reason = entry.get("reason").and_then(toml::Value::as_str);
                assert!(reason.is_some_and(|reason| !reason.is_empty()), "{entry}");
                entry["crate"].as_str().expect("a name").to_owned()
            })
            .collect()
    };
    let packages = packages();
    let banned = crates("deny");
    let there = packages
        .iter()
        .filter(|package| banned.iter().any(|banned| package["name"] == **banned));
    assert_none(there.map(|package| format!("{} is banned", id(package))));

    let mut skipped: BTreeSet<String> = crates("skip").into_iter().collect();
    let mut versions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for package in &packages {
        if !skipped.remove(&id(package)) {
            let name = package["name"].as_str().expect("a name");
            versions.entry(name).or_default().push(id(package));
        }
    }
    let twice = versions.into_values().filter(|ids| ids.len() > 1);
    assert_none(twice.map(|ids| format!("there twice: {}", ids.join(", "))));
    assert_none(
        skipped
            .iter()
            .map(|id| format!("deny.toml skips {id}, which is not there")),
    );
}

/// All that is built for the systems that `deny.toml` names, tests included.
fn packages() -> Vec<Value> {
    let policy = policy();
    let systems = strings(&policy["graph"]["targets"]);
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked"])
        .args(systems.flat_map(|system| ["--filter-platform", system]))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    let errors = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{errors}");
    let metadata: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    let nodes = metadata["resolve"]["nodes"].as_array().expect("a graph");
    let built: BTreeSet<&str> = nodes
        .iter()
        .filter_map(|node| node["id"].as_str())
        .collect();
    let members = metadata["workspace_members"].as_array().expect("members");
    let packages = metadata["packages"].as_array().expect("packages");
    // The fuzz targets are never published.
    let packages = packages.iter().filter(|package| {
        let is_built = package["id"].as_str().is_some_and(|id| built.contains(id));
        is_built && (is_own(package) || !members.contains(&package["id"]))
    });
    packages.cloned().collect()
}

fn policy() -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    let text = fs::read_to_string(path).expect("deny.toml");
    text.parse().expect("TOML")
}

fn strings(list: &toml::Value) -> impl Iterator<Item = &str> {
    let list = list.as_array().expect("a list");
    list.iter().map(|entry| entry.as_str().expect("a string"))
}

fn is_own(package: &Value) -> bool {
    package["name"] == env!("CARGO_PKG_NAME")
}

fn own(packages: &[Value]) -> &Value {
    packages
        .iter()
        .find(|package| is_own(package))
        .expect("this one")
}

fn id(package: &Value) -> String {
    let text = |field: &str| package[field].as_str().expect("text").to_owned();
    format!("{}@{}", text("name"), text("version"))
}

fn version(text: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = text
        .split('.')
        .map(|part| part.parse().expect("a number"))
        .collect();
    numbers.resize(3, 0);
    numbers
}

#[track_caller]
fn assert_none(wrong: impl Iterator<Item = String>) {
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// True if an SPDX expression can be met with allowed licences alone. `AND` binds closer than `OR`; `/` is an old `OR`.
fn may_be_used(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = any_of(&words, allowed);
    assert!(rest.is_empty(), "not understood: {expression}");
    met
}

fn any_of<'words>(
    words: &'words [&'words str],
    allowed: &BTreeSet<&str>,
) -> (bool, &'words [&'words str]) {
    let (mut met, mut rest) = all_of(words, allowed);
    while let Some((&"OR", behind)) = rest.split_first() {
        let (other, left) = all_of(behind, allowed);
        met |= other;
        rest = left;
    }
    (met, rest)
}

fn all_of<'words>(
    words: &'words [&'words str],
    allowed: &BTreeSet<&str>,
) -> (bool, &'words [&'words str]) {
    let (mut met, mut rest) = one(words, allowed);
    while let Some((&"AND", behind)) = rest.split_first() {
        let (other, left) = one(behind, allowed);
        met &= other;
        rest = left;
    }
    (met, rest)
}

fn one<'words>(
    words: &'words [&'words str],
    allowed: &BTreeSet<&str>,
) -> (bool, &'words [&'words str]) {
    match words {
        ["(", inner @ ..] => {
            let (met, rest) = any_of(inner, allowed);
            assert_eq!(rest.first(), Some(&")"), "an open parenthesis");
            (met, &rest[1..])
        }
        // An exception makes it another licence.
        [_, "WITH", _, rest @ ..] => (false, rest),
        [licence, rest @ ..] => (allowed.contains(licence), rest),
        [] => (false, words),
    }
}

#[test]
fn licences_are_read_as_spdx_says() {
    let allowed = BTreeSet::from(["MIT", "ISC"]);
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("MIT AND ISC", true),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("(GPL-3.0 OR MIT) AND Zlib", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("Apache-2.0 WITH LLVM-exception OR MIT", true),
        ("MIT WITH LLVM-exception", false),
        ("none", false),
    ] {
        assert_eq!(may_be_used(expression, &allowed), met, "{expression}");
    }
}
