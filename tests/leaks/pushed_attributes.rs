//! Attributes that a push removes: the hook of the person who pushes stops this, and a check of the range finds it in CI.

use std::path::Path;

use crate::harness::sandbox::Sandbox;
use crate::{check, commit_all, found, locked_clone, repository, write};

const TAKEN_AWAY: &str = "secret/** filter=git-crypt diff=git-crypt\nsecret/** !filter !diff\n";

fn git(sandbox: &Sandbox, repository: &Path, arguments: &[&str]) {
    sandbox.git(repository, arguments.iter()).succeeds();
}

/// A second clone without the key, with the hooks installed.
fn guarded_clone(sandbox: &Sandbox, repository: &Path) -> std::path::PathBuf {
    let clone = locked_clone(sandbox, repository);
    sandbox.hs(&clone, ["install-hooks"]).succeeds();
    clone
}

#[test]
fn a_push_that_takes_an_attribute_away_is_stopped() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let clone = guarded_clone(&sandbox, &repository);
    write(&clone, ".gitattributes", TAKEN_AWAY);
    write(&clone, "secret/new.env", "MODE=production\n");
    git(&sandbox, &clone, &["add", "--all"]);
    git(
        &sandbox,
        &clone,
        &["commit", "--quiet", "--no-verify", "-m", "tidy up"],
    );
    let push = ["push", "--quiet", "origin", "HEAD:refs/heads/tidy"];
    let told = sandbox.git(&clone, push);
    assert_ne!(told.code, 0, "{}", told.stderr);
    let said = told.text() + &told.stderr;
    for line in ["secret/** (", "secret/new.env (", "[lost-attribute]"] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let branches = sandbox.git(&repository, ["branch", "--list", "tidy"]);
    assert_eq!(branches.text(), "");

    let accepted = "[[check.allow]]\nrule = \"lost-attribute\"\npath = \"secret\"\nreason = \"no secrets any more\"\n\
         [[check.allow]]\nrule = \"uncovered-ciphertext\"\npath = \"secret\"\nreason = \"to be removed\"\n";
    write(&clone, ".hs-secrets.toml", accepted);
    git(&sandbox, &clone, &["add", "--all"]);
    git(&sandbox, &clone, &["commit", "--quiet", "-m", "meant"]);
    git(&sandbox, &clone, &push);
}

#[test]
fn a_pushed_range_is_compared_with_what_was_before_it() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let clone = locked_clone(&sandbox, &repository);
    // Two branches: one removes the attribute, the other moves a secret to a path without one.
    git(&sandbox, &clone, &["switch", "--quiet", "-c", "tidy"]);
    write(&clone, ".gitattributes", TAKEN_AWAY);
    commit_all(&sandbox, &clone, "tidy up");
    git(
        &sandbox,
        &clone,
        &["switch", "--quiet", "-c", "move", "main"],
    );
    git(&sandbox, &clone, &["mv", "secret/app.env", "app.settings"]);
    git(&sandbox, &clone, &["commit", "--quiet", "-m", "moved"]);
    git(
        &sandbox,
        &clone,
        &["push", "--quiet", "origin", "tidy", "move"],
    );
    let range = |range: &str| check(&sandbox, &repository, &["--range", range]).1;
    assert_eq!(range("main..tidy"), ["secret/** lost-attribute"]);
    assert_eq!(range("main..move"), ["app.settings uncovered-ciphertext"]);

    // A further commit does not hide it.
    git(&sandbox, &clone, &["switch", "--quiet", "tidy"]);
    write(&clone, "README.md", "# More\n");
    commit_all(&sandbox, &clone, "more");
    git(&sandbox, &clone, &["push", "--quiet", "origin", "tidy"]);
    assert_eq!(range("main..tidy"), ["secret/** lost-attribute"]);

    assert_eq!(check(&sandbox, &repository, &["--history"]), (0, vec![]));
    git(
        &sandbox,
        &repository,
        &["merge", "--quiet", "--ff-only", "tidy"],
    );
    let history = check(&sandbox, &repository, &["--history"]).1;
    let expected = [
        "secret/** lost-attribute",
        "secret/app.env uncovered-ciphertext",
    ];
    assert_eq!(history, expected);
    git(&sandbox, &clone, &["switch", "--quiet", "-c", "back"]);
    write(
        &clone,
        ".gitattributes",
        "secret/** filter=git-crypt diff=git-crypt\n",
    );
    commit_all(&sandbox, &clone, "back again");
    git(&sandbox, &clone, &["push", "--quiet", "origin", "back"]);
    assert!(range("main..back").is_empty());
}

#[test]
fn attributes_that_are_too_long_to_be_read_are_a_gap() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let clone = locked_clone(&sandbox, &repository);
    let padding = "# padding\n".repeat((5 << 20) / 10);
    write(&clone, ".gitattributes", TAKEN_AWAY.to_owned() + &padding);
    commit_all(&sandbox, &clone, "tidy up");
    git(
        &sandbox,
        &clone,
        &["push", "--quiet", "origin", "HEAD:refs/heads/tidy"],
    );
    let range = ["check", "--range", "main..tidy"];
    let told = sandbox.hs(&repository, range).ends_with(1).stderr;
    assert!(
        told.contains("could not check .gitattributes: it is longer"),
        "{told}"
    );
    // In an earlier commit, the file does not hide changes of commits before it.
    write(&clone, ".gitattributes", "*.md text\n");
    commit_all(&sandbox, &clone, "shorter");
    git(
        &sandbox,
        &clone,
        &["push", "--quiet", "origin", "HEAD:refs/heads/tidy"],
    );
    let run = sandbox.hs(
        &repository,
        ["check", "--format", "json", "--range", "main..tidy"],
    );
    assert!(found(&run).contains(&"secret/** lost-attribute".to_owned()));
}
