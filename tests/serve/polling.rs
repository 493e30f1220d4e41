//! Runs that no forge triggers: a remote is polled, a window opens, or a node becomes a manager again.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{ToSpan as _, ZonedDateTime};
use serde_json::Value;

use crate::harness::engine::Engine;
use crate::scene::{Scene, Service, TOKEN, web};
use crate::web_client::{get, post};

fn is_of<'a>(commit: &'a str, state: &'a str) -> impl Fn(&Value) -> bool {
    move |run| run["commit"] == commit && run["state"] == state
}

/// Waits until the remote was asked twice.
fn wait_for_polls(service: &Service) {
    let polls = || {
        let metrics = get(service.page, "/metrics").expect(200).body;
        let mut lines = metrics.lines();
        let count = lines.find_map(|line| {
            line.strip_prefix("hs_secrets_polls_total{outcome=\"done\"} ")?
                .parse::<u64>()
                .ok()
        });
        count.expect("a number")
    };
    let (before, began) = (polls(), Instant::now());
    while polls() < before + 2 {
        assert!(began.elapsed() < Duration::from_secs(60), "nobody polls");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_polled_commit_is_deployed_and_one_that_docker_gave_up_only_when_it_is_asked_for() {
    let engine = Engine::with_networks();
    let scene = Scene::new(&engine.host());
    scene.set("poll = \"1s\"");
    scene.edit_settings("secret-files = [\"hook\"]\n", "");
    scene.edit_settings("[stacks.mail]\n", "");
    let service = scene.serve();
    service.wait_for_run("web", is_of(&scene.commit(), "deployed"));
    scene.desk.write("secrets/token", "second secret\n");
    let second = scene.push("A new token");
    let polled = service.wait_for_run("web", is_of(&second, "deployed"));
    assert_eq!(polled["because"], "poll", "{polled}");

    // Docker rolls the deployment back. Neither a poll nor a restart of the service tries it again.
    let ending = web("exit 1").replace("monitor: 500ms", "monitor: 5s");
    scene.desk.write("web.yml", ending);
    let broken = scene.push("Broken");
    let failed = service.wait_for_run("web", is_of(&broken, "failed"));
    let version = || {
        let format = "{{.Version.Index}}";
        let inspect = ["service", "inspect", "--format", format, "web_app"];
        engine.docker(inspect).succeeds().text()
    };
    let rolled_back = version();
    wait_for_polls(&service);
    let newest = service.wait_for_run("web", |_| true);
    assert_eq!(newest["run"], failed["run"], "{newest}");
    assert_eq!(service.stop(), Some(0));
    let service = scene.serve();
    let start = service.wait_for_run("web", |run| {
        run["because"] == "start" && run["state"] == "failed"
    });
    let said = start["said"].to_string();
    let given_up = format!("docker has given commit {broken} up before");
    assert!(said.contains(&given_up), "{said}");
    wait_for_polls(&service);
    let again = service.wait_for_run("web", |_| true);
    assert_eq!(again["run"], start["run"], "{again}");
    assert_eq!(version(), rolled_back);

    // A person can ask for it again. A commit that fixes it is deployed automatically.
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let asked = post(service.forges, "/deploy/web?wait=true", &bearer, b"").expect(500);
    assert_eq!(asked.run_of("web").1, "failed");
    assert_ne!(version(), rolled_back);
    let mended = web("cat /run/secrets/token; sleep 1003");
    scene.desk.write("web.yml", mended);
    let mended = scene.push("Mended");
    service.wait_for_run("web", is_of(&mended, "deployed"));
    assert_eq!(service.stop(), Some(0));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_polled_commit_that_failed_for_another_reason_is_tried_again() {
    let engine = Engine::shared();
    let scene = Scene::new(&engine.host());
    scene.set("poll = \"1s\"");
    scene.edit_settings("[stacks.web]\n", "");
    scene.edit_settings("[stacks.mail]", "[stacks.late]");
    // The secret that it uses does not exist yet.
    scene.put_mail_on_host("");
    let stack = String::from_utf8(scene.desk.read("mail.yml")).expect("text");
    let external = "    external: true\n    name: made-late";
    let stack = stack.replace("    file: secrets/mail", external);
    scene.desk.write("late.yml", stack);
    let commit = scene.push("Late");
    let service = scene.serve();
    let first = service.wait_for_run("late", is_of(&commit, "failed"));
    let again = service.wait_for_run("late", |run| {
        run["because"] == "poll" && run["state"] == "failed"
    });
    assert!(again["run"].as_u64() > first["run"].as_u64(), "{again}");
    let create = ["secret", "create", "made-late", "-"];
    engine.docker_with_input(create, b"late").succeeds();
    service.wait_for_run("late", is_of(&commit, "deployed"));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_comes_before_the_window_waits_for_it_and_is_shown() {
    let engine = Engine::shared();
    let scene = Scene::new(&engine.host());
    scene.edit_settings("[stacks.web]\n", "");
    scene.edit_settings("[stacks.mail]", "[stacks.night]");
    scene.put_mail_on_host("");
    scene.desk.write("night.yml", scene.desk.read("mail.yml"));
    let commit = scene.push("At night");
    // The window opens at the next full minute, unless that begins before everything is checked.
    let opens = ZonedDateTime::now().with_time_zone(TimeZone::UTC) + 75.seconds();
    let closes = &opens + 2.hours();
    let [opens, closes] = [opens, closes].map(|time| time.strftime("%H:%M").to_string());
    let window = format!("[stacks.night]\nwindow = \"{opens}-{closes}\"");
    scene.edit_settings("[stacks.night]", &window);
    let service = scene.serve();
    service.wait_for_run("night", |run| run["state"] == "pending");
    let run = service
        .deliver("d1", &commit, "")
        .expect(202)
        .run_of("night");
    assert_eq!(run.1, "pending");
    let pending = service.wait_for_run("night", |newest| newest["run"] == run.0);
    let reason = pending["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("its window opens in "), "{reason}");
    let page = get(service.page, "/").expect(200).body;
    assert!(page.contains("its window opens in "), "{page}");
    let metrics = get(service.page, "/metrics").expect(200).body;
    let waits = "hs_secrets_open_runs{stack=\"night\",state=\"pending\"} ";
    assert!(metrics.contains(waits), "{metrics}");
    let done = service.wait_for_run("night", |run| run["state"] == "deployed");
    assert_eq!(
        (&done["run"], &done["commit"]),
        (&run.0.into(), &commit.into())
    );
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_node_that_is_no_manager_does_not_serve_and_one_that_was_demoted_loses_no_push() {
    let engine = Engine::swarm();
    let scene = Scene::new(&engine.host());
    scene.edit_settings("[stacks.web]\n", "");
    scene.put_mail_on_host("");
    scene.push("On the host's network");
    let service = scene.serve();
    service.wait_for_run("mail", |run| run["state"] == "deployed");
    engine.docker(["swarm", "leave", "--force"]).succeeds();
    scene.desk.write("secrets/mail", "a new one\n");
    let commit = scene.push("While it is none");
    let run = service
        .deliver("d1", &commit, "")
        .expect(202)
        .run_of("mail")
        .0;
    let waiting = service.wait_for_run("mail", |newest| {
        newest["run"] == run && newest["state"] == "waiting"
    });
    let reason = waiting["reason"].as_str().expect("a reason");
    assert!(reason.contains("is not a swarm manager"), "{reason}");

    let no_manager = format!(
        "the Docker daemon at {} is not a swarm manager",
        engine.host()
    );
    for arguments in [&["--check"][..], &["--state", "another"]] {
        let refused = scene.run(arguments).ends_with(1);
        let errors = refused
            .stderr
            .lines()
            .filter(|line| line.contains("error: "));
        let errors: Vec<&str> = errors.filter(|line| line.contains(&no_manager)).collect();
        assert_eq!(errors.len(), 1, "{}", refused.stderr);
        assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
    }

    engine.init_swarm();
    let done = service.wait_for_run("mail", |newest| newest["state"] == "deployed");
    assert_eq!(
        (&done["run"], &done["commit"]),
        (&run.into(), &commit.into())
    );
    assert_eq!(service.stop(), Some(0));
}
