//! The objects that a deployment removes at its end, and the cases in which it removes nothing.

use crate::aged::aged;
use crate::deploy_lab::lab;
use crate::harness::sandbox::{Run, run};

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_deployment_prunes_at_its_end_unless_told_not_to_or_something_failed() {
    let lab = lab("pruning");
    let aged = aged(&lab.engine);
    let deploy = |arguments: &[&str]| -> Run {
        let docker = ["--", "--resolve-image", "never"];
        let words = [&["deploy", "pruning"], arguments, &docker].concat();
        let mut command = lab.command(&lab.repository, words);
        command.env("DOCKER_HOST", aged.host());
        run(command, b"")
    };
    let removed = |run: &Run| run.text().matches("removed secret ").count();
    let next = |word: &str| {
        lab.write("secrets/token", format!("{word} secret\n"));
        lab.commit();
        lab.token_at("HEAD")
    };
    lab.write(".hs-secrets.toml", "keep = 0\n");
    let first = next("first");
    assert_eq!(removed(&deploy(&[]).succeeds()), 0);
    let second = next("second");
    let updated = deploy(&[]).succeeds();
    assert_eq!(removed(&updated), 0, "the service's own rollback needs it");
    let third = next("third");
    assert_eq!(removed(&deploy(&["--no-prune"]).succeeds()), 0);
    assert!(lab.secrets().contains(&first), "nobody needs it any more");

    lab.edit_stack("[sh, -c, ", "[no-such-program, ");
    let broken = next("broken");
    assert_eq!(removed(&deploy(&[]).fails_saying(&["no-such-program"])), 0);
    let mut all = [first.clone(), second, third.clone(), broken];
    all.sort();
    let mut there = lab.secrets();
    there.sort();
    assert_eq!(there, all);

    lab.git(&["revert", "--no-edit", "HEAD"]);
    let repaired = deploy(&[]).succeeds();
    let line = format!("removed secret {first}\n");
    assert!(repaired.text().contains(&line), "{}", repaired.text());
    let there = lab.secrets();
    assert!(
        there.contains(&third) && !there.contains(&first),
        "{there:?}"
    );
}
