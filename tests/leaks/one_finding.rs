//! A leak is one finding, with all its places and uses, at the path that the file has now.

use crate::harness::sandbox::Sandbox;
use crate::hooks::pushed_with_hooks;
use crate::{PASSWORD, add_all, check, commit_all, found, repository, write};

#[test]
fn a_file_that_many_services_use_is_one_finding_with_its_users() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let service = |name: &str| format!("  {name}:\n    image: web\n    env_file: app.settings\n");
    let services: String = ["a", "b", "c", "d", "e"].map(service).concat();
    write(
        &repository,
        "web/stack.yml",
        format!("services:\n{services}"),
    );
    write(&repository, "web/app.settings", "DB_PASSWORD=kettle4drum\n");
    add_all(&sandbox, &repository);
    for scope in ["--staged", "--all"] {
        let run = sandbox.hs(&repository, ["check", scope]);
        let text = run.text();
        let lines = text
            .lines()
            .filter(|line| line.contains("[plaintext-stack-secret]"));
        let lines: Vec<&str> = lines.collect();
        assert_eq!(lines.len(), 1, "{text}");
        for part in [
            "web/stack.yml:4",
            "web/stack.yml:7",
            "web/stack.yml:10",
            "and 2 more",
        ] {
            assert!(lines[0].contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn a_value_in_many_files_is_one_finding_with_its_places() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    for number in 1..=89 {
        write(
            &repository,
            &format!("notes-{number:02}.md"),
            format!("{PASSWORD}\n"),
        );
    }
    commit_all(&sandbox, &repository, "everywhere");
    let run = sandbox.hs(&repository, ["check", "--all"]);
    let text = run.text();
    let line = text.lines().next().expect("a finding");
    assert!(
        line.starts_with("notes-01.md:1:1: [known-secret]")
            && line.ends_with("; and 88 more places: notes-02.md:1:1, notes-03.md:1:1, …"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2, "{text}");
    // The forms for programs list each place.
    let run = sandbox.hs(&repository, ["check", "--all", "--format", "json"]);
    assert_eq!(found(&run).len(), 89);
}

#[test]
fn history_names_the_path_that_is_there_now() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "a-draft.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "a draft");
    sandbox
        .git(&repository, ["mv", "a-draft.md", "notes.md"])
        .succeeds();
    commit_all(&sandbox, &repository, "moved");
    let expected = (3, vec!["notes.md known-secret".to_owned()]);
    assert_eq!(check(&sandbox, &repository, &["--history"]), expected);
}

#[test]
fn names_of_branches_and_of_people_go_out_as_well() {
    let sandbox = Sandbox::new();
    let repository = pushed_with_hooks(&sandbox);
    let branch = format!("main:refs/heads/try-{PASSWORD}");
    let push = sandbox.git(&repository, ["push", "origin", &branch]);
    assert_ne!(push.code, 0, "{}", push.stderr);
    let said = format!("{}{}", push.text(), push.stderr);
    assert!(
        said.contains("the name refs/heads/try-***: [known-secret]"),
        "{said}"
    );
    let author = format!("--author=Anna <anna@{PASSWORD}.example>");
    let commit = [
        "commit",
        "--quiet",
        "--no-verify",
        "--allow-empty",
        "-m",
        "x",
        &author,
    ];
    sandbox.git(&repository, commit).succeeds();
    let push = sandbox.git(&repository, ["push", "origin", "main"]);
    assert_ne!(push.code, 0, "{}", push.stderr);
    let said = format!("{}{}", push.text(), push.stderr);
    assert!(
        said.contains("in the name or address of a person"),
        "{said}"
    );
    assert!(!said.contains(PASSWORD), "{said}");
}
