//! Encrypted files stay encrypted: an attacker without the key pushes, and the users with the key are warned in time.

use std::path::{Path, PathBuf};

use crate::harness::sandbox::Sandbox;
use crate::{PASSWORD, add_all, check, commit_all, repository, write};

/// A repository with the key, to which a second clone without the key has pushed `attack`.
pub(crate) fn attacked(sandbox: &Sandbox, attack: impl Fn(&Path)) -> PathBuf {
    let repository = repository(sandbox);
    write(
        &repository,
        "secret/mail.env",
        "API_TOKEN=kJ82hQp0aLz9Xw3TgB5m\n",
    );
    commit_all(sandbox, &repository, "more");
    let clone = |name: &str| {
        let clone = sandbox.path(name);
        let arguments = [
            Path::new("clone"),
            Path::new("--quiet"),
            &repository,
            &clone,
        ];
        sandbox.git(&sandbox.path(""), arguments).succeeds();
        clone
    };
    let attacker = clone("attacker");
    let git = |arguments: &[&str]| sandbox.git(&attacker, arguments.iter()).succeeds();
    attack(&attacker);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "tidy up"]);
    git(&["push", "--quiet", "origin", "HEAD:refs/heads/tidy"]);
    sandbox
        .git(&repository, ["merge", "--quiet", "--ff-only", "tidy"])
        .succeeds();
    repository
}

pub(crate) fn lines(sandbox: &Sandbox, repository: &Path, arguments: &[&str]) -> Vec<String> {
    check(sandbox, repository, arguments).1
}

pub(crate) fn accept(repository: &Path, rule: &str, path: &str) {
    let old = std::fs::read_to_string(repository.join(".hs-secrets.toml")).unwrap_or_default();
    let entry = format!(
        "{old}[[check.allow]]\nrule = \"{rule}\"\npath = \"{path}\"\nreason = \"no secret any more\"\n"
    );
    write(repository, ".hs-secrets.toml", entry);
}

#[test]
fn an_attribute_that_a_push_takes_away_is_said_before_the_next_file() {
    let sandbox = Sandbox::new();
    let repository = attacked(&sandbox, |clone| {
        let attributes = "secret/** filter=git-crypt diff=git-crypt\nsecret/** !filter !diff\n";
        write(clone, ".gitattributes", attributes);
    });
    write(&repository, "secret/new.env", "MODE=production\n");
    sandbox
        .git(&repository, ["add", "secret/new.env"])
        .succeeds();
    let expected = ["secret/** lost-attribute", "secret/new.env lost-attribute"];
    assert_eq!(lines(&sandbox, &repository, &["--staged"]), expected);
    let expected = [
        "secret/** lost-attribute",
        "secret/app.env uncovered-ciphertext",
        "secret/mail.env uncovered-ciphertext",
        "secret/new.env lost-attribute",
    ];
    assert_eq!(lines(&sandbox, &repository, &["--all"]), expected);
    let status = sandbox.hs(&repository, ["status", "--short"]);
    assert_eq!(status.code, 1, "{}", status.stderr);
    for line in expected {
        let (path, rule) = line.split_once(' ').expect("two words");
        assert!(
            status.text().contains(&format!("{rule}: {path}")),
            "{}",
            status.text()
        );
    }

    accept(&repository, "lost-attribute", "secret");
    accept(&repository, "uncovered-ciphertext", "secret");
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &["--staged"]), (0, vec![]));
    assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));
    sandbox.hs(&repository, ["status", "--short"]).succeeds();
}

#[test]
fn a_file_of_attributes_that_a_push_adds_counts_as_well() {
    let sandbox = Sandbox::new();
    let repository = attacked(&sandbox, |clone| {
        write(clone, "secret/.gitattributes", "*.env !filter\n");
    });
    write(&repository, "secret/new.env", "MODE=production\n");
    sandbox
        .git(&repository, ["add", "secret/new.env"])
        .succeeds();
    let expected = ["secret/new.env lost-attribute"];
    assert_eq!(lines(&sandbox, &repository, &["--staged"]), expected);
}

