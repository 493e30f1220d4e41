//! The rules about stacks, in commits.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::Sandbox;
use crate::{add_all, check, commit_all, repository, write};

const STACK: &str = "services:\n  web:\n    image: web\nsecrets:\n  db:\n    file: db.txt\n";

#[test]
fn a_secret_that_was_plaintext_in_some_commit_is_found_there() {
    let sandbox = Sandbox::new();
    let repository = with_stack(&sandbox);
    write(&repository, "web/db.txt", "correct horse\n");
    commit_all(&sandbox, &repository, "the secret, after its stack");
    write(
        &repository,
        "web/.gitattributes",
        "db.txt filter=git-crypt\n",
    );
    let renormalize = ["add", "--renormalize", "web"];
    sandbox.git(&repository, renormalize).succeeds();
    commit_all(&sandbox, &repository, "encrypted");
    fs::remove_file(repository.join("web/.gitattributes")).expect("it was there");
    write(&repository, "web/db.txt", "");
    commit_all(&sandbox, &repository, "gone again");
    let expected = (3, vec!["web/db.txt plaintext-stack-secret".to_owned()]);
    for range in [
        &["--range", "HEAD~3..HEAD~2"][..],
        &["--range", "HEAD~3.."],
        &["--history"],
    ] {
        assert_eq!(check(&sandbox, &repository, range), expected, "{range:?}");
    }
    assert_eq!(
        check(&sandbox, &repository, &["--range", "HEAD~2..HEAD~1"]),
        (0, vec![])
    );
    let run = sandbox.hs(&repository, ["check", "--history"]);
    let commit = sandbox.git(&repository, ["rev-parse", "HEAD~2"]).text();
    let place = format!("web/db.txt ({}): ", &commit[..10]);
    assert!(run.text().starts_with(&place), "{}", run.text());
    assert!(run.text().contains("web/stack.yml:6"), "{}", run.text());
    let findings = run.text().matches("[plaintext-stack-secret]").count();
    assert_eq!(findings, 1, "an empty file is no leak: {}", run.text());
}

#[test]
fn a_push_is_stopped_by_a_stack_that_takes_a_plaintext_file_for_a_secret() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "web/db.txt", "correct horse\n");
    commit_all(&sandbox, &repository, "some file");
    let remote = ["init", "--quiet", "--bare", "../remote"];
    sandbox.git(&repository, remote).succeeds();
    let push = ["push", "--quiet", "../remote", "main"];
    sandbox.git(&repository, push).succeeds();
    sandbox.hs(&repository, ["install-hooks"]).succeeds();
    write(&repository, "web/stack.yml", STACK);
    add_all(&sandbox, &repository);
    let unchecked = ["commit", "--quiet", "--no-verify", "-m", "a stack"];
    sandbox.git(&repository, unchecked).succeeds();
    let run = sandbox.git(&repository, push);
    assert_ne!(run.code, 0);
    let said = format!("{}{}", run.text(), run.stderr);
    assert!(said.contains("[plaintext-stack-secret]"), "{said}");
}

#[test]
fn an_encrypted_file_as_config_is_a_warning_in_commits_too() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let stack = "configs:\n  app:\n    file: secret/app.env\n";
    write(&repository, "stack.yml", stack);
    commit_all(&sandbox, &repository, "a stack");
    for range in [&["--range", "HEAD~1.."][..], &["--history"]] {
        let expected = (0, vec!["secret/app.env secret-as-config".to_owned()]);
        assert_eq!(check(&sandbox, &repository, range), expected, "{range:?}");
    }
}

#[test]
fn a_stack_that_does_not_parse_is_a_gap_until_a_later_commit_repairs_it() {
    let sandbox = Sandbox::new();
    let repository = with_stack(&sandbox);
    write(&repository, "web/stack.yml", "services:\n  web: [\n");
    commit_all(&sandbox, &repository, "broken");
    let ranges = [&["--range", "HEAD~1.."][..], &["--history"]];
    for range in ranges {
        let run = sandbox.hs(&repository, [&["check"], range].concat());
        assert_eq!(run.code, 1, "{range:?}: {}", run.stderr);
        let gap = "could not check web/stack.yml: no stack file that can be read";
        assert!(run.stderr.contains(gap), "{}", run.stderr);
    }
    write(&repository, "web/stack.yml", STACK);
    commit_all(&sandbox, &repository, "repaired");
    for range in [&["--range", "HEAD~2.."][..], &["--history"]] {
        let run = sandbox.hs(&repository, [&["check"], range].concat());
        let run = run.succeeds();
        let note = "warning: web/stack.yml: no stack file that can be read";
        assert!(run.stderr.contains(note), "{}", run.stderr);
    }
}

fn with_stack(sandbox: &Sandbox) -> PathBuf {
    let repository = repository(sandbox);
    write(Path::new(&repository), "web/stack.yml", STACK);
    commit_all(sandbox, &repository, "a stack");
    repository
}
