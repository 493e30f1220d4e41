//! Failures of a forge, a disk or the power supply. There is no daemon at the daemon's address.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::deliveries::NO_DAEMON;
use crate::scene::Scene;
use crate::web_client::get;

/// True if a run has fetched its commit, and has then failed to reach the daemon.
fn is_fetched(run: &serde_json::Value) -> bool {
    let reason = run["reason"].as_str().unwrap_or_default();
    reason.contains("no Docker daemon")
}

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
    service.wait_for_run("web", is_fetched);
    // The branch is rewritten.
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
        // The forge did not receive the response, and repeats the delivery.
        let again = service.deliver(&delivery, &scene.commit(), "").expect(202);
        let successor = again.run_of("web").0;
        assert!(successor >= last, "{again:?}");
        service.kill();
    }
    assert!(last > 8, "{last}");
}

#[test]
fn a_push_that_is_told_of_too_early_is_waited_for() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve();
    scene.desk.write("README", "early\n");
    scene.desk.commit("early");
    let commit = scene.commit();
    let early = service.deliver("d1", &commit, "").expect(202);
    let run = early.run_of("web").0;
    let waiting = service.wait_for_run("web", |newest| {
        newest["run"] == run && newest["state"] == "waiting"
    });
    let reason = waiting["reason"].as_str().expect("a reason");
    let expected = format!("commit {commit} was pushed, and is not on the branch main");
    assert!(reason.starts_with(&expected), "{reason}");
    scene.push_head();
    service.wait_for_run("web", |newest| newest["run"] == run && is_fetched(newest));
    // A delivery of an older commit, which the clone has already.
    let older = scene.desk.git(&["rev-parse", "HEAD~1"]);
    let older = service.deliver("d2", older.trim(), "").expect(202);
    let run = older.run_of("web").0;
    service.wait_for_run("web", |newest| newest["run"] == run && is_fetched(newest));
}

#[test]
fn a_push_that_there_was_no_room_for_is_done_once_there_is() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve_within_limits();
    let before = service.wait_for_run("web", is_fetched)["run"].as_u64();
    service.limit_files(Some(0));
    // Each of several concurrent deliveries gets the error.
    let commit = scene.commit();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (service, commit) = (&service, &commit);
            let deliver = move || {
                service
                    .deliver(&format!("d{number}"), commit, "")
                    .expect(503)
            };
            drop(scope.spawn(deliver));
        }
    });
    service.log.wait_for("error: writing state/runs failed: ");
    service.limit_files(None);
    service.log.wait_for("runs can be written down again");
    service.wait_for_run("web", |run| {
        run["because"] == "start" && run["run"].as_u64() > before
    });
    let log = service.whole_log();
    assert_eq!(log.matches("error: writing ").count(), 1, "{log}");
}

#[test]
fn a_daemon_that_hangs_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("docker.sock");
    // A client that connects waits for ever.
    let daemon = UnixListener::bind(&socket).expect("a socket");
    let scene = Scene::new(&format!("unix://{}", socket.display()));
    let began = Instant::now();
    let service = scene.serve();
    assert_ne!(get(service.page, "/healthz").status, 0);
    service.deliver("d1", &scene.commit(), "").expect(202);
    assert_eq!(service.stop(), Some(0));
    assert!(
        began.elapsed() < Duration::from_secs(25),
        "{:?}",
        began.elapsed()
    );
    drop(daemon);
}

/// A slow git: cloning takes time, and its beginning and end are recorded.
const SLOW_GIT: &str = r#"#!/bin/sh
case " $* " in *" clone "*)
    echo "begun" >>"$NOTES"
    sleep 2
    "$REAL_GIT" "$@"
    code=$?
    echo "ended" >>"$NOTES"
    exit $code ;;
esac
exec "$REAL_GIT" "$@"
"#;

#[test]
fn a_program_that_outlives_a_killed_service_is_waited_for() {
    let scene = Scene::new(NO_DAEMON);
    let [programs, notes] = ["programs", "notes"].map(|name| scene.desk.sandbox.path(name));
    fs::create_dir(&programs).expect("a folder");
    let git = programs.join("git");
    fs::write(&git, SLOW_GIT).expect("a program");
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = std::env::var("PATH").expect("a path");
    let mut places = std::env::split_paths(&path).map(|place| place.join("git"));
    let real = places.find(|git| git.is_file()).expect("git is installed");
    let own = Path::new(env!("CARGO_BIN_EXE_hs-secrets")).parent();
    let own = own.expect("a folder").display();
    scene.set_variable("PATH", &format!("{}:{own}:{path}", programs.display()));
    scene.set_variable("REAL_GIT", &real.display().to_string());
    scene.set_variable("NOTES", &notes.display().to_string());
    let service = scene.serve();
    let began = Instant::now();
    let noted = || fs::read_to_string(&notes).unwrap_or_default();
    while noted().is_empty() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "nothing is cloned"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    service.kill();
    let service = scene.serve();
    service.wait_for_run("web", is_fetched);
    let noted = noted();
    let noted: Vec<&str> = noted.lines().collect();
    assert_eq!(noted, ["begun", "ended", "begun", "ended"]);
}
