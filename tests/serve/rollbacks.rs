//! A commit that somebody has gone back from, as a restarted service finds it in the file of its runs. No daemon answers: a run that tries
//! a commit waits.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::deliveries::NO_DAEMON;
use crate::inbox::Inbox;
use crate::scene::{Scene, Service};
use crate::web_client::get;

/// Earlier commits, which no repository has to have.
const FIRST: &str = "1111111111111111111111111111111111111111";
const SECOND: &str = "2222222222222222222222222222222222222222";

/// A run that was accepted: its cause, and the commit that was asked for.
fn accepted(because: &str, commit: Option<&str>) -> Value {
    json!({ "happened": "accepted", "target": "web", "because": because, "commit": commit })
}

/// A run that has ended: how, and the commit that was tried.
fn ended(result: &str, commit: Option<&str>) -> Value {
    json!({ "happened": "ended", "result": result, "commit": commit, "said": ["it ended"] })
}

/// A run from its cause to its end.
fn run(because: &str, wish: Option<&str>, result: &str, commit: Option<&str>) -> Vec<Value> {
    let started = json!({ "happened": "started" });
    vec![accepted(because, wish), started, ended(result, commit)]
}

/// Writes the file of the runs, as an earlier service has left it.
fn leave(scene: &Scene, runs: &[Vec<Value>]) {
    let state = scene.desk.sandbox.path("state");
    fs::create_dir(&state).expect("a folder");
    let mut text = "{\"hs-secrets-runs\":1}\n".to_owned();
    for (run, entries) in (1..).zip(runs) {
        for entry in entries {
            let mut entry = entry.clone();
            entry["run"] = run.into();
            entry["at"] = "2026-01-02T03:04:05Z".into();
            text += &format!("{entry}\n");
        }
    }
    fs::write(state.join("runs"), text).expect("the file is ours");
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).expect("the folder is ours");
}

/// Waits for the first run of the service, which is to be held back.
#[track_caller]
fn wait_until_held_back(service: &Service) {
    let start = service.wait_for_run("web", |run| {
        run["because"] == "start" && (run["state"] == "nothing-to-do" || run["state"] == "waiting")
    });
    let said = start["said"].to_string();
    assert!(said.contains("it waits for a push"), "{start}");
}

#[test]
fn a_commit_that_was_gone_back_from_twice_stays_away_after_a_restart() {
    let scene = Scene::new(NO_DAEMON);
    let newest = scene.commit();
    let newest = newest.as_str();
    leave(
        &scene,
        &[
            run("push", Some(FIRST), "deployed", Some(FIRST)),
            run("push", Some(SECOND), "deployed", Some(SECOND)),
            run("push", Some(newest), "deployed", Some(newest)),
            run("rollback", Some(SECOND), "deployed", Some(SECOND)),
            // A service that was restarted has noted this, and one that has healed the stack.
            run("start", None, "nothing-to-do", None),
            run("drift", Some(SECOND), "deployed", Some(SECOND)),
            run("rollback", Some(FIRST), "deployed", Some(FIRST)),
            // A poll came while the last one was under way.
            run("poll", Some(newest), "nothing-to-do", None),
        ],
    );
    let service = scene.serve();
    wait_until_held_back(&service);
    let metrics = get(service.page, "/metrics").expect(200).body;
    let runs = format!("hs_secrets_deployed_timestamp_seconds{{stack=\"web\",commit=\"{FIRST}\"}}");
    assert!(metrics.contains(&runs), "{metrics}");
    let page = get(service.page, "/").expect(200).body;
    assert!(
        page.contains(&format!("commit <code>{}</code>", &FIRST[..12])),
        "{page}"
    );
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_request_that_a_restart_has_cut_short_is_done_and_not_held_back() {
    let scene = Scene::new(NO_DAEMON);
    let newest = scene.commit();
    let newest = newest.as_str();
    leave(
        &scene,
        &[
            run("push", Some(FIRST), "deployed", Some(FIRST)),
            run("push", Some(newest), "deployed", Some(newest)),
            run("rollback", Some(FIRST), "deployed", Some(FIRST)),
            vec![accepted("person", None), json!({ "happened": "started" })],
        ],
    );
    let service = scene.serve();
    let run = service.wait_for_run("web", |run| {
        run["state"] == "waiting" || run["state"] == "nothing-to-do"
    });
    assert_eq!(
        (&run["because"], &run["run"]),
        (&"request".into(), &4.into()),
        "{run}"
    );
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_push_that_waits_for_its_commit_waits_on_after_a_restart() {
    let scene = Scene::new(NO_DAEMON);
    let waits = json!({ "happened": "waits", "reason": "it is not there yet" });
    let push = accepted("push", Some(SECOND));
    leave(
        &scene,
        &[vec![push, json!({ "happened": "started" }), waits]],
    );
    let service = scene.serve();
    service.log.wait_for(&format!(
        "commit {SECOND} was pushed, and is not on the branch main of the remote yet"
    ));
    let run = service.wait_for_run("web", |_| true);
    assert_eq!(run["because"], "push", "{run}");
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_run_that_was_held_back_is_no_recovery() {
    let inbox = Inbox::answering(&["200 OK"]);
    let scene = telling(inbox.address);
    let newest = scene.commit();
    let newest = newest.as_str();
    leave(
        &scene,
        &[
            run("push", Some(FIRST), "deployed", Some(FIRST)),
            run("push", Some(newest), "failed", Some(newest)),
            run("rollback", Some(FIRST), "failed", Some(FIRST)),
        ],
    );
    let service = scene.serve();
    wait_until_held_back(&service);
    let metrics = get(service.page, "/metrics").expect(200).body;
    assert!(
        metrics.contains("hs_secrets_last_run_good{stack=\"web\"} 0\n"),
        "{metrics}"
    );
    let page = get(service.page, "/").expect(200).body;
    assert!(page.contains("<title>1 stack: 1 failed"), "{page}");
    // The first thing that somebody is told of is the next failure.
    service.deliver("d1", newest, "?wait=true").expect(500);
    let told = inbox.next().json();
    assert!(told.to_string().contains("deployment failed"), "{told}");
    assert_eq!(service.stop(), Some(0));
}

/// A scene whose only stack `web` can't be read, and whose failures are reported to this address.
fn telling(address: SocketAddr) -> Scene {
    let scene = Scene::new(NO_DAEMON);
    let text = format!("http://{address}/told\n");
    fs::write(scene.desk.sandbox.path("hook-address"), text).expect("a file");
    let notify = "[notify]\nurl-file = \"hook-address\"\n[stacks.web]";
    scene.edit_settings("[stacks.web]\n[stacks.mail]\n", &format!("{notify}\n"));
    scene.desk.write("web.yml", "services: [\n");
    scene.push("broken");
    scene
}
