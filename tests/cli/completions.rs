//! Completions of names in the repository, tried in real shells.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::pty::run_answering;
use crate::harness::sandbox::Sandbox;

/// Fills `COMPREPLY` as Bash does when a user types the arguments and presses the tab key.
const BASH: &str = r#"
source <(hs-secrets completions bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
completer=$(complete -p hs-secrets | sed 's/.*-F \([^ ]*\) .*/\1/')
"$completer" hs-secrets "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

const ALICE: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// Two stacks, a second key, a collaborator, a branch and a tag.
fn repository(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("repository");
    for name in ["web", "wiki"] {
        let folder = repository.join(name);
        fs::create_dir(&folder).expect("a new folder");
        let stack = "services:\n  app:\n    image: app:1\n";
        fs::write(folder.join("stack.yml"), stack).expect("a file");
    }
    sandbox.hs(&repository, ["init"]).succeeds();
    sandbox.hs(&repository, ["init", "-k", "ops"]).succeeds();
    sandbox.git(&repository, ["add", "."]).succeeds();
    let commit = ["commit", "--quiet", "-m", "all"];
    sandbox.git(&repository, commit).succeeds();
    let add = ["add-age-user", "--name", "alice", ALICE];
    sandbox.hs(&repository, add).succeeds();
    sandbox.git(&repository, ["branch", "feature"]).succeeds();
    sandbox.git(&repository, ["tag", "v1"]).succeeds();
    repository
}

#[track_caller]
fn assert_bash_completes(sandbox: &Sandbox, repository: &Path, typed: &[&str], with: &[&str]) {
    let arguments = [&["-c", BASH, "bash", "hs-secrets"][..], typed].concat();
    let run = sandbox.run(repository, "bash", arguments, b"").succeeds();
    assert_eq!(run.stderr, "");
    let text = run.text();
    let mut words: Vec<&str> = text.split(['\n', '\u{b}']).map(str::trim).collect();
    words.retain(|word| !word.is_empty() && !word.starts_with('-'));
    assert_eq!(words, with, "{typed:?}");
}

#[test]
fn bash_completes_names_of_the_repository() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let completes = |typed: &[&str], with: &[&str]| {
        assert_bash_completes(&sandbox, &repository, typed, with);
    };
    completes(&["ini"], &["init"]);
    for verb in ["sync", "deploy", "plan"] {
        completes(&[verb, "w"], &["web", "wiki"]);
    }
    completes(&["plan", "web", "wi"], &["wiki"]);
    completes(&["render", "we"], &["web"]);
    completes(&["lock", "-k", ""], &["ops"]);
    completes(&["rm-age-user", "a"], &["alice"]);
    completes(&["rm-ssh-user", "a"], &["alice"]);
    completes(&["rm-gpg-user", ""], &[]);
    completes(&["plan", "--rev", ""], &["HEAD", "feature", "main", "v1"]);
    completes(&["rollback", "web", "--to", "v"], &["v1"]);
    // Completion prints no errors while the user types.
    let elsewhere = sandbox.path("");
    assert_bash_completes(&sandbox, &elsewhere, &["sync", "w"], &[]);
}

#[test]
#[ignore = "needs zsh: tests/run.sh"]
fn zsh_completes_names_of_the_repository() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let load = "autoload -U compinit; compinit -u -D; source <(hs-secrets completions zsh); print loaded $((1 + 1))";
    // The tab key, then Ctrl-A to go to the beginning of the line.
    let complete = "hs-secrets sync we\t\u{1}print -r completed: ";
    let answers = [
        ("ready:", load),
        ("loaded 2", complete),
        ("completed: hs-secrets sync web", "exit"),
    ];
    let zsh = "timeout --foreground 60 env TERM=xterm PS1=ready: zsh -f -i";
    run_answering(&sandbox, &repository, zsh, &answers);
}

#[test]
#[ignore = "needs fish: tests/run.sh"]
fn fish_completes_names_of_the_repository() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let script = "hs-secrets completions fish | source; complete -C 'hs-secrets sync w'; complete -C 'hs-secrets rm-age-user a'";
    let run = sandbox.run(&repository, "fish", ["-c", script], b"");
    let text = run.succeeds().text();
    let words = text
        .lines()
        .map(|line| line.split('\t').next().unwrap_or(line));
    assert_eq!(words.collect::<Vec<_>>(), ["web", "wiki", "alice"]);
}

#[test]
fn a_variable_of_another_program_changes_nothing() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("repository");
    let mut command = sandbox.command(&repository, "hs-secrets");
    command.arg("init").env("COMPLETE", "bash");
    crate::harness::sandbox::run(command, b"").succeeds();
    assert!(repository.join(".git/git-crypt/keys/default").exists());
}
