//! Messages about a repository's stacks that come before Docker is asked for anything.

use std::fs;
use std::path::Path;

use crate::harness::sandbox::{Sandbox, run};

#[test]
fn a_repository_without_stacks_is_an_error_and_not_nothing_to_do() {
    let sandbox = Sandbox::new();
    let empty = sandbox.repository("empty");
    fs::write(empty.join("notes.yml"), "todo: []\n").unwrap();
    for verb in ["sync", "plan", "prune", "ls"] {
        sandbox
            .hs(&empty, [verb])
            .fails_saying(&["no stacks here: looked for NAME/stack.yml, stacks/NAME.yml"]);
    }
}

#[test]
fn an_error_is_one_line_whatever_a_name_holds() {
    let sandbox = Sandbox::new();
    let lab = sandbox.repository("lab");
    let stack =
        "services: {}\nsecrets:\n  a:\n    file: \"secret/\\e[31m\\nhs-secrets: error: fake\"\n";
    fs::write(lab.join("web.yml"), stack).unwrap();
    for verb in ["env", "render", "plan"] {
        let told = sandbox.hs(&lab, [verb, "web"]);
        let escaped = r"secret/\u{1b}[31m\nhs-secrets: error: fake does not exist";
        assert!(told.stderr.contains(escaped), "{}", told.stderr);
        let errors = told
            .stderr
            .lines()
            .filter(|line| line.starts_with("hs-secrets: error: "));
        assert_eq!((told.code, errors.count()), (1, 1), "{}", told.stderr);
    }
}

#[test]
fn what_git_refuses_comes_with_a_next_step() {
    let sandbox = Sandbox::new();
    let top = sandbox.path("");
    let hint = |directory: &Path, arguments: &[&str], parts: &[&str], hint: &str| {
        let told = sandbox.hs(directory, arguments).fails_saying(parts);
        assert!(told.stderr.contains(hint), "{}", told.stderr);
    };
    let lab = sandbox.repository("lab");
    fs::create_dir(lab.join("web")).unwrap();
    fs::write(lab.join("web/stack.yml"), "services: {}\n").unwrap();
    for arguments in [
        &["add", "--all"][..],
        &["commit", "--quiet", "--message", "lab"],
    ] {
        sandbox.git(&lab, arguments).succeeds();
    }
    let no_commit = ["`HEAD:web` failed: it is there, but is no commit"];
    sandbox
        .hs(&lab, ["env", "web", "--rev", "HEAD:web"])
        .fails_saying(&no_commit);
    let url = sandbox.url_of_partial_clones(&lab);
    let clone = [
        "clone",
        "--quiet",
        "--bare",
        "--filter=blob:none",
        &url,
        "part",
    ];
    sandbox.git(&top, clone).succeeds();
    let part = sandbox.path("part");
    let set_url = |url: &str| {
        let set = ["remote", "set-url", "origin", url];
        sandbox.git(&part, set).succeeds();
    };
    set_url("file:///nowhere");
    let arguments = ["env", "web", "--rev", "HEAD"];
    let missing = [
        "error: web/stack.yml: reading the blob",
        "this partial clone has left it out, and it can't be fetched: ",
    ];
    let next = "hint: `git fetch` says why the remote can't be reached";
    hint(&part, &arguments, &missing, next);
    set_url(&url);
    sandbox.hs(&part, arguments).succeeds();
}

#[test]
fn stacks_in_folders_of_folders_are_taken_when_named_and_listed_otherwise() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("lab");
    for path in [
        "web/stack.yml",
        "stacks/db/stack.yml",
        "apps/mail/docker-compose.yml",
        "old/x/compose.yaml",
    ] {
        let path = repository.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, "services: {}\n").expect("a file");
    }
    for stack in ["web", "db", "mail"] {
        sandbox.hs(&repository, ["env", stack]).succeeds();
    }
    sandbox
        .hs(&repository, ["env", "x"])
        .fails_saying(&["stacks/x/stack.yml, apps/x/stack.yml; found web"]);
    // Reported before the program looks for Docker, which is missing here.
    let said = "seen and not taken: apps/mail/docker-compose.yml, old/x/compose.yaml, stacks/db/stack.yml; ";
    for verb in ["plan", "sync", "deploy"] {
        let told = |stacks: &[&str]| {
            let nowhere = ["--host", "unix:///nowhere.sock"];
            let words = [&[verb][..], stacks, &nowhere].concat();
            sandbox.hs(&repository, words).ends_with(1).stderr
        };
        assert!(told(&[]).contains(said), "{verb}: {}", told(&[]));
        assert!(!told(&["db"]).contains("not taken"), "{verb}");
    }
    let settings = "[stacks.mail]\nfiles = ['apps/mail/docker-compose.yml']\n";
    fs::write(repository.join(".hs-secrets.toml"), settings).expect("a file");
    let words = ["plan", "--host", "unix:///nowhere.sock"];
    let told = sandbox.hs(&repository, words).ends_with(1).stderr;
    assert!(
        told.contains("not taken: old/x/compose.yaml, stacks/db"),
        "{told}"
    );
}

#[test]
fn absolute_paths_in_the_repository_are_taken_and_those_at_home_named() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("lab");
    let top = repository.display();
    let stack = format!(
        "services: {{}}\nconfigs:\n  one: {{file: '{top}/one.conf'}}\n  two: {{file: '${{PWD}}/two.conf'}}\n"
    );
    fs::write(repository.join("lab.yml"), &stack).expect("a file");
    for file in ["one.conf", "two.conf"] {
        fs::write(repository.join(file), "content\n").expect("a file");
    }
    let env = || {
        let mut command = sandbox.command(&repository, "hs-secrets");
        command
            .env("PWD", &repository)
            .args(["env", "lab", "--json"]);
        run(command, b"")
    };
    let variables = env().succeeds().text();
    assert!(
        variables.contains("\"one.conf\"") && variables.contains("\"two.conf\""),
        "{variables}"
    );
    let at_home = stack.replace("${PWD}", "~");
    fs::write(repository.join("lab.yml"), at_home).expect("a file");
    env().fails_saying(&[
        "lab.yml:4: config `two`: ~/two.conf is a file in the home folder of whoever deploys, and not in the repository",
    ]);
}
