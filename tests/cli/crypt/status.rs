//! `status` in the forms that git-crypt does not have: `--short`, `--json`, `-z`, and its warnings.

use std::fs;
use std::ops::Deref;

use serde_json::Value;

use crate::harness::desk::Desk;
use crate::harness::sandbox::Run;
use crate::harness::written::{touch, write};

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn the_lines_are_git_crypts() {
    let desk = Mixed::new();
    let subdirectory = desk.repository.join("sub");
    for place in [&desk.repository, &subdirectory] {
        for options in [&["status"][..], &["status", "-e"], &["status", "-u"]] {
            let ours = desk.sandbox.hs(place, options);
            let theirs = desk.sandbox.git_crypt(place, options);
            assert_eq!(ours.code, theirs.code);
            assert_eq!(listed(&ours), listed(&theirs), "{options:?}");
        }
    }
}

#[test]
fn short_shows_what_needs_attention_only() {
    let desk = Mixed::new();
    let run = desk.hs(["status", "--short"]).ends_with(1);
    assert_eq!(run.text(), "exposed: leaked.key\nno diff: odd.pem\n");
    desk.hs(["status", "-f"]).succeeds();
    fs::remove_file(desk.repository.join("odd.pem")).expect("removed");
    desk.git(&["commit", "--quiet", "-am", "all well"]);
    let run = desk.hs(["status", "--short"]).succeeds();
    assert_eq!(run.text(), "");
}

#[test]
fn records_hold_any_path_and_end_with_nul() {
    let desk = Mixed::new();
    fs::write(desk.repository.join("new\n\u{e4}.key"), "x\n").expect("written");
    let run = desk.hs(["status", "-z", "-e"]).ends_with(1);
    assert_eq!(
        run.text(),
        "untracked new\n\u{e4}.key\0exposed leaked.key\0encrypted odd.pem\0encrypted sub/api.key\0"
    );
    let run = desk.hs(["status", "-z", "-u", "plain.txt"]).succeeds();
    assert_eq!(run.text(), "plain plain.txt\0");
}

#[test]
fn json_tells_keys_files_and_concerns() {
    let desk = Mixed::new();
    let document = desk.json(1);
    assert_eq!(document["locked"], false);
    let key = &document["keys"][0];
    assert_eq!(key["name"], "default");
    assert_eq!(key["unlocked"], true);
    assert_eq!(key["filter"], "\"hs-secrets\" filter-process");
    assert_eq!(key["files"], 3);
    let file = |path: &str| {
        let files = document["files"].as_array().expect("a list");
        let found = files.iter().find(|file| file["path"] == path);
        found.expect("listed").clone()
    };
    assert_eq!(file("leaked.key")["state"], "exposed");
    assert_eq!(file("odd.pem")["diff"], false);
    assert_eq!(file("sub/api.key")["merge"], true);
    assert_eq!(file("plain.txt")["key"], Value::Null);
}

#[test]
fn a_locked_clone_is_a_danger_and_a_missing_key_is_named() {
    let desk = Mixed::new();
    desk.git(&["clone", "--quiet", ".", "../clone"]);
    let clone = desk.sandbox.path("clone");
    let document = json(desk.sandbox.hs(&clone, ["status", "--json"]).ends_with(1));
    assert_eq!(document["locked"], true);
    assert_eq!(codes(&document), ["locked"]);
    assert_eq!(document["concerns"][0]["danger"], true);

    fs::remove_file(desk.repository.join(".git/git-crypt/keys/default")).expect("a key");
    assert_eq!(codes(&desk.json(1)), ["key-absent"]);
}

#[test]
fn a_key_without_its_filter_is_a_danger() {
    let desk = Mixed::new();
    desk.git(&["config", "--remove-section", "filter.git-crypt"]);
    assert_eq!(codes(&desk.json(1)), ["filter-absent"]);
}

