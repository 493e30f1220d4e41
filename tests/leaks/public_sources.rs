//! The sources of ten crates, which have no real secrets. A person has judged each finding.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::harness::sandbox::{Sandbox, copy_tree};
use crate::{add_all, check};

/// Crates that this project depends on, on every platform.
const CRATES: [&str; 10] = [
    "age",
    "bollard",
    "clap_builder",
    "git2",
    "hyper",
    "jiff",
    "libgit2-sys",
    "rustls",
    "serde_json",
    "tokio",
];

/// All findings. Each is a private key in a test, complete and usable, or a file key in the tests of age. None is a secret, but
/// their form does not show that.
const JUDGED: &str = "
    age/src/identity.rs private-key
    age/src/native/x25519.rs private-key
    age/src/ssh/identity.rs private-key
    age/tests/testdata/empty_recipient_body_key.txt private-key
    age/tests/testdata/fail_large_filekey_x25519_key.txt password-assignment
    age/tests/testdata/fail_large_filekey_x25519_key.txt private-key
    age/tests/testdata/testkit password-assignment
    age/tests/testdata/testkit private-key
    git2/src/cred.rs private-key
";

#[test]
fn the_sources_of_ten_crates_have_no_false_alarm() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("public");
    let sources = sources();
    assert_eq!(sources.len(), CRATES.len(), "{sources:?}");
    for (name, folder) in sources {
        copy_tree(&folder, &repository.join(name));
    }
    fs::write(repository.join(".git/info/exclude"), "").expect("a file of Git");
    let add = ["add", "--force", "--all"];
    sandbox.git(&repository, add).succeeds();
    add_all(&sandbox, &repository);
    let (code, found) = check(&sandbox, &repository, &["--all"]);
    // One line stands for a folder of files that are all alike.
    let many = "age/tests/testdata/testkit";
    let shown = |line: String| match (line.starts_with(many), line.split_once(' ')) {
        (true, Some((_, rule))) => format!("{many} {rule}"),
        _ => line,
    };
    let mut found: Vec<String> = found.into_iter().map(shown).collect();
    found.sort();
    found.dedup();
    let judged = JUDGED.lines().map(str::trim);
    let judged: Vec<&str> = judged.filter(|line| !line.is_empty()).collect();
    assert_eq!(found, judged);
    assert_eq!(code, 3);
}

/// The crates, with the folders in which cargo keeps their sources.
fn sources() -> Vec<(String, PathBuf)> {
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked"])
        .args(["--filter-platform", &host()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo, by which this was built");
    let document: serde_json::Value = serde_json::from_slice(&told.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&told.stderr)));
    let packages = document["packages"].as_array().expect("a list").iter();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let packages = packages.map(|package| {
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let folder = manifest.parent().expect("a folder").to_owned();
        (text(&package["name"]), folder)
    });
    packages
        .filter(|(name, _)| CRATES.contains(&name.as_str()))
        .collect()
}

/// The target triple of this machine. Sources for other targets may be missing.
fn host() -> String {
    let told = Command::new("rustc").arg("-vV").output();
    let told = String::from_utf8(told.expect("rustc, by which this was built").stdout);
    let told = told.expect("text");
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("a host").to_owned()
}