#[test]
fn another_key_that_a_push_chooses_is_said() {
    let sandbox = Sandbox::new();
    let repository = attacked(&sandbox, |clone| {
        let holder = sandbox.path("repository");
        sandbox.hs(&holder, ["init", "-k", "low"]).succeeds();
        let attributes = "secret/** filter=git-crypt-low diff=git-crypt-low\n";
        write(clone, ".gitattributes", attributes);
    });
    write(
        &repository,
        "secret/app.env",
        format!("DB_PASSWORD={PASSWORD}-2\n"),
    );
    sandbox
        .git(&repository, ["add", "secret/app.env"])
        .succeeds();
    let run = sandbox.hs(&repository, ["check"]).ends_with(3);
    let told = run.text();
    for part in [
        "secret/**: [lost-attribute]",
        "secret/app.env: [lost-attribute]",
        "filter=git-crypt as of ",
        "filter=git-crypt-low now",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn a_secret_that_is_moved_out_of_its_pattern_is_said_at_once() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    sandbox
        .git(&repository, ["mv", "secret/app.env", "app.settings"])
        .succeeds();
    let expected = (3, vec!["app.settings uncovered-ciphertext".to_owned()]);
    assert_eq!(check(&sandbox, &repository, &["--staged"]), expected);
    // The staged file is judged; the work tree has plaintext.
    sandbox
        .git(&repository, ["commit", "--quiet", "-m", "moved"])
        .succeeds();
    assert_eq!(check(&sandbox, &repository, &["--all"]), expected);
    let status = sandbox.hs(&repository, ["status", "--short"]);
    let line = "uncovered-ciphertext: app.settings";
    assert!(status.text().contains(line), "{}", status.text());
}

#[test]
fn attributes_of_the_clone_that_take_encryption_away_are_said() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let own = sandbox.path("attributes");
    let outside = repository.join(".git/info/attributes");
    for (place, setting) in [(&outside, None), (&own, Some("core.attributesFile"))] {
        // A line of the user's own has lower precedence than the tree's lines.
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        std::fs::write(place, "secret/** !filter\n").expect("a file");
        if let Some(setting) = setting {
            let value = place.display().to_string();
            sandbox
                .git(&repository, ["config", setting, &value])
                .succeeds();
        }
        let found = lines(&sandbox, &repository, &["--all"]);
        if setting.is_none() {
            assert!(
                found.contains(&"secret/** lost-attribute".to_owned()),
                "{found:?}"
            );
            assert!(
                found.contains(&"secret/app.env uncovered-ciphertext".to_owned()),
                "{found:?}"
            );
            let status = sandbox.hs(&repository, ["status", "--short"]);
            assert!(
                status.text().contains("info/attributes"),
                "{}",
                status.text()
            );
            let plain = sandbox.hs(&repository, ["status"]).ends_with(1).stderr;
            for part in [
                "secret/app.env: ",
                "no filter in this clone",
                "info/attributes",
            ] {
                assert!(plain.contains(part), "{part} in {plain}");
            }
            let json = sandbox.hs(&repository, ["status", "--json"]).ends_with(1);
            assert_eq!(
                crate::found(&json),
                [
                    "secret/** lost-attribute",
                    "secret/app.env uncovered-ciphertext"
                ]
            );
            std::fs::remove_file(place).expect("it was there");
        } else {
            assert!(found.is_empty(), "{found:?}");
            let plain = sandbox.hs(&repository, ["status"]).succeeds();
            assert_eq!(plain.stderr, "");
        }
    }
}

#[test]
fn a_staged_attribute_makes_the_hook_look_at_what_it_newly_covers() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("newcomer");
    write(&repository, "secret/db.env", "MODE=production\n");
    write(&repository, "README.md", "# Hello\n");
    commit_all(&sandbox, &repository, "long ago");
    sandbox.hs(&repository, ["init"]).succeeds();
    let attributes = "secret/** filter=git-crypt diff=git-crypt\n";
    write(&repository, ".gitattributes", attributes);
    sandbox
        .git(&repository, ["add", ".gitattributes"])
        .succeeds();
    let expected = ["secret/db.env unencrypted-blob"];
    assert_eq!(lines(&sandbox, &repository, &["--staged"]), expected);
    sandbox
        .git(&repository, ["add", "--renormalize", "."])
        .succeeds();
    assert_eq!(check(&sandbox, &repository, &["--staged"]), (0, vec![]));
}

#[test]
fn attributes_that_only_grow_or_move_are_no_finding() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    for attributes in [
        "**/secret/** filter=git-crypt diff=git-crypt\n",
        "# secrets\n**/secret/** filter=git-crypt diff=git-crypt merge=git-crypt\n*.md text\n",
    ] {
        write(&repository, ".gitattributes", attributes);
        add_all(&sandbox, &repository);
        assert_eq!(check(&sandbox, &repository, &["--staged"]), (0, vec![]));
        commit_all(&sandbox, &repository, "attributes");
        assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));
    }
    let status = sandbox.hs(&repository, ["status", "--short"]).succeeds();
    assert_eq!(status.text(), "");
}

