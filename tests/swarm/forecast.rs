//! `plan` predicts what happens to services, and names what is uncertain.

use crate::deploy_lab::lab;
use crate::harness::desk::Desk;
use crate::harness::engine::IMAGE;
use crate::harness::pty::run_answering;
use crate::harness::sandbox::{Sandbox, run};
use crate::lab::Lab;

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn services_that_docker_would_remove_or_run_again_are_named() {
    let lab = lab("forecast");
    lab.edit_stack(
        "    file: secrets/token\n",
        "    file: secrets/token\n    name: 'forecast_token-${TOKEN}'\n",
    );
    lab.commit();
    lab.deploy(&[]).succeeds();
    // The variable of a file must be ignored, even if an earlier `env --export` has set it.
    let mut exported = lab.command(&lab.repository, ["plan", "forecast"]);
    exported.env("TOKEN", "stale");
    assert_eq!(run(exported, b"").succeeds().text(), "nothing to do\n");

    let job = "service create --detach --quiet --no-resolve-image --mode replicated-job --name forecast_batch \
               --label com.docker.stack.namespace=forecast";
    let words = job.split_whitespace().chain([IMAGE, "true"]);
    lab.engine.docker(words).succeeds();
    lab.edit_stack("  idle:\n", "  batch:\n");
    lab.commit();
    let planned = lab.hs("plan", &[]).ends_with(3);
    let again = "run job forecast_batch again, as each deployment does\n";
    assert!(planned.text().contains(again), "{}", planned.text());
    let stays = "service forecast_idle is not in the stack's files and stays; `deploy forecast -- --prune` removes it\n";
    assert!(planned.stderr.contains(stays), "{}", planned.stderr);

    let removed = "remove service forecast_idle\n";
    let dry = lab
        .hs("deploy", &["--dry-run", "--", "--prune"])
        .ends_with(3);
    assert!(dry.text().contains(removed), "{}", dry.text());
    assert!(!dry.stderr.contains("and stays"), "{}", dry.stderr);
    lab.write("other.yml", "version: '3.7'\nservices: {idle: {imge: x}}\n");
    let with_file = ["--dry-run", "--", "-c", "other.yml", "--prune"];
    let dry = lab.hs("deploy", &with_file).fails_saying(&["imge"]);
    let unsure = "remove service forecast_idle, unless a file behind `-c` has it\n";
    assert!(dry.text().contains(unsure), "{}", dry.text());

    lab.engine
        .docker(["service", "rm", "forecast_batch"])
        .succeeds();
    let prune = ["--", "--resolve-image", "never", "--prune"];
    lab.hs("deploy", &prune).succeeds();
    let services = ["service", "ls", "--format", "{{.Name}}"];
    let services = lab.engine.docker(services).succeeds().text();
    assert!(!services.contains("forecast_idle"), "{services}");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn unset_variables_and_changed_labels_are_named_and_a_terminal_has_colours() {
    let lab = Lab::new("named");
    let typed = format!(
        "env -u NO_COLOR TERM=xterm DOCKER_HOST={} hs-secrets plan named",
        lab.engine.host()
    );
    let shown = run_answering(&lab.sandbox, &lab.repository, &typed, &[]);
    let coloured = "\x1b[32mcreate\x1b[0m secret named_token-";
    assert!(shown.stderr.contains(coloured), "{}", shown.stderr);
    lab.hs("sync", &[]).succeeds();

    lab.edit_stack("image: app\n", "image: 'app:${TAG}'\n");
    lab.edit_stack("team: edge", "team: core");
    lab.commit();
    let name = &lab.secrets()[0];
    for verb in ["plan", "sync"] {
        let told = lab.hs(verb, &[]).stderr;
        let labels = format!("what is in the Swarm keeps its own: secret {name}\n");
        assert!(told.contains(&labels), "{verb}: {told}");
    }
    let told = lab.hs("plan", &[]).stderr;
    let unset = "named.yml:4: the variable TAG is not set; docker puts nothing in its place\n";
    assert!(told.contains(unset), "{told}");
    let mut set = lab.command(&lab.repository, ["plan", "named"]);
    set.env("TAG", "1");
    let told = run(set, b"").stderr;
    assert!(!told.contains("TAG"), "{told}");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_shallow_clone_warns_of_commits_that_it_can_not_judge_and_deploys() {
    let lab = lab("shallow");
    lab.deploy(&[]).succeeds();
    let deployed = lab.git(&["rev-parse", "--short=7", "HEAD"]);
    lab.write("secrets/token", "newer\n");
    lab.commit();
    let sandbox = Sandbox::new();
    let from = format!("file://{}", lab.repository.display());
    let words = ["clone", "--quiet", "--depth", "1", &from, "clone"];
    sandbox.git(&sandbox.path(""), words).succeeds();
    let clone = Lab {
        desk: Desk {
            repository: sandbox.path("clone"),
            sandbox,
        },
        engine: lab.engine.clone(),
        stack: lab.stack,
    };
    let key = clone.sandbox.path("key").display().to_string();
    lab.desk.hs(["export-key", &key]).succeeds();
    clone.desk.hs(["unlock", &key]).succeeds();
    let told = format!("of commit {deployed}, which this shallow clone does not have\n");
    let planned = clone.hs("plan", &[]).ends_with(3);
    assert!(planned.stderr.contains(&told), "{}", planned.stderr);
    let hint = "hint: `git fetch --unshallow` gets the history";
    assert!(planned.stderr.contains(hint), "{}", planned.stderr);
    let done = clone.deploy(&[]).succeeds();
    assert!(done.stderr.contains(&told), "{}", done.stderr);
    assert!(clone.spec("app").contains(&clone.token_at("HEAD")));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn networks_that_a_deployment_makes_are_planned() {
    let lab = lab("netted");
    lab.edit_stack(
        "  idle:\n    <<: *common\n",
        "  idle:\n    <<: *common\n    networks: [outer]\n",
    );
    lab.edit_stack(
        "secrets:\n  token:\n",
        "networks:\n  outer: {external: true, name: netted-outer}\nsecrets:\n  token:\n",
    );
    lab.commit();
    let line = "create network netted-outer (overlay, attachable; netted.yml:";
    let planned = lab.hs("plan", &[]).ends_with(3).text();
    assert_eq!(planned.matches(line).count(), 1, "{planned}");
    let json = lab.hs("plan", &["--json"]).ends_with(3).text();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json[0]["networks"]["create"][0], "netted-outer");
    lab.deploy(&[]).succeeds();
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), "nothing to do\n");
}
