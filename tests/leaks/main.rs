//! The leak check in real repositories with real git, in a sandbox.

#[path = "../harness/mod.rs"]
mod harness;

mod allowing;
mod bad_input;
mod baselines;
mod beside_files;
mod corpus;
mod formats;
mod held_out;
mod home_lab;
mod hook_places;
mod hooks;
mod missing_objects;
mod one_finding;
mod packed;
mod pre_commit;
mod public_sources;
mod pushed_acceptances;
mod pushed_attributes;
mod sarif;
mod scopes;
mod secret_names;
mod spellings;
mod stack_history;
mod stack_places;
mod stays_encrypted;
mod token_table;
mod weak_values;

use std::path::{Path, PathBuf};

use harness::sandbox::{Run, Sandbox};
use harness::written::write;

/// A known value: `secret/app.env` has this password, encrypted.
const PASSWORD: &str = "velvet-harbor-quince-58";

/// A repository with one encrypted file, committed.
fn repository(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("repository");
    write(
        &repository,
        ".gitattributes",
        "secret/** filter=git-crypt diff=git-crypt\n",
    );
    write(
        &repository,
        "secret/app.env",
        format!("DB_PASSWORD={PASSWORD}\n"),
    );
    write(&repository, "README.md", "# A repository\n");
    sandbox.hs(&repository, ["init"]).succeeds();
    commit_all(sandbox, &repository, "the beginning");
    repository
}

/// A clone without the key.
fn locked_clone(sandbox: &Sandbox, repository: &Path) -> PathBuf {
    let clone = sandbox.path("locked");
    sandbox
        .git(
            &sandbox.path(""),
            [Path::new("clone"), Path::new("--quiet"), repository, &clone],
        )
        .succeeds();
    clone
}

fn add_all(sandbox: &Sandbox, repository: &Path) {
    sandbox.git(repository, ["add", "--all"]).succeeds();
}

fn commit_all(sandbox: &Sandbox, repository: &Path, message: &str) {
    add_all(sandbox, repository);
    sandbox
        .git(
            repository,
            ["commit", "--quiet", "--allow-empty", "-m", message],
        )
        .succeeds();
}

/// The findings of a check as sorted lines `path rule`.
fn found(run: &Run) -> Vec<String> {
    let document: serde_json::Value = serde_json::from_slice(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {}{}", run.text(), run.stderr));
    let mut found: Vec<String> = document["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or("-").to_owned();
            format!("{} {}", text("path"), text("rule"))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Runs a check and lists its findings.
fn check(sandbox: &Sandbox, repository: &Path, arguments: &[&str]) -> (i32, Vec<String>) {
    let run = sandbox.hs(
        repository,
        [&["check", "--format", "json"], arguments].concat(),
    );
    (run.code, found(&run))
}