#[test]
fn a_macro_that_the_clone_takes_away_is_said() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let macros = "[attr]hidden filter=git-crypt diff=git-crypt\nsecret/** hidden\n";
    write(&repository, ".gitattributes", macros);
    commit_all(&sandbox, &repository, "a macro");
    sandbox.hs(&repository, ["status"]).succeeds();
    let outside = repository.join(".git/info/attributes");
    std::fs::write(outside, "secret/** !hidden\n").expect("a file");
    let plain = sandbox.hs(&repository, ["status"]).ends_with(1).stderr;
    assert!(plain.contains("info/attributes"), "{plain}");
    let found = lines(&sandbox, &repository, &["--all"]);
    assert!(
        found.contains(&"secret/** lost-attribute".to_owned()),
        "{found:?}"
    );
}

#[test]
fn plaintext_that_was_only_staged_is_not_said_to_be_committed() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    // Moved to a path outside of its pattern, staged there once more, then covered again.
    sandbox
        .git(&repository, ["mv", "secret/app.env", "app.settings"])
        .succeeds();
    write(
        &repository,
        "app.settings",
        format!("DB_PASSWORD={PASSWORD}-2\n"),
    );
    write(&repository, "early.settings", "MODE=production\n");
    sandbox.git(&repository, ["add", "app.settings"]).succeeds();
    let attributes =
        "secret/** filter=git-crypt diff=git-crypt\n*.settings filter=git-crypt diff=git-crypt\n";
    write(&repository, ".gitattributes", attributes);
    let fixed = sandbox.hs(&repository, ["status", "-f"]).succeeds();
    assert_eq!(
        fixed.text(),
        "app.settings: staged encrypted version\nStaged 1 encrypted file.\n"
    );
    assert_eq!(fixed.stderr, "");
}

#[test]
fn a_filter_that_a_push_sets_on_wrapped_keys_is_said_and_no_advice_encrypts_them() {
    let wrapped = ".git-crypt/keys/default/0/alice.age";
    let sandbox = Sandbox::new();
    let repository = attacked(&sandbox, |clone| {
        write(clone, wrapped, "age-encryption.org/v1\n");
        write(
            clone,
            ".gitattributes",
            "secret/** filter=git-crypt diff=git-crypt\n",
        );
        commit_all(&sandbox, clone, "alice");
        write(
            clone,
            ".gitattributes",
            "** filter=git-crypt diff=git-crypt\n.gitattributes !filter !diff\n",
        );
    });
    let expected = format!("{wrapped} filtered-key");
    let found = lines(&sandbox, &repository, &["--all"]);
    assert!(found.contains(&expected), "{found:?}");
    sandbox.hs(&repository, ["status", "--fix"]);
    let stored = ["cat-file", "-p", &format!(":{wrapped}")];
    let stored = sandbox.git(&repository, stored).succeeds();
    assert_eq!(stored.text(), "age-encryption.org/v1\n");

    // If it is staged nevertheless, the finding stays.
    sandbox
        .git(&repository, ["add", "--renormalize", "."])
        .succeeds();
    let found = lines(&sandbox, &repository, &["--staged"]);
    assert!(found.contains(&expected), "{found:?}");
}

#[test]
fn a_filter_on_wrapped_keys_that_are_yet_to_come_is_said() {
    let sandbox = Sandbox::new();
    for (attributes, files, expected) in [
        // A path that only the pattern names.
        (
            ".git-crypt/keys/low/** filter=git-crypt\n",
            &[][..],
            ".git-crypt/keys/low/** filtered-key",
        ),
        // A pattern for files of any name, in a repository that has collaborators.
        (
            "*.age filter=git-crypt\n",
            &[".git-crypt/keys/default/0/berta.gpg"],
            ".git-crypt/** filtered-key",
        ),
    ] {
        let sandbox_of_one = Sandbox::new();
        let repository = attacked(&sandbox_of_one, |clone| {
            for file in files {
                write(clone, file, "wrapped\n");
            }
            let old = "secret/** filter=git-crypt diff=git-crypt\n";
            write(clone, ".gitattributes", format!("{old}{attributes}"));
        });
        for scope in [&["--all"][..], &["--range", "HEAD~1..HEAD"]] {
            let found = lines(&sandbox_of_one, &repository, scope);
            assert_eq!(found, [expected], "{scope:?}");
        }
        let status = sandbox_of_one.hs(&repository, ["status", "--short"]);
        assert!(status.text().contains("filtered-key"), "{}", status.text());
    }
    // The `.gitattributes` that git-crypt and `add-age-user` write next to the keys removes every filter there.
    let repository = repository(&sandbox);
    let covered = "** filter=git-crypt\n.gitattributes !filter\nREADME.md !filter\n";
    write(&repository, ".gitattributes", covered);
    write(
        &repository,
        ".git-crypt/.gitattributes",
        "* !filter !diff\n",
    );
    write(
        &repository,
        ".git-crypt/keys/default/0/berta.gpg",
        "wrapped\n",
    );
    commit_all(&sandbox, &repository, "all of it");
    assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));
}
