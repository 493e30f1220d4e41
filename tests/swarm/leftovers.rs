//! `prune --gone` and `prune --foreign` remove what is left of removed stacks and of other tools.

use crate::deploy_lab::lab;
use crate::harness::sandbox::{Run, run};
use crate::lab::Lab;

fn prune(lab: &Lab, arguments: &[&str]) -> Run {
    let words = ["prune"].iter().chain(arguments).copied();
    run(lab.command(&lab.repository, words), b"")
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_a_stack_leaves_that_is_gone_is_removed_once_nobody_uses_it() {
    let lab = lab("departed");
    lab.deploy(&[]).succeeds();
    let used = lab.token_at("HEAD");
    lab.write("secrets/token", "newer\n");
    lab.commit();
    lab.hs("sync", &[]).succeeds();
    let unused = lab.token_at("HEAD");
    let known = ["--gone", "departed", "--min-age", "0"];
    let refused = prune(&lab, &known).ends_with(2);
    let told = "stack departed is in this repository, and not gone";
    assert!(refused.stderr.contains(told), "{}", refused.stderr);

    lab.git(&["rm", "--quiet", "departed.yml"]);
    lab.commit();
    let gone = ["--gone", "--min-age", "0"];
    let shown = prune(&lab, &[&gone[..], &["--dry-run"]].concat()).succeeds();
    let line = format!("would remove secret {unused} (");
    assert!(shown.text().starts_with(&line), "{}", shown.text());
    assert_eq!(shown.text().lines().count(), 1, "{}", shown.text());
    prune(&lab, &gone).ends_with(2);
    let young = prune(&lab, &["--gone"]).succeeds();
    assert_eq!(young.text(), "nothing to do\n");
    let other = prune(&lab, &["--gone", "another", "--min-age", "0"]).succeeds();
    assert_eq!(other.text(), "nothing to do\n");
    prune(&lab, &[&gone[..], &["--yes"]].concat()).succeeds();
    assert_eq!(lab.secrets(), [used.as_str()]);

    // Another repository did not create these objects, so it must not remove them.
    let stop = "service scale --detach departed_app=0 departed_idle=0";
    lab.engine.docker(stop.split(' ')).succeeds();
    for service in ["departed_app", "departed_idle"] {
        let states = ["service", "ps", "--format", "{{.CurrentState}}", service];
        lab.engine
            .wait_for(&states, |states| !states.contains("Running"));
        lab.engine.docker(["service", "rm", service]).succeeds();
    }
    let other = Lab::on(lab.engine.clone(), "elsewhere");
    let told = prune(&other, &[&gone[..], &["--yes"]].concat()).succeeds();
    assert!(!told.text().contains("departed"), "{}", told.text());
    let removed = prune(&lab, &[&gone[..], &["--yes"]].concat())
        .succeeds()
        .text();
    for line in [
        format!("removed secret {used}\n"),
        "removed config hs-secrets-deployed-departed\n".to_owned(),
    ] {
        assert!(removed.contains(&line), "{removed}");
    }
    assert_eq!(lab.secrets(), [""; 0]);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_stack_that_left_the_repository_is_listed_while_it_is_there() {
    let lab = Lab::new("leaving");
    lab.hs("sync", &[]).succeeds();
    let secret = lab.secrets().remove(0);
    lab.create_service(&secret);
    lab.git(&["mv", "leaving.yml", "staying.yml"]);
    lab.commit();
    let run_all = |verb| run(lab.command(&lab.repository, [verb]), b"");
    let planned = run_all("plan").ends_with(3).stderr;
    let mut lines = planned.lines();
    let told = lines.find(|line| line.contains("in the Swarm, and not in this repository: "));
    let told = told.expect("what is elsewhere");
    // There may be stacks of other tests on this engine.
    assert!(told.contains("leaving"), "{told}");
    assert!(
        told.contains("`docker stack rm STACK` removes one"),
        "{told}"
    );
    let listed = run_all("ls").succeeds().text();
    let rows = listed.lines().filter(|line| line.starts_with("leaving "));
    let rows: Vec<&str> = rows.collect();
    assert_eq!(rows.len(), 2, "{listed}");
    let state = |kind: &str| {
        let mut rows = rows.iter().filter(|row| row.contains(kind));
        rows.next().expect(kind).to_string()
    };
    assert!(state("secret").contains("running"), "{listed}");
    assert!(state("config").contains("gone"), "{listed}");
    // A command for one stack does not mention other stacks.
    let one = run(lab.command(&lab.repository, ["plan", "staying"]), b"");
    assert!(
        !one.stderr.contains("not in this repository"),
        "{}",
        one.stderr
    );
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn the_last_stack_that_left_the_repository_is_listed_too() {
    let lab = Lab::new("lonely");
    lab.hs("sync", &[]).succeeds();
    let secret = lab.secrets().remove(0);
    lab.create_service(&secret);
    lab.git(&["rm", "--quiet", "lonely.yml"]);
    lab.commit();
    let run_all = |words: &[&str]| run(lab.command(&lab.repository, words.iter().copied()), b"");
    let listed = run_all(&["ls"]).succeeds().text();
    let row = |kind: &str| {
        let mut rows = listed.lines();
        let row = rows.find(|line| line.starts_with("lonely ") && line.contains(kind));
        row.expect(kind).to_owned()
    };
    assert!(row("secret").contains("running"), "{listed}");
    assert!(row("config").contains("gone"), "{listed}");
    let planned = run_all(&["plan"]).succeeds();
    assert_eq!(planned.text(), "nothing to do\n");
    let mut lines = planned.stderr.lines();
    let told = lines.find(|line| line.contains("in the Swarm, and not in this repository: "));
    assert!(
        told.is_some_and(|told| told.contains("lonely")),
        "{}",
        planned.stderr
    );
    run_all(&["plan", "lonely"]).fails_saying(&["no stack `lonely` here"]);
    run_all(&["deploy"]).fails_saying(&["no stacks here"]);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn leftovers_of_other_tools_are_removed_by_their_names() {
    let lab = Lab::new("tidied");
    lab.hs("sync", &[]).succeeds();
    for name in ["tidied_doco-v1", "tidied_doco-v2", "tidied_other-v1"] {
        let label = "com.docker.stack.namespace=tidied";
        let create = ["config", "create", "--label", label, name, "-"];
        lab.engine
            .docker_with_input(create, b"made elsewhere")
            .succeeds();
    }
    let service = "service create --detach --quiet --no-resolve-image --replicas 0 --name tidied_uses --config tidied_doco-v2";
    let words = service.split(' ').chain([crate::harness::engine::IMAGE]);
    lab.engine.docker(words).succeeds();
    let before = lab.names("config").len();
    assert_eq!(
        prune(&lab, &["--foreign", "tidied_doco-v*"])
            .succeeds()
            .text(),
        "nothing to do\n",
        "they are young"
    );
    let pattern = ["--foreign", "tidied_*", "--min-age", "0"];
    let shown = prune(&lab, &[&pattern[..], &["--dry-run"]].concat()).succeeds();
    assert_eq!(shown.text().matches("would remove config").count(), 2);
    prune(&lab, &pattern).ends_with(2);
    let removed = prune(
        &lab,
        &["--foreign", "tidied_doco*", "--min-age", "0", "--yes"],
    );
    assert_eq!(removed.succeeds().text(), "removed config tidied_doco-v1\n");
    let left = lab.names("config");
    assert_eq!(left.len(), before - 1, "{left:?}");
    assert!(
        left.iter().any(|name| name == "tidied_other-v1"),
        "{left:?}"
    );
}
