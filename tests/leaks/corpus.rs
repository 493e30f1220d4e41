//! The corpus in `fixtures/leaks`: each file in `found` is found by its rule, and nothing in `none`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Sandbox, copy_tree};
use crate::{add_all, check, commit_all, write};

const CUT: &[u8] = b"~CUT~";

/// The corpus in a repository. Each file is in the state that its name stands for.
fn corpus(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("corpus");
    copy_tree(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/leaks"),
        &repository,
    );
    for folder in ["found", "none"] {
        for entry in fs::read_dir(repository.join(folder)).expect("the corpus") {
            let path = entry.expect("an entry").path();
            let content = without_cuts(&fs::read(&path).expect("a file"));
            fs::write(&path, content).expect("a file");
        }
    }
    sandbox.hs(&repository, ["init"]).succeeds();
    let encrypted = "/encrypted/** filter=git-crypt diff=git-crypt\n/found/secret-as-config.txt filter=git-crypt\n";
    write(
        &repository,
        ".gitattributes",
        format!("{encrypted}/found/lost-encryption.txt filter=git-crypt\n"),
    );
    commit_all(sandbox, &repository, "all but three");

    write(
        &repository,
        ".gitattributes",
        format!(
            "{encrypted}/found/unencrypted-blob.txt filter=git-crypt\n/found/wrong-key.txt filter=git-crypt\n"
        ),
    );
    sandbox
        .git(
            &repository,
            [
                "add",
                "--renormalize",
                ".gitattributes",
                "found/lost-encryption.txt",
            ],
        )
        .succeeds();
    stage_under_another_key(sandbox, &repository, "found/wrong-key.txt");
    repository
}

fn stage_under_another_key(sandbox: &Sandbox, repository: &Path, path: &str) {
    sandbox
        .hs(repository, ["keygen", "../other.key"])
        .succeeds();
    let plaintext = fs::read(repository.join(path)).expect("a file");
    let ciphertext = sandbox
        .run(
            repository,
            "hs-secrets",
            ["clean", "--key-file=../other.key"],
            &plaintext,
        )
        .succeeds()
        .stdout;
    let id = sandbox
        .run(
            repository,
            "git",
            ["hash-object", "-w", "--stdin"],
            &ciphertext,
        )
        .succeeds()
        .text();
    let entry = format!("100644,{},{path}", id.trim());
    sandbox
        .git(repository, ["update-index", "--cacheinfo", &entry])
        .succeeds();
}

pub(crate) fn without_cuts(content: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    let mut rest = content;
    while let Some(cut) = rest.windows(CUT.len()).position(|window| window == CUT) {
        whole.extend_from_slice(&rest[..cut]);
        rest = &rest[cut + CUT.len()..];
    }
    whole.extend_from_slice(rest);
    whole
}

#[test]
fn each_file_is_found_by_its_rule_and_by_no_other() {
    let sandbox = Sandbox::new();
    let repository = corpus(&sandbox);
    let mut expected: Vec<String> = fs::read_dir(repository.join("found"))
        .expect("the corpus")
        .map(|entry| {
            let name = entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("plain names");
            let rule = name.split('.').next().expect("a name").to_owned();
            // A name that contains a known value is not printed.
            let shown = name.replace("kJ82hQp0aLz9Xw3TgB5m", "***");
            format!("found/{shown} {rule}")
        })
        .collect();
    expected.sort();
    let (code, found) = check(&sandbox, &repository, &["--all"]);
    let missing: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let wrong: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "missing {missing:#?}, and wrong {wrong:#?}"
    );
    assert_eq!(code, 3);
}

#[test]
fn locked_all_is_found_but_what_needs_the_key() {
    let sandbox = Sandbox::new();
    let repository = corpus(&sandbox);
    let (_, unlocked) = check(&sandbox, &repository, &["--all"]);
    fs::remove_dir_all(repository.join(".git/git-crypt")).expect("a key store");
    let (code, locked) = check(&sandbox, &repository, &["--all"]);
    let needs_key =
        |line: &&String| line.ends_with(" known-secret") || line.ends_with(" wrong-key");
    let expected: Vec<&String> = unlocked.iter().filter(|line| !needs_key(line)).collect();
    // Without the key, other rules may find something in the files with known values.
    let found: Vec<&String> = locked
        .iter()
        .filter(|line| !line.contains("/known-secret."))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(code, 3);
    let run = sandbox.hs(&repository, ["check", "--all"]);
    assert!(
        run.stderr
            .contains("warning: locked: without the key of 5 encrypted files"),
        "{}",
        run.stderr
    );
}

#[test]
fn no_output_holds_a_value_of_any_rule() {
    let sandbox = Sandbox::new();
    let repository = corpus(&sandbox);
    add_all(&sandbox, &repository);
    let mut endings = Vec::new();
    for folder in ["found", "encrypted"] {
        for entry in fs::read_dir(repository.join(folder)).expect("the corpus") {
            let content = fs::read(entry.expect("an entry").path()).expect("a file");
            endings.extend(endings_of_values(&content));
        }
    }
    assert!(endings.len() > 80, "{}", endings.len());
    let silent = |arguments: &[&str]| {
        let run = sandbox.hs(&repository, arguments);
        assert!(run.code == 3 || run.code == 0, "{}", run.stderr);
        let said = format!("{}{}", run.text(), run.stderr);
        for ending in &endings {
            assert!(!said.contains(ending), "{arguments:?} prints `{ending}`");
        }
    };
    for locked in [false, true] {
        for scope in ["--all", "--staged", "--history"] {
            for format in ["text", "json", "sarif", "github"] {
                silent(&["check", scope, "--format", format]);
            }
        }
        silent(&["check", "--all", "--write-baseline"]);
        let baseline = fs::read_to_string(repository.join(".hs-secrets.baseline"));
        let baseline = baseline.expect("a baseline");
        for ending in &endings {
            assert!(!baseline.contains(ending), "{ending}");
        }
        if !locked {
            // Without the key, it is unknown that this file's name has a secret value in it.
            let named = "found/known-secret.in-path-kJ82hQp0aLz9Xw3TgB5m.txt";
            let away = ["rm", "--quiet", "--force", named];
            sandbox.git(&repository, away).succeeds();
            fs::remove_dir_all(repository.join(".git/git-crypt")).expect("a key store");
        }
    }
}

/// The last eight characters of everything that looks like a value.
fn endings_of_values(content: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(content);
    let words =
        text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "+/_-".contains(letter)));
    words
        .filter(|word| {
            let digits = word.chars().any(|letter| letter.is_ascii_digit());
            word.len() >= 10 && digits && word.chars().any(|letter| letter.is_ascii_lowercase())
        })
        .map(|word| word[word.len() - 8..].to_owned())
        .collect()
}
