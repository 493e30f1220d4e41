//! An attacker who can push removes an attribute and hides that: by accepting the finding, by long histories, by short ones.

use std::fs;
use std::path::Path;

use crate::harness::sandbox::Sandbox;
use crate::stays_encrypted::{accept, attacked, lines};
use crate::{add_all, check, commit_all, repository, write};

const TAKEN_AWAY: &str = "secret/** filter=git-crypt diff=git-crypt\nsecret/new* !filter !diff\n";

/// Stages a new file that today's attributes do not encrypt in the attacked repository.
fn stage_new_file(sandbox: &Sandbox, repository: &Path) {
    write(repository, "secret/new.env", "MODE=production\n");
    sandbox
        .git(repository, ["add", "secret/new.env"])
        .succeeds();
}

#[test]
fn a_pushed_acceptance_counts_once_the_user_of_the_clone_agrees() {
    for by_baseline in [false, true] {
        let sandbox = Sandbox::new();
        let repository = attacked(&sandbox, |clone| {
            // The attacked clone has run the check before.
            let victim = sandbox.path("repository");
            assert_eq!(check(&sandbox, &victim, &["--all"]), (0, vec![]));
            write(clone, ".gitattributes", TAKEN_AWAY);
            if by_baseline {
                write(clone, "secret/new.env", "MODE=production\n");
                add_all(&sandbox, clone);
                let written = ["check", "--all", "--write-baseline"];
                sandbox.hs(clone, written).succeeds();
                fs::remove_file(clone.join("secret/new.env")).expect("there");
            } else {
                accept(clone, "lost-attribute", "**");
            }
        });
        stage_new_file(&sandbox, &repository);
        let expected = ["secret/new.env lost-attribute"];
        assert_eq!(lines(&sandbox, &repository, &["--staged"]), expected);
        assert_eq!(lines(&sandbox, &repository, &["--all"]), expected);
        let status = sandbox.hs(&repository, ["status", "--short"]).ends_with(1);
        assert!(
            status.text().contains("secret/new.env"),
            "{}",
            status.text()
        );
        let told = sandbox.hs(&repository, ["check", "--staged"]).text();
        assert!(
            told.contains("`check --all --write-baseline` agrees to it in this clone"),
            "{told}"
        );

        let agreed = ["check", "--all", "--write-baseline"];
        sandbox.hs(&repository, agreed).succeeds();
        sandbox
            .git(&repository, ["add", ".hs-secrets.baseline"])
            .succeeds();
        assert_eq!(check(&sandbox, &repository, &["--staged"]), (0, vec![]));
        assert_eq!(check(&sandbox, &repository, &["--all"]), (0, vec![]));
    }
}

#[test]
fn what_a_clone_accepts_at_its_first_check_is_said() {
    let sandbox = Sandbox::new();
    let repository = attacked(&sandbox, |clone| {
        write(clone, ".gitattributes", TAKEN_AWAY);
        accept(clone, "lost-attribute", "**");
    });
    stage_new_file(&sandbox, &repository);
    let first = sandbox.hs(&repository, ["check", "--staged"]).succeeds();
    let said = "the repository accepts `lost-attribute` of secret/new.env: this clone agrees to that from now on";
    assert!(first.stderr.contains(said), "{}", first.stderr);
    let second = sandbox.hs(&repository, ["check", "--staged"]).succeeds();
    assert!(!second.stderr.contains(said), "{}", second.stderr);
}

#[test]
fn many_forms_of_the_attributes_hide_no_lost_pattern() {
    let sandbox = Sandbox::new();
    let repository = attacked(&sandbox, |clone| {
        for number in 0..50 {
            write(
                clone,
                ".gitattributes",
                format!("{TAKEN_AWAY}x{number} !filter\n"),
            );
            commit_all(&sandbox, clone, "tidy");
        }
        write(clone, ".gitattributes", TAKEN_AWAY);
    });
    stage_new_file(&sandbox, &repository);
    let expected = ["secret/new.env lost-attribute"];
    assert_eq!(lines(&sandbox, &repository, &["--staged"]), expected);
    assert_eq!(lines(&sandbox, &repository, &["--all"]), expected);
}

#[test]
fn more_forms_than_are_compared_are_no_clean_result() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let head = sandbox.git(&repository, ["rev-parse", "HEAD"]).succeeds();
    let mut stream = String::new();
    for number in 0..210 {
        let content = format!("secret/** filter=git-crypt diff=git-crypt\nx{number} !filter\n");
        let from = if number == 0 {
            format!("from {}", head.text())
        } else {
            String::new()
        };
        stream += &format!(
            "commit refs/heads/many\ncommitter M <m@example.org> {} +0000\ndata 0\n{from}M 644 inline .gitattributes\ndata {}\n{content}\n",
            1_700_000_000 + number,
            content.len()
        );
    }
    let import = sandbox.run(
        &repository,
        "git",
        ["fast-import", "--quiet"],
        stream.as_bytes(),
    );
    import.succeeds();
    sandbox
        .git(&repository, ["merge", "--quiet", "--ff-only", "many"])
        .succeeds();
    let run = sandbox.hs(&repository, ["check", "--all"]).ends_with(1);
    let said = "the oldest 200 were compared";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn an_old_commit_is_not_too_far_away_for_a_new_clone() {
    let sandbox = Sandbox::new();
    let repository = attacked(&sandbox, |clone| {
        let head = sandbox.git(clone, ["rev-parse", "HEAD"]).succeeds();
        let mut stream = String::new();
        for number in 0..1005 {
            let from = if number == 0 {
                format!("from {}", head.text())
            } else {
                String::new()
            };
            stream += &format!(
                "commit refs/heads/long\ncommitter M <m@example.org> {} +0000\ndata 0\n{from}M 644 inline n\ndata 5\n{number:05}\n",
                1_700_000_000 + number
            );
        }
        let import = sandbox.run(clone, "git", ["fast-import", "--quiet"], stream.as_bytes());
        import.succeeds();
        sandbox
            .git(clone, ["merge", "--quiet", "--ff-only", "long"])
            .succeeds();
        write(clone, ".gitattributes", TAKEN_AWAY);
    });
    let clone = sandbox.cloned(&repository);
    stage_new_file(&sandbox, &clone);
    assert_eq!(
        lines(&sandbox, &clone, &["--staged"]),
        ["secret/new.env lost-attribute"]
    );
}

#[test]
fn a_shallow_clone_says_that_it_can_not_compare() {
    let sandbox = Sandbox::new();
    let repository = attacked(&sandbox, |clone| write(clone, ".gitattributes", TAKEN_AWAY));
    let clone = sandbox.path("shallow");
    let url = format!("file://{}", repository.display());
    let arguments = ["clone", "--quiet", "--depth", "1", &url, "shallow"];
    sandbox.git(&sandbox.path(""), arguments).succeeds();
    let all = sandbox.hs(&clone, ["check", "--all"]).ends_with(1);
    assert!(
        all.stderr.contains("this is a shallow clone"),
        "{}",
        all.stderr
    );
    stage_new_file(&sandbox, &clone);
    for arguments in [["check", "--staged"], ["status", "--short"]] {
        let run = sandbox.hs(&clone, arguments).succeeds();
        let told = run.text() + &run.stderr;
        assert!(told.contains("this is a shallow clone"), "{told}");
    }
    sandbox
        .git(&clone, ["fetch", "--quiet", "--unshallow"])
        .succeeds();
    assert_eq!(
        lines(&sandbox, &clone, &["--staged"]),
        ["secret/new.env lost-attribute"]
    );
}
