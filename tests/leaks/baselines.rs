//! The baseline accepts the findings for which it was written, wherever they move, and nothing else.

use std::fs;
use std::path::Path;

use crate::harness::sandbox::Sandbox;
use crate::{PASSWORD, add_all, check, commit_all, repository, write};

/// A line for each kind of finding in a file.
const LEAKS: [&str; 5] = [
    concat!("password: ", "velvet-harbor-quince-58"),
    "api_key: Zq81mRt5vLx02KpW",
    concat!("login: glp", "at-xA8dk2Lq0PzW7mN4vB6t"),
    concat!("db: postgres://app:x7Kp2vQ9mR", "@db.home.example/app"),
    concat!("user: anna:$ap", "r1$x8Qk2l0a$Fp9aYdQm0m1Vb3oQkq5b41"),
];

#[test]
fn whatever_moves_around_a_finding_it_stays_accepted() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "app.yml", LEAKS.join("\n"));
    accept(&sandbox, &repository);
    let mut order: Vec<&str> = LEAKS.into();
    for round in 0..12 {
        // Changes the order, the lines around, the line ends, and drops the last line end.
        order.rotate_left(1 + round % 3);
        order.swap(0, round % LEAKS.len());
        let end = if round % 4 == 3 { "\r\n" } else { "\n" };
        let between = format!("{end}# line\n").repeat(round % 5);
        let indent = " ".repeat(round % 7);
        let lines = order.iter().map(|line| format!("{between}{indent}{line}"));
        let text = lines.collect::<Vec<_>>().join(end);
        write(&repository, "app.yml", text);
        add_all(&sandbox, &repository);
        for scope in ["--all", "--staged"] {
            let run = sandbox.hs(&repository, ["check", scope]);
            assert_eq!(run.code, 0, "{round}: {}{}", run.text(), run.stderr);
            assert!(!run.stderr.contains("warning"), "{round}: {}", run.stderr);
        }
    }
}

#[test]
fn another_value_in_the_same_file_is_not_accepted_with_the_first() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let values = format!("DB_PASSWORD={PASSWORD}\nAPI_PASSWORD=quarry-lantern-83\n");
    write(&repository, "secret/app.env", values);
    write(&repository, "notes.md", format!("{PASSWORD}\n"));
    accept(&sandbox, &repository);
    write(
        &repository,
        "notes.md",
        format!("x\n{PASSWORD}\n{PASSWORD}\n"),
    );
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));
    write(
        &repository,
        "notes.md",
        format!("{PASSWORD}\nquarry-lantern-83\n"),
    );
    add_all(&sandbox, &repository);
    let expected = (3, vec!["notes.md known-secret".to_owned()]);
    assert_eq!(check(&sandbox, &repository, &["--all"]), expected);
    // The fingerprints are made with the key: every clone that has it computes the same ones.
    let fingerprints = |directory: &Path| {
        fs::read_to_string(directory.join(".hs-secrets.baseline")).expect("a baseline")
    };
    let here = fingerprints(&repository);
    write(&repository, "notes.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "as accepted");
    let clone = crate::locked_clone(&sandbox, &repository);
    let key = sandbox.path("key");
    let key = key.to_str().expect("plain");
    sandbox.hs(&repository, ["export-key", key]).succeeds();
    sandbox.hs(&clone, ["unlock", key]).succeeds();
    let again = ["check", "--all", "--write-baseline"];
    sandbox.hs(&clone, again).succeeds();
    assert_eq!(fingerprints(&clone), here);
}

#[test]
fn baselines_of_two_branches_merge_and_accept_what_both_did() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let attributes =
        "secret/** filter=git-crypt diff=git-crypt\n.hs-secrets.baseline merge=union\n";
    write(&repository, ".gitattributes", attributes);
    for number in 0..8 {
        let key = format!("api_key: Zq81mRt5vLx0{number}KpW\n");
        write(&repository, &format!("old-{number}.yml"), key);
    }
    accept(&sandbox, &repository);
    let switch = |arguments: &[&str]| {
        let switch = [&["switch", "--quiet"], arguments].concat();
        sandbox.git(&repository, switch).succeeds();
    };
    switch(&["-c", "side"]);
    write(&repository, "side.yml", LEAKS.join("\n"));
    accept(&sandbox, &repository);
    switch(&["main"]);
    for (number, leak) in LEAKS.iter().enumerate() {
        write(&repository, &format!("main-{number}.yml"), leak);
    }
    accept(&sandbox, &repository);
    let merge = ["merge", "--quiet", "-m", "both", "side"];
    sandbox.git(&repository, merge).succeeds();
    assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));
    let run = sandbox.hs(&repository, ["check", "--all"]).succeeds();
    assert!(!run.stderr.contains("any more"), "{}", run.stderr);
    // A file with conflict markers is no baseline.
    let conflict = "<<<<<<< ours\n=======\n>>>>>>> theirs\n";
    write(&repository, ".hs-secrets.baseline", conflict);
    add_all(&sandbox, &repository);
    let broken = &[".hs-secrets.baseline:1: not a line of a baseline"];
    sandbox.hs(&repository, ["check"]).fails_saying(broken);
}

