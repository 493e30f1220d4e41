//! Partial clones: objects that Git has left out are fetched when needed.

use std::fs;

use crate::harness::desk::{Desk, MAGIC, read};

#[test]
fn unlock_fetches_what_it_needs_and_no_more() {
    let desk = Desk::with(&[("kept/api.key", "one\n"), ("left/out.key", "two\n")]);
    let url = desk.sandbox.url_of_partial_clones(&desk.repository);
    let clone = desk.sandbox.path("clone");
    let git = |arguments: &[&str]| desk.sandbox.git(&clone, arguments).succeeds().text();
    let missing = || {
        let listed = git(&["rev-list", "--objects", "--missing=print", "HEAD"]);
        listed.lines().filter(|line| line.starts_with('?')).count()
    };
    let partly_cloned = || {
        let arguments = ["clone", "--quiet", "--filter=blob:none", "--sparse", &url];
        desk.sandbox
            .git(&desk.sandbox.path(""), arguments.iter().chain(&["clone"]))
            .succeeds();
        git(&["sparse-checkout", "set", "kept"]);
    };
    partly_cloned();
    let hs = |arguments: &[&str]| desk.sandbox.hs(&clone, arguments).succeeds();
    hs(&["unlock", "../desk.key"]);
    assert_eq!(read(&clone, "kept/api.key"), b"one\n");
    hs(&["refresh"]);
    hs(&["lock"]);
    assert!(read(&clone, "kept/api.key").starts_with(MAGIC));
    assert_eq!(missing(), 1, "what is left out was not needed");
    let listed = hs(&["status", "-e"]).text();
    assert_eq!(
        listed,
        "    encrypted: kept/api.key\n    encrypted: left/out.key\n"
    );
    assert_eq!(missing(), 0);
    fs::remove_dir_all(&clone).expect("removed");
    partly_cloned();
    hs(&["unlock", "../desk.key"]);
    let rotated = hs(&["rotate-key"]).text();
    assert_eq!(rotated, "kept/api.key\nleft/out.key\n");
}

#[test]
fn every_command_fetches_what_it_has_to_read() {
    let desk = Desk::with(&[("kept/api.key", "one\n"), ("left/out.key", "two\n")]);
    desk.write("left/.gitattributes", "*.txt !filter\n");
    desk.write("left/plain.txt", "nothing to hide\n");
    let stack =
        "services: {}\nsecrets:\n  a:\n    file: left/out.key\n  b:\n    file: kept/api.key\n";
    desk.write("web.yml", stack);
    desk.commit("a stack");
    let env = ["env", "web", "--rev", "HEAD"];
    let variables = desk.hs(env).succeeds().text();
    let url = desk.sandbox.url_of_partial_clones(&desk.repository);
    let top = desk.sandbox.path("");
    for (number, sparse) in [(0, false), (1, true)] {
        for (verb, arguments) in [
            ("unlock", &["unlock", "../desk.key"][..]),
            ("env", &env),
            ("status", &["status"]),
            ("status --short", &["status", "--short"]),
            ("status --json", &["status", "--json"]),
            ("check", &["check", "--all"]),
            ("history", &["check", "--history"]),
        ] {
            let name = format!("{verb}-{number}").replace(' ', "");
            let mut clone = vec!["clone", "--quiet", "--filter=blob:none", &url, &name];
            clone.extend(sparse.then_some("--sparse"));
            desk.sandbox.git(&top, clone).succeeds();
            let place = desk.sandbox.path(&name);
            let told = desk.sandbox.hs(&place, arguments).succeeds();
            assert!(!told.stderr.contains("not found"), "{}", told.stderr);
            if verb == "env" {
                assert_eq!(told.text(), variables);
            }
        }
    }
}

#[test]
fn one_whose_remote_is_gone_says_so_and_guesses_no_key() {
    let desk = Desk::with(&[("left/out.key", "two\n")]);
    desk.hs(["keygen", "../other.key"]).succeeds();
    let url = desk.sandbox.url_of_partial_clones(&desk.repository);
    let top = desk.sandbox.path("");
    let clone = ["clone", "--quiet", "--filter=blob:none", "--sparse", &url];
    desk.sandbox
        .git(&top, clone.into_iter().chain(["clone"]))
        .succeeds();
    let clone = desk.sandbox.path("clone");
    let gone = ["remote", "set-url", "origin", "file:///nowhere"];
    desk.sandbox.git(&clone, gone).succeeds();
    for arguments in [&["unlock", "../other.key"][..], &["status"]] {
        let told = desk.sandbox.hs(&clone, arguments);
        let told = told.fails_saying(&["has left it out, and it can't be fetched: "]);
        let next = "hint: `git fetch` says why the remote can't be reached";
        assert!(told.stderr.contains(next), "{}", told.stderr);
    }
    assert!(!clone.join(".git/git-crypt").exists());
}