#[test]
#[ignore = "needs git-crypt, gpg or age: tests/run.sh"]
fn a_filter_that_git_may_go_on_without_is_a_danger_and_unlock_mends_it() {
    for program in ["hs-secrets", "git-crypt"] {
        let desk = Mixed::new();
        desk.hs(["export-key", "../key"]).succeeds();
        // Git reads only changed files again.
        touch(&desk.repository.join("leaked.key"));
        desk.git(&["commit", "--quiet", "-am", "all in"]);
        desk.hs(["lock"]).succeeds();
        desk.sandbox
            .run(&desk.repository, program, ["unlock", "../key"], b"")
            .succeeds();
        desk.git(&["config", "--unset", "filter.git-crypt.required"]);
        let document = json(desk.hs(["status", "--json"]));
        assert_eq!(codes(&document), ["filter-optional"]);
        assert_eq!(document["concerns"][0]["danger"], true);
        desk.hs(["unlock"]).succeeds();
        assert_eq!(codes(&json(desk.hs(["status", "--json"]))), [""; 0]);
    }
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn a_key_that_opens_nothing_is_named() {
    let desk = Mixed::new();
    desk.hs(["export-key", "../key"]).succeeds();
    desk.hs(["keygen", "../wrong"]).succeeds();
    desk.git(&["clone", "--quiet", ".", "../clone"]);
    let clone = desk.sandbox.path("clone");
    // git-crypt does not prove the key before it uses it.
    desk.sandbox
        .git_crypt(&clone, ["unlock", "../wrong"])
        .ends_with(1);
    let run = desk.sandbox.hs(&clone, ["status", "--short"]);
    let expected = "note: key `default` is here, but does not open odd.pem";
    assert!(run.text().contains(expected), "{}", run.text());
    desk.sandbox.hs(&clone, ["unlock", "../key"]).succeeds();
    let document = json(desk.sandbox.hs(&clone, ["status", "--json"]));
    assert_eq!(codes(&document), [""; 0]);
}

#[test]
fn settings_that_keep_plaintext_are_named() {
    let desk = Mixed::new();
    desk.git(&["config", "diff.git-crypt.cachetextconv", "true"]);
    desk.git(&["config", "rerere.enabled", "true"]);
    assert_eq!(
        codes(&desk.json(1)),
        ["plaintext-kept", "resolutions-recorded"]
    );
    let run = desk.hs(["status", "--short"]).ends_with(1);
    assert!(run.text().contains("danger: diff.git-crypt.cachetextconv"));
}

#[test]
fn encrypted_attributes_and_missing_merge_attributes_are_named() {
    let desk = Mixed::new();
    fs::write(
        desk.repository.join("sub/.gitattributes"),
        "* filter=git-crypt diff=git-crypt !merge\n",
    )
    .expect("written");
    fs::write(desk.repository.join("sub/not.gitattributes"), "\n").expect("written");
    let document = desk.json(1);
    assert_eq!(codes(&document), ["attributes-encrypted", "not-merged"]);
    let message = document["concerns"][0]["message"].as_str();
    assert!(message.expect("text").starts_with("sub/.gitattributes"));
}

#[test]
#[ignore = "needs git-crypt: tests/run.sh"]
fn empty_files_that_git_will_not_replace_are_named_with_the_line_that_helps() {
    let desk = Mixed::new();
    desk.hs(["status", "-f"]).succeeds();
    let write = |path: &str, content: &str| {
        write(&desk.repository, path, content);
    };
    write("odd.pem", "");
    write("empty.key", "");
    write("plain.txt", "");
    desk.git(&["add", "."]);
    desk.git(&["commit", "--quiet", "-m", "empty"]);
    let theirs = desk.sandbox.git_crypt(&desk.repository, ["status"]);
    let ours = desk.hs(["status"]);
    assert_eq!(listed(&ours), listed(&theirs));
    let document = desk.json(1);
    assert_eq!(codes(&document), ["empty-encrypted"]);
    assert_eq!(document["concerns"][0]["danger"], false);
    let short = desk.hs(["status", "--short"]).text();
    let note = "note: empty.key, odd.pem are empty and stored encrypted: ";
    assert!(short.contains(note), "{short}");

    // The note is right: Git stops at an empty encrypted file, and no longer does after the suggested change.
    desk.git(&["switch", "--quiet", "--create", "side"]);
    write("empty.key", "filled\n");
    desk.git(&["commit", "--quiet", "-am", "filled"]);
    desk.git(&["switch", "--quiet", "main"]);
    let rebase = || desk.sandbox.git(&desk.repository, ["rebase", "side"]);
    assert_ne!(rebase().code, 0);
    let (_, advice) = short.split_once("add `").expect("advice");
    let (line, _) = advice.split_once('`').expect("a line");
    let attributes = desk.repository.join(".gitattributes");
    let before = fs::read_to_string(&attributes).expect("there");
    fs::write(&attributes, format!("{before}{line}\n")).expect("written");
    assert!(desk.hs(["status", "--short"]).text().contains("although"));
    for path in ["empty.key", "odd.pem"] {
        desk.git(&["rm", "--quiet", "--cached", path]);
    }
    desk.git(&["add", "."]);
    assert_eq!(codes(&desk.json(1)), [""; 0]);
    desk.git(&["commit", "--quiet", "-m", "left empty"]);
    desk.git(&["switch", "--quiet", "side"]);
    desk.git(&["switch", "--quiet", "main"]);
}

#[test]
fn people_and_programs_are_told_of_the_same_things() {
    let desk = Mixed::new();
    desk.hs(["install-hooks"]).succeeds();
    desk.git(&[
        "commit",
        "--quiet",
        "--no-verify",
        "--allow-empty",
        "-m",
        "second",
    ]);
    fs::remove_file(desk.repository.join(".git/hooks/pre-push")).expect("a hook");
    for (name, value) in [
        ("rerere.enabled", "true"),
        ("filter.git-crypt.required", "false"),
        ("diff.git-crypt.cachetextconv", "true"),
    ] {
        desk.git(&["config", name, value]);
    }
    let attributes = "*.key filter=git-crypt diff=git-crypt merge=git-crypt text\nsub/.gitattributes filter=git-crypt\n";
    write(&desk.repository, ".gitattributes", attributes);
    desk.git(&["add", ".gitattributes"]);
    write(&desk.repository, "sub/.gitattributes", "\n");
    write(&desk.repository, "other.key", "opensesame\n");
    let document = desk.json(1);
    let short = desk.hs(["status", "--short"]).ends_with(1).text();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let list = |name: &str| document[name].as_array().expect("a list").clone();
    let mut told = Vec::new();
    for concern in list("concerns") {
        let kind = if concern["danger"] == true {
            "danger"
        } else {
            "note"
        };
        told.push(format!("{kind}: {}", text(&concern["message"])));
    }
    for file in list("files") {
        if file["state"] == "exposed" {
            told.push(format!("exposed: {}", text(&file["path"])));
        }
        if !file["key"].is_null() && file["diff"] == false {
            told.push(format!("no diff: {}", text(&file["path"])));
        }
    }
    let findings = list("findings");
    let rules: Vec<String> = findings.iter().map(|one| text(&one["rule"])).collect();
    for line in short.lines() {
        let is_finding = rules
            .iter()
            .any(|rule| line.starts_with(&format!("{rule}: ")));
        let is_told = told.iter().any(|told| told == line);
        assert!(is_finding || is_told, "{line}\n{document:#}");
    }
    for told in &told {
        assert!(short.lines().any(|line| line == told), "{told}\n{short}");
    }
    let codes = codes(&document);
    for code in [
        "filter-optional",
        "plaintext-kept",
        "attributes-encrypted",
        "line-ends-converted",
        "resolutions-recorded",
        "hook-lost",
    ] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    assert!(!rules.is_empty(), "the pattern of odd.pem is gone");
}

/// The lines about files.
fn listed(run: &Run) -> Vec<String> {
    let lines = run.text();
    let lines = lines.lines().take_while(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

fn codes(document: &Value) -> Vec<&str> {
    let concerns = document["concerns"].as_array().expect("a list");
    let codes = concerns.iter().map(|concern| concern["code"].as_str());
    codes.map(|code| code.expect("a word")).collect()
}

fn json(run: Run) -> Value {
    serde_json::from_slice(&run.stdout).expect("JSON")
}

/// A repository with an encrypted file, one without the `diff` attribute, one committed in plaintext, and others.
struct Mixed(Desk);

impl Deref for Mixed {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl Mixed {
    fn new() -> Self {
        let desk = Desk::empty("desk");
        let write = |path: &str, content: &str| {
            write(&desk.repository, path, content);
        };
        write("leaked.key", "in plaintext\n");
        write("plain.txt", "for everyone\n");
        desk.git(&["add", "."]);
        write(
            ".gitattributes",
            "*.key filter=git-crypt diff=git-crypt merge=git-crypt\n*.pem filter=git-crypt merge=git-crypt\n",
        );
        write("sub/api.key", "opensesame\n");
        write("odd.pem", "----\n");
        desk.hs(["init"]).succeeds();
        desk.git(&["add", ".gitattributes", "sub", "odd.pem"]);
        desk.git(&["commit", "--quiet", "-m", "first"]);
        Self(desk)
    }

    fn json(&self, code: i32) -> Value {
        json(self.hs(["status", "--json"]).ends_with(code))
    }
}
