//! Two services at two managers: one of them and the leader are killed in the middle of a run.

use serde_json::Value;

use crate::harness::three_managers::ThreeManagers;
use crate::scene::Scene;

/// The tasks of the service, the ended ones too, each with its id and what is to become of it.
fn tasks(managers: &ThreeManagers, number: u32) -> Vec<String> {
    let format = "{{.ID}} {{.DesiredState}}";
    let ps = [
        "service",
        "ps",
        "--no-trunc",
        "--format",
        format,
        "mail_post",
    ];
    let listed = managers.docker(number, &ps).succeeds().text();
    listed.lines().map(str::to_owned).collect()
}

fn secret(managers: &ThreeManagers, number: u32) -> String {
    let format = "{{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}}{{end}}";
    let inspect = ["service", "inspect", "--format", format, "mail_post"];
    let used = managers.docker(number, &inspect).succeeds().text();
    used.trim().to_owned()
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn the_leader_and_the_service_that_works_are_killed_and_the_push_is_deployed_once() {
    let mut managers = ThreeManagers::new();
    managers.import_image();
    // Tasks run where nothing is killed, so that each one that starts was started by a deployment.
    let nodes = managers.docker(3, &["node", "inspect", "--format", "{{.ID}}", "self"]);
    let node = nodes.succeeds().text();
    let label = ["node", "update", "--label-add", "place=quiet", node.trim()];
    managers.docker(1, &label).succeeds();
    let scene = Scene::new(&managers.host(1));
    scene.set("poll = \"2s\"");
    scene.edit_settings("[stacks.web]\n", "");
    scene.put_mail_on_host(
        "      replicas: 2\n      placement: {constraints: [node.labels.place == quiet]}\n",
    );
    let first = scene.push("Two of them");
    let is_at = |commit: &str, run: &Value| {
        let state = run["state"].as_str();
        run["commit"] == commit && matches!(state, Some("deployed" | "nothing-to-do"))
    };
    assert_eq!(managers.leader(&[1, 2, 3]), Some(1));
    let one = scene.serve();
    let other = scene.serve_beside(&managers.host(2), "other-state");
    for service in [&one, &other] {
        service.wait_for_run("mail", |run| is_at(&first, run));
    }
    assert_eq!(secret(&managers, 2), scene.mail_secret());
    let before = tasks(&managers, 2);
    assert_eq!(before.len(), 2, "{before:?}");

    // One is told of a push, and is killed while it deploys that. The leader goes with it.
    scene.desk.write("secrets/mail", "a secret of three\n");
    let commit = scene.push("While all goes down");
    let run = one.deliver("d1", &commit, "").expect(202).run_of("mail").0;
    one.log.wait_for(&format!("run {run} of mail: "));
    one.kill();
    managers.kill(1);
    let done = other.wait_for_run("mail", |run| is_at(&commit, run));
    assert_eq!(done["because"], "poll", "{done}");
    managers.wait_until("another leads", |managers| {
        managers.leader(&[2, 3]).is_some()
    });
    assert_eq!(secret(&managers, 2), scene.mail_secret());

    // Each of the two tasks was replaced once.
    let after = tasks(&managers, 2);
    assert_eq!(after.len(), 4, "{before:?} {after:?}");
    assert!(before.iter().all(|task| {
        let id = task.split(' ').next().expect("an id");
        after.contains(&format!("{id} Shutdown"))
    }));

    // The one that comes back finds nothing to do.
    managers.start(1);
    managers.wait_until("it has caught up", |managers| {
        managers.docker(1, &["node", "ls"]).code == 0
    });
    let one = scene.serve();
    let done = one.wait_for_run("mail", |run| is_at(&commit, run));
    assert_eq!(done["state"], "nothing-to-do", "{done}");
    assert_eq!(tasks(&managers, 3), after);
    for service in [one, other] {
        assert_eq!(service.stop(), Some(0));
    }
}
