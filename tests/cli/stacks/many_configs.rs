//! A stack file with thousands of configs, whose files are in one folder.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::harness::sandbox::Sandbox;

/// Number of configs in the stack. If the cost of each grew with this number, the test would take many minutes.
const CONFIGS: usize = 20_000;
/// Time limit: far more than the test takes on a busy machine if the cost of each config is constant.
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn the_cost_of_each_config_does_not_grow_with_their_number() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("many");
    let (mut stack, mut uses) = ("configs:\n".to_owned(), String::new());
    let mut commit = "commit refs/heads/main\n\
                      committer Tester <tester@example.org> 0 +0000\ndata 0\n"
        .to_owned();
    for number in 0..CONFIGS {
        let written = [
            writeln!(stack, "  c{number}: {{file: c/{number}}}"),
            writeln!(uses, "      - c{number}"),
            write!(commit, "M 644 inline c/{number}\ndata 6\n{number:05}\n\n"),
        ];
        written.into_iter().for_each(|line| line.expect("a string"));
    }
    stack += "services:\n  app:\n    image: app\n    configs:\n";
    stack += &uses;
    let length = stack.len();
    write!(commit, "M 644 inline web.yml\ndata {length}\n{stack}\n").expect("a string");
    let import = ["fast-import", "--quiet"];
    sandbox
        .run(&repository, "git", import, commit.as_bytes())
        .succeeds();

    let started = Instant::now();
    let rendered = sandbox.hs(&repository, ["render", "web", "--rev", "main"]);
    let rendered = rendered.succeeds().text();
    assert_eq!(rendered.matches("external: true").count(), CONFIGS);
    let took = started.elapsed();
    assert!(took < PATIENCE, "{took:?}");
}