#[test]
fn a_moved_file_keeps_what_was_accepted_in_it_and_a_copy_does_not() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "app.yml", LEAKS.join("\n"));
    accept(&sandbox, &repository);
    sandbox
        .git(&repository, ["mv", "app.yml", "moved.yml"])
        .succeeds();
    for scope in ["--all", "--staged"] {
        let run = sandbox.hs(&repository, ["check", scope]);
        assert_eq!(run.code, 0, "{}{}", run.text(), run.stderr);
        assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    }
    let new = "token: Kx7vQ9mR4tZ2pL8w\n".to_owned();
    write(&repository, "moved.yml", new + &LEAKS.join("\n"));
    add_all(&sandbox, &repository);
    let expected = (3, vec!["moved.yml password-assignment".to_owned()]);
    assert_eq!(check(&sandbox, &repository, &["--all"]), expected);
    sandbox
        .git(&repository, ["reset", "--quiet", "--hard"])
        .succeeds();
    write(&repository, "copy.yml", LEAKS[1]);
    add_all(&sandbox, &repository);
    let expected = (3, vec!["copy.yml password-assignment".to_owned()]);
    assert_eq!(check(&sandbox, &repository, &["--all"]), expected);
}

/// Files with a finding about the file as a whole, and its rule.
const WHOLE_FILES: [(&str, &str); 4] = [
    ("tls/server.key", "sensitive-name"),
    ("web/app.key", "plaintext-stack-secret"),
    ("secret/open.env", "unencrypted-blob"),
    ("copied.bin", "uncovered-ciphertext"),
];

#[test]
fn what_was_accepted_of_a_file_as_a_whole_moves_with_it() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let stack = "secrets:\n  key:\n    file: app.key\n  new:\n    file: moved.pem\n";
    write(&repository, "web/stack.yml", stack);
    for (path, _) in &WHOLE_FILES[..3] {
        write(&repository, path, format!("the content of {path}\n"));
    }
    let stored = ["cat-file", "blob", "HEAD:secret/app.env"];
    let stored = sandbox.git(&repository, stored).succeeds().stdout;
    write(&repository, "copied.bin", &stored);
    add_all(&sandbox, &repository);
    store_in_plaintext(&sandbox, &repository, "secret/open.env");
    let (_, found) = check(&sandbox, &repository, &["--all"]);
    for (path, rule) in WHOLE_FILES {
        assert!(found.contains(&format!("{path} {rule}")), "{found:?}");
    }
    let accept = ["check", "--all", "--write-baseline"];
    sandbox.hs(&repository, accept).succeeds();
    let baseline = ["add", ".hs-secrets.baseline"];
    sandbox.git(&repository, baseline).succeeds();
    let commit = ["commit", "--quiet", "-m", "accepted"];
    sandbox.git(&repository, commit).succeeds();
    for (from, to) in [
        ("tls/server.key", "moved.key"),
        ("web/app.key", "web/moved.pem"),
        ("secret/open.env", "secret/moved.env"),
        ("copied.bin", "moved.bin"),
    ] {
        sandbox.git(&repository, ["mv", from, to]).succeeds();
    }
    for scope in ["--all", "--staged"] {
        let run = sandbox.hs(&repository, ["check", scope]);
        assert_eq!(run.code, 0, "{}{}", run.text(), run.stderr);
    }
    // With another content at the new path, it is a new finding.
    write(&repository, "moved.key", "another content\n");
    add_all(&sandbox, &repository);
    store_in_plaintext(&sandbox, &repository, "secret/moved.env");
    let expected = (3, vec!["moved.key sensitive-name".to_owned()]);
    assert_eq!(check(&sandbox, &repository, &["--all"]), expected);
}

