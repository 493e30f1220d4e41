//! What a forge, a disk or a power supply can do. Nobody answers at the address of the daemon.

use std::fs;

use crate::deliveries::NO_DAEMON;
use crate::scene::Scene;
use crate::web_client::get;

#[test]
fn a_remote_that_is_away_is_asked_again_and_a_rewritten_branch_is_followed() {
    let scene = Scene::new(NO_DAEMON);
    let remote = scene.desk.sandbox.path("remote.git");
    let away = scene.desk.sandbox.path("away.git");
    fs::rename(&remote, &away).expect("away");
    let service = scene.serve();
    let waiting = service.wait_for_run("web", |run| run["state"] == "waiting");
    let reason = waiting["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("git could not clone "), "{reason}");
    fs::rename(&away, &remote).expect("back");
    let is_fetched = |run: &serde_json::Value| {
        let reason = run["reason"].as_str().unwrap_or_default();
        reason.contains("no Docker daemon")
    };
    service.wait_for_run("web", is_fetched);
    // The branch is written anew.
    scene
        .desk
        .git(&["commit", "--quiet", "--amend", "--message", "another first"]);
    scene.desk.write("README", "new\n");
    let commit = scene.push("after it");
    let run = service
        .deliver("d1", &commit, "")
        .expect(202)
        .run_of("web")
        .0;
    service.wait_for_run("web", |newest| newest["run"] == run && is_fetched(newest));
    let clone = scene.desk.sandbox.path("state/clones/lab.git");
    let there = scene.desk.sandbox.git(&clone, ["rev-parse", "main"]);
    assert_eq!(there.succeeds().text().trim(), commit);
}

#[test]
fn what_was_answered_is_known_after_a_kill() {
    let scene = Scene::new(NO_DAEMON);
    let mut last = 0;
    for round in 0..5 {
        let service = scene.serve();
        let delivery = format!("d{round}");
        last = service
            .deliver(&delivery, &scene.commit(), "")
            .expect(202)
            .run_of("web")
            .0;
        service.kill();
        let service = scene.serve();
        let known = get(service.page, &format!("/runs/{last}"))
            .expect(200)
            .json();
        assert_eq!(known["because"], "push", "{known}");
        // The forge has not heard the answer, and sends it again.
        let again = service.deliver(&delivery, &scene.commit(), "").expect(202);
        let successor = again.run_of("web").0;
        assert!(successor >= last, "{again:?}");
        service.kill();
    }
    assert!(last > 8, "{last}");
}
