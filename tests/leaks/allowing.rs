//! Markers, allow entries and the baseline.

use crate::harness::sandbox::Sandbox;
use crate::{PASSWORD, add_all, check, commit_all, repository, write};

/// In two parts, since this file itself must not have a marker.
const MARKER: &str = concat!("hs-secrets: ", "allow");

const ALLOW: &str = "[[check.allow]]\nrule = \"known-secret\"\npath = \"docs/**\"\nreason = \"invented, for the manual\"\n";

#[test]
fn a_marker_allows_its_rule_in_its_line() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(
        &repository,
        "a.md",
        format!("{PASSWORD} <!-- {MARKER} known-secret -->\n"),
    );
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]));
    write(
        &repository,
        "a.md",
        format!("{MARKER} token\n{PASSWORD} {MARKER} token\n"),
    );
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &[]).0, 3);
    let run = sandbox.hs(&repository, ["check", "--all"]).ends_with(3);
    assert!(
        run.stderr
            .contains("a.md:1: `hs-secrets: allow token` allows nothing"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_entry_allows_a_rule_in_a_path_and_is_reported_when_idle() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "docs/manual.md", format!("{PASSWORD}\n"));
    write(&repository, ".hs-secrets.toml", ALLOW);
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]));
    let run = sandbox.hs(&repository, ["check", "--all"]).succeeds();
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);

    write(&repository, "docs/manual.md", "nothing\n");
    write(&repository, "other.md", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    let run = sandbox.hs(&repository, ["check", "--all"]).ends_with(3);
    let idle = "warning: .hs-secrets.toml: nothing of `known-secret` is found in docs/** any more";
    assert!(run.stderr.contains(idle), "{}", run.stderr);
    std::fs::remove_dir_all(repository.join(".git/git-crypt")).expect("a key store");
    let run = sandbox.hs(&repository, ["check", "--all"]).succeeds();
    assert!(
        !run.stderr.contains("any more"),
        "locked, nobody knows: {}",
        run.stderr
    );
}

#[test]
fn settings_count_as_they_are_staged() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "docs/manual.md", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    write(&repository, ".hs-secrets.toml", ALLOW);
    assert_eq!(check(&sandbox, &repository, &[]).0, 3);
}

#[test]
fn a_baseline_survives_moved_lines_and_says_what_is_gone() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "old.yml", format!("password: {PASSWORD}\n"));
    write(&repository, "more.yml", "api_key: Zq81mRt5vLx02KpW\n");
    commit_all(&sandbox, &repository, "old leaks");
    let run = sandbox
        .hs(&repository, ["check", "--all", "--write-baseline"])
        .succeeds();
    assert!(
        run.stderr
            .contains("accepted 2 findings in .hs-secrets.baseline"),
        "{}",
        run.stderr
    );
    let text =
        std::fs::read_to_string(repository.join(".hs-secrets.baseline")).expect("a baseline");
    assert!(!text.contains("Zq81"), "{text}");
    assert_eq!(
        check(&sandbox, &repository, &["--all"]).0,
        3,
        "not staged yet"
    );
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));

    write(
        &repository,
        "old.yml",
        format!("# moved\n\n\nx: 1\npassword: {PASSWORD} # here\n"),
    );
    write(&repository, "more.yml", "a: 1\napi_key: Zq81mRt5vLx02KpW\n");
    add_all(&sandbox, &repository);
    assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));
    assert_eq!(check(&sandbox, &repository, &[]), (0, vec![]));

    write(&repository, "more.yml", "api_key: Wq18mRt5vLx02KpZ\n");
    add_all(&sandbox, &repository);
    let expected = vec!["more.yml password-assignment".to_owned()];
    assert_eq!(
        check(&sandbox, &repository, &["--all"]),
        (3, expected),
        "another key"
    );
    let run = sandbox.hs(&repository, ["check", "--all"]).ends_with(3);
    assert!(
        run.stderr
            .contains("the baseline: nothing is found any more for"),
        "{}",
        run.stderr
    );
}

#[test]
fn baselines_of_two_branches_merge_line_by_line() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    // Puts other lines between those of the two branches.
    for name in ["b", "c", "d", "e", "f", "g"] {
        write(
            &repository,
            &format!("{name}.yml"),
            format!("api_key: Zq81mRt5vLx02{name}pW\n"),
        );
    }
    add_all(&sandbox, &repository);
    sandbox
        .hs(&repository, ["check", "--all", "--write-baseline"])
        .succeeds();
    commit_all(&sandbox, &repository, "a baseline");
    let before =
        std::fs::read_to_string(repository.join(".hs-secrets.baseline")).expect("a baseline");
    sandbox
        .git(&repository, ["switch", "--quiet", "-c", "side"])
        .succeeds();
    std::fs::remove_file(repository.join("b.yml")).expect("it was there");
    add_all(&sandbox, &repository);
    sandbox
        .hs(&repository, ["check", "--all", "--write-baseline"])
        .succeeds();
    let after =
        std::fs::read_to_string(repository.join(".hs-secrets.baseline")).expect("a baseline");
    let kept: Vec<&str> = before
        .lines()
        .filter(|line| !line.ends_with(" b.yml"))
        .collect();
    assert_eq!(
        after.lines().collect::<Vec<_>>(),
        kept,
        "the other lines are as they were"
    );
}

#[test]
fn settings_that_make_no_sense_stop_the_check() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    for (settings, parts) in [
        ("[check", &[".hs-secrets.toml:1: "][..]),
        ("[check]\nalow = []\n", &["[check]: unknown field `alow`"]),
        (
            "[[check.allow]]\nrule = \"tokens\"\npath = \"a\"\nreason = \"b\"\n",
            &["there is no rule `tokens`"],
        ),
        (
            "[[check.allow]]\nrule = \"token\"\npath = \"a\"\n",
            &["`token` in `a` gives no reason"],
        ),
        (
            "[[check.allow]]\nrule = \"token\"\npath = \"a\"\nreason = \" \"\n",
            &["gives no reason"],
        ),
    ] {
        write(&repository, ".hs-secrets.toml", settings);
        add_all(&sandbox, &repository);
        sandbox.hs(&repository, ["check"]).fails_saying(parts);
    }
    write(&repository, ".hs-secrets.toml", "");
    write(&repository, ".hs-secrets.baseline", "# fine\nnonsense\n");
    add_all(&sandbox, &repository);
    sandbox
        .hs(&repository, ["check"])
        .fails_saying(&[".hs-secrets.baseline:2: not a line of a baseline"]);
}