#[test]
fn a_pushed_baseline_can_not_give_an_accepted_line_another_content() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let stored = ["cat-file", "blob", "HEAD:secret/app.env"];
    let stored = sandbox.git(&repository, stored).succeeds().stdout;
    write(&repository, "copied.bin", &stored);
    accept(&sandbox, &repository);
    let baseline = repository.join(".hs-secrets.baseline");
    let agreed = fs::read_to_string(&baseline).expect("a baseline");
    let (line, _) = agreed
        .rsplit_once(" uncovered-ciphertext ")
        .expect("a line");
    let (_, content) = line.rsplit_once(':').expect("a content");
    // Another user commits another ciphertext, and names it in a line that this clone has agreed to.
    let other = [&stored[..], b"more"].concat();
    write(&repository, "other.bin", &other);
    add_all(&sandbox, &repository);
    let (_, found) = check(&sandbox, &repository, &["--all"]);
    assert_eq!(found, ["other.bin uncovered-ciphertext"]);
    let run = sandbox.hs(&repository, ["check", "--all", "--format", "json"]);
    assert!(!run.text().contains(content), "{}", run.text());
    let clone = sandbox.path("clone");
    let arguments = [
        Path::new("clone"),
        Path::new("--quiet"),
        &repository,
        &clone,
    ];
    sandbox.git(&sandbox.path(""), arguments).succeeds();
    write(&clone, "other.bin", &other);
    add_all(&sandbox, &clone);
    let accept = ["check", "--all", "--write-baseline"];
    sandbox.hs(&clone, accept).succeeds();
    let own = fs::read_to_string(clone.join(".hs-secrets.baseline")).expect("a baseline");
    let own = own.lines().find(|line| line.ends_with(" other.bin"));
    let (names, _) = own.expect("its line").split_once(' ').expect("names");
    let (_, other_content) = names.split_once(':').expect("a content");
    let forged = agreed
        .replace(content, other_content)
        .replace("copied.bin", "gone.bin");
    write(&clone, ".hs-secrets.baseline", forged);
    let push = |arguments: &[&str]| sandbox.git(&clone, arguments).succeeds();
    push(&["add", "--all"]);
    push(&["commit", "--quiet", "-m", "tidy up"]);
    push(&["push", "--quiet", "origin", "HEAD:refs/heads/tidy"]);
    sandbox
        .git(&repository, ["reset", "--quiet", "--hard"])
        .succeeds();
    let merge = ["merge", "--quiet", "--ff-only", "tidy"];
    sandbox.git(&repository, merge).succeeds();
    let (_, found) = check(&sandbox, &repository, &["--all"]);
    assert!(
        found.contains(&"other.bin uncovered-ciphertext".to_owned()),
        "{found:?}"
    );
}

/// Stages the file of the work tree without its filter.
fn store_in_plaintext(sandbox: &Sandbox, repository: &Path, path: &str) {
    let store = ["hash-object", "-w", "--no-filters", path];
    let blob = sandbox.git(repository, store).succeeds().text();
    let entry = format!("100644,{},{path}", blob.trim());
    let add = ["update-index", "--add", "--cacheinfo", &entry];
    sandbox.git(repository, add).succeeds();
}

fn accept(sandbox: &Sandbox, repository: &Path) {
    add_all(sandbox, repository);
    let write = ["check", "--all", "--write-baseline"];
    sandbox.hs(repository, write).succeeds();
    commit_all(sandbox, repository, "accepted");
}

#[test]
fn a_commit_can_not_choose_what_a_baseline_overwrites() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let outside = sandbox.path("profile");
    fs::write(&outside, "mine\n").expect("a file");
    let absolute = outside.display().to_string();
    std::os::unix::fs::symlink(&outside, repository.join("link")).expect("a link");
    std::os::unix::fs::symlink(sandbox.path(""), repository.join("folder")).expect("a link");
    for path in [
        absolute.as_str(),
        "../profile",
        ".git/hooks/pre-commit",
        "link",
        "folder/profile",
    ] {
        write(
            &repository,
            ".hs-secrets.toml",
            format!("[check]\nbaseline = \"{path}\"\n"),
        );
        add_all(&sandbox, &repository);
        for arguments in [&["check"][..], &["check", "--all", "--write-baseline"]] {
            sandbox.hs(&repository, arguments).fails_saying(&[
                "[check]: baseline = ",
                path,
                "must be a file in this repository",
            ]);
        }
    }
    let kept = fs::read_to_string(&outside).expect("still there");
    assert_eq!(kept, "mine\n");
    assert!(!repository.join(".git/hooks/pre-commit").exists());

    // A file of the repository that is no baseline must not be overwritten either.
    for path in [".gitattributes", ".hs-secrets.toml", "secret/app.env"] {
        write(&repository, "secret/app.env", "DB_PASSWORD=x\n");
        let settings = format!("[check]\nbaseline = \"{path}\"\n");
        write(&repository, ".hs-secrets.toml", settings);
        let before = fs::read(repository.join(path)).expect("a file");
        sandbox.git(&repository, ["add", ".hs-secrets.toml"]);
        let run = sandbox.hs(&repository, ["check", "--all", "--write-baseline"]);
        run.fails_saying(&[path, "is no baseline"]);
        assert_eq!(fs::read(repository.join(path)).expect("a file"), before);
    }
}
