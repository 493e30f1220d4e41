//! Pushes that are deployed to a real Swarm.

use crate::harness::engine::Engine;
use crate::scene::{Scene, Service, TOKEN, web};
use crate::web_client::{Reply, get, get_as, post};

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_push_updates_whom_it_concerns_a_broken_one_is_told_and_a_kill_loses_nothing() {
    let engine = Engine::with_networks();
    let scene = Scene::new(&engine.host());
    let service = scene.serve();
    // The commit that exists at the start is deployed.
    service.wait_for_run("web", |run| run["state"] == "deployed");
    service.wait_for_run("mail", |run| run["state"] == "deployed");
    let tasks = |service: &str| {
        let running = ["--quiet", "--filter", "desired-state=running"];
        let words = [&["service", "ps"][..], &running, &[service]].concat();
        engine.docker(words).succeeds().text()
    };
    let secret_of_app = || {
        let format = "{{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}}{{end}}";
        let inspect = ["service", "inspect", "--format", format, "web_app"];
        engine.docker(inspect).succeeds().text().trim().to_owned()
    };
    let wanted_secret = || {
        let blob = scene.desk.git(&["rev-parse", "HEAD:secrets/token"]);
        format!("web_token-{}", &blob[..32])
    };
    assert_eq!(secret_of_app(), wanted_secret());
    assert_eq!(
        get(service.page, "/healthz").expect(200).json()["healthy"],
        true
    );

    // Change one encrypted file of one stack.
    let before = [tasks("web_app"), tasks("web_idle"), tasks("mail_post")];
    scene.desk.write("secrets/token", "second secret\n");
    let commit = scene.push("A new token");
    let reply = service.deliver("d1", &commit, "?wait=true").expect(200);
    assert_eq!(reply.run_of("mail").1, "nothing-to-do");
    let (run, state) = reply.run_of("web");
    assert_eq!(state, "deployed");
    assert_eq!(secret_of_app(), wanted_secret());
    let after = [tasks("web_app"), tasks("web_idle"), tasks("mail_post")];
    assert_ne!(after[0], before[0]);
    assert_eq!(after[1..], before[1..]);
    // The deployment is shown in the run, on the pages, in the metrics and in the log.
    let told = get(service.page, &format!("/runs/{run}"))
        .expect(200)
        .json();
    assert_eq!(told["commit"], commit, "{told}");
    let said = told["said"].to_string();
    assert!(
        said.contains("service web_app will be updated: secret token (secrets/token) "),
        "{said}"
    );
    assert!(said.contains("converged service web_app"), "{said}");
    let page = get(service.page, "/").expect(200).body;
    assert!(
        page.contains(&format!("<code>{}</code>", &commit[..12])),
        "{page}"
    );
    let page = get_as(
        service.page,
        &format!("/runs/{run}"),
        "Accept: text/html\r\n",
    )
    .body;
    assert!(
        page.contains("converged service web_app") && page.contains(&commit),
        "{page}"
    );
    let metrics = || get(service.page, "/metrics").expect(200).body;
    assert!(
        metrics().contains(&format!(
            "hs_secrets_deployed_timestamp_seconds{{stack=\"web\",commit=\"{commit}\"}} "
        )),
        "{}",
        metrics()
    );
    service
        .log
        .wait_for(&format!("run {run} of web: deployed ({})", &commit[..12]));

    // A push that changes nothing deploys nothing.
    scene.desk.write("README", "words\n");
    let reply = service
        .deliver("d2", &scene.push("Words"), "?wait=true")
        .expect(200);
    assert_eq!(reply.run_of("web").1, "nothing-to-do");
    assert_eq!(
        [tasks("web_app"), tasks("web_idle"), tasks("mail_post")],
        after
    );

    // Docker rolls back a broken update, which counts as a failure.
    scene.desk.write("web.yml", web("exit 1"));
    let reply = service
        .deliver("d3", &scene.push("Broken"), "?wait=true")
        .expect(500);
    let (broken, state) = reply.run_of("web");
    assert_eq!(state, "failed");
    let told = get(service.page, &format!("/runs/{broken}"))
        .expect(200)
        .body;
    assert!(told.contains("service web_app"), "{told}");
    assert!(
        metrics().contains("hs_secrets_last_run_good{stack=\"web\"} 0\n"),
        "{}",
        metrics()
    );
    scene
        .desk
        .write("web.yml", web("cat /run/secrets/token; sleep 1001"));
    let reply: Reply = service.deliver("d4", &scene.push("Mended"), "?wait=true");
    assert_eq!(reply.expect(200).run_of("web").1, "deployed");
    assert!(
        metrics().contains("hs_secrets_last_run_good{stack=\"web\"} 1\n"),
        "{}",
        metrics()
    );

    // The service is killed during the run, after it has responded.
    scene.desk.write("secrets/token", "third secret\n");
    let commit = scene.push("Another token");
    let (run, _) = service.deliver("d5", &commit, "").expect(202).run_of("web");
    service
        .log
        .wait_for(&format!("run {run} of web: created secret "));
    service.kill();
    let service = scene.serve();
    let done = service.wait_for_run("web", |run| {
        run["commit"] == commit
            && matches!(run["state"].as_str(), Some("deployed" | "nothing-to-do"))
    });
    // The run itself goes on: no run of the start has replaced it.
    assert_eq!(done["run"], run, "{done}");
    assert_eq!(secret_of_app(), wanted_secret());
    engine.wait_for(&["service", "logs", "--raw", "web_app"], |logs| {
        logs.contains("third secret")
    });
    assert!(!service.whole_log().contains("third secret"));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_stack_is_healed_taken_back_and_waits_for_its_key() {
    let engine = Engine::with_networks();
    let scene = Scene::new(&engine.host());
    scene.set("drift = \"1s\"");
    scene.edit_settings("[stacks.web]", "[stacks.web]\nheal = true");
    scene.edit_settings("[stacks.mail]\n", "");
    let service = scene.serve();
    service.wait_for_run("web", |run| run["state"] == "deployed");
    let first = scene.commit();
    let secret_of_app = || {
        let format = "{{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}}{{end}}";
        let inspect = ["service", "inspect", "--format", format, "web_app"];
        engine.docker(inspect).succeeds().text().trim().to_owned()
    };
    let secret_at = |commit: &str| {
        let blob = scene
            .desk
            .git(&["rev-parse", &format!("{commit}:secrets/token")]);
        format!("web_token-{}", &blob[..32])
    };

    // Somebody changes a service by hand.
    let scale = ["service", "scale", "--detach", "web_idle=2"];
    engine.docker(scale).succeeds();
    service
        .log
        .wait_for("stack web is not as its commit says: service web_idle: replicas: 2 -> 1");
    let is_healed =
        |run: &serde_json::Value| run["because"] == "drift" && run["state"] == "deployed";
    assert_eq!(service.wait_for_run("web", is_healed)["commit"], first);
    let replicas = [
        "service",
        "inspect",
        "--format",
        "{{.Spec.Mode.Replicated.Replicas}}",
        "web_idle",
    ];
    assert_eq!(engine.docker(replicas).succeeds().text().trim(), "1");

    // A commit is rolled back, and a restart does not deploy it again. The next push would.
    scene.desk.write("secrets/token", "second secret\n");
    let second = scene.push("A new token");
    service.deliver("d1", &second, "?wait=true").expect(200);
    assert_eq!(secret_of_app(), secret_at(&second));
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let rollback = |service: &Service, query: &str| {
        post(
            service.forges,
            &format!("/rollback/web{query}"),
            &bearer,
            b"",
        )
    };
    post(service.forges, "/rollback/web", "", b"").expect(401);
    let back = rollback(&service, "?wait=true").expect(200);
    assert_eq!(back.json()["runs"][0]["commit"], first);
    assert_eq!(secret_of_app(), secret_at(&first));
    rollback(&service, "").expect(409);
    rollback(&service, "?to=main").expect(409);
    assert_eq!(service.stop(), Some(0));
    let service = scene.serve();
    let start = service.wait_for_run("web", |run| {
        run["because"] == "start" && run["state"] == "nothing-to-do"
    });
    assert!(
        start["said"].to_string().contains("it waits for a push"),
        "{start}"
    );
    assert_eq!(secret_of_app(), secret_at(&first));
    let forward = rollback(&service, &format!("?wait=true&to={}", &second[..8])).expect(200);
    assert_eq!(forward.json()["runs"][0]["commit"], second);

    // After a rotation, the run waits for the new key.
    scene.desk.hs(["rotate-key", "--commit"]).succeeds();
    let rotated = scene.push_head();
    service.deliver("d2", &rotated, "").expect(202);
    let waiting = service.wait_for_run("web", |run| run["state"] == "waiting");
    let reason = waiting["reason"].as_str().expect("a reason");
    let change = format!(
        "if the key was rotated in {} by \"Tester\", renew the key file ",
        &rotated[..7]
    );
    assert!(
        reason.contains("secrets/token") && reason.contains(&change),
        "{reason}"
    );
    scene.desk.hs(["export-key", "../new-key"]).succeeds();
    let [new, key] = ["new-key", "key"].map(|name| scene.desk.sandbox.path(name));
    std::fs::rename(new, key).expect("renewed");
    let done = service.wait_for_run("web", |run| run["state"] == "deployed");
    assert_eq!(
        (&done["run"], &done["commit"]),
        (&waiting["run"], &rotated.into())
    );
    assert_eq!(service.stop(), Some(0));

    // A deployment that takes too long is ended.
    scene.edit_settings("drift = \"1s\"", "timeout = \"4s\"");
    scene.edit_settings("heal = true", "");
    let slow = web("cat /run/secrets/token; sleep 1002").replace("monitor: 500ms", "monitor: 100s");
    scene.desk.write("web.yml", slow);
    scene.push("Slow");
    let service = scene.serve();
    let ended = service.wait_for_run("web", |run| run["state"] == "timed-out");
    assert!(
        ended["said"].to_string().contains("not done within 4 s"),
        "{ended}"
    );
}
