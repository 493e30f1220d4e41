//! The sources of ten crates, which hold no secret of anybody: each finding was judged by a person.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Sandbox, copy_tree};
use crate::{add_all, check};

/// Crates that this project is built with, whatever the platform.
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

/// All findings. Each is a private key, whole and usable, that a test has; or the key of a file, in the tests of age. None is a
/// secret, and nobody could tell from its form.
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
    for name in CRATES {
        copy_tree(&sources_of(name), &repository.join(name));
    }
    fs::write(repository.join(".git/info/exclude"), "").expect("a file of Git");
    let add = ["add", "--force", "--all"];
    sandbox.git(&repository, add).succeeds();
    add_all(&sandbox, &repository);
    let (code, found) = check(&sandbox, &repository, &["--all"]);
    // A folder of files that are all alike stands for them.
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

/// The folder in which cargo keeps the sources of a crate, in the version that this project is built with.
fn sources_of(name: &str) -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = fs::read_to_string(top.join("Cargo.lock")).expect("the lock file");
    let entry = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = lock.split_once(&entry).expect("a crate of this project");
    let (version, _) = rest.split_once('"').expect("a version");
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let registries = home.expect("a home").join("registry/src");
    let registries = fs::read_dir(&registries).expect("cargo keeps the sources of crates there");
    let mut folders = registries.map(|entry| {
        let registry = entry.expect("a folder").path();
        registry.join(format!("{name}-{version}"))
    });
    let found = folders.find(|folder| folder.is_dir());
    found.unwrap_or_else(|| panic!("the sources of {name} {version}: `cargo fetch` brings them"))
}
