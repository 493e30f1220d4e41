//! Tests with daemons that respond in ways that a real daemon can't be made to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::fake_daemon::{Answer, FakeDaemon, after_greeting, ok, refusal};
use super::{Engine as _, EngineError, NewObject};
use crate::secret::SecretBytes;
use crate::stack::{ObjectKind, ObjectName};
use crate::swarm::observed::inventory::Usage;
use crate::swarm::observed::labels::Labels;

fn secret() -> NewObject {
    NewObject {
        kind: ObjectKind::Secret,
        name: ObjectName::parse("token").expect("a good name"),
        labels: Labels::default(),
        template_driver: None,
        content: SecretBytes::copy_of(b"hunter2"),
    }
}

#[test]
fn requests_name_the_version_agreed_on() {
    let daemon = FakeDaemon::new(after_greeting(|request| match request {
        "POST /v1.47/secrets/create" => ok(r#"{"ID": "x"}"#),
        _ => ok("[]"),
    }));
    let engine = daemon.connect().expect("a good daemon");
    assert_eq!(engine.objects(), Ok(Vec::new()));
    engine.create(&mut std::iter::once(secret()), &mut |creation| {
        assert_eq!(creation.result, Ok(()));
    });
    assert_eq!(
        daemon.asked()[1..],
        [
            "GET /v1.47/secrets",
            "GET /v1.47/configs",
            "POST /v1.47/secrets/create"
        ]
    );
}

#[test]
fn a_newer_engine_is_spoken_to_in_the_newest_version_known() {
    let daemon = FakeDaemon::new(|request| match request {
        "GET /version" => ok(r#"{"ApiVersion": "1.99"}"#),
        _ => ok("[]"),
    });
    let engine = daemon.connect().expect("a good daemon");
    engine.objects().expect("empty listings");
    let asked = daemon.asked();
    assert!(asked[1].starts_with("GET /v1.5"), "{asked:?}");
}

#[test]
fn an_old_engine_is_refused() {
    let daemon = FakeDaemon::new(|_| ok(r#"{"ApiVersion": "1.40"}"#));
    let refused = daemon.connect().map(drop).expect_err("Docker 19.03");
    let EngineError::TooOld { version, .. } = &refused else {
        panic!("{refused}");
    };
    assert_eq!(version, "1.40");
    assert!(refused.to_string().contains("Docker 20.10"), "{refused}");
}

#[test]
fn what_is_no_docker_is_unreadable() {
    for page in ["<html>", r#"{"ApiVersion": "new"}"#, "{}"] {
        let daemon = FakeDaemon::new(move |_| ok(page));
        let refused = daemon.connect().map(drop).expect_err("no Docker");
        assert!(
            matches!(refused, EngineError::Unreadable { .. }),
            "{refused}"
        );
    }
}

#[test]
fn an_answer_without_end_is_not_read_to_its_end() {
    let told = "failed: the Docker daemon's answer can't be read (it has more than 1 MiB)";
    let daemon = FakeDaemon::new(|_| Answer::Endless(200));
    let refused = daemon.connect().map(drop).expect_err("it never ends");
    assert_eq!(refused.to_string(), format!("connecting {told}"));
    for status in [200, 500] {
        let daemon = FakeDaemon::new(after_greeting(move |_| Answer::Endless(status)));
        let engine = daemon.connect().expect("a good daemon");
        let refused = engine.objects().expect_err("it never ends");
        assert_eq!(refused.to_string(), format!("listing secrets {told}"));
    }
}

#[test]
fn a_daemon_with_a_high_minimum_is_spoken_to_above_it() {
    let daemon = FakeDaemon::new(|request| match request {
        "GET /version" => ok(r#"{"ApiVersion": "1.51", "MinAPIVersion": "1.44"}"#),
        request if request.contains(" /v1.51/") => ok("[]"),
        _ => refusal(
            400,
            "client version 1.41 is too old. Minimum supported API version is 1.44",
        ),
    });
    let engine = daemon.connect().expect("a good daemon");
    assert_eq!(engine.objects(), Ok(Vec::new()));
    // A daemon that is newer than this program, but still supports an API version that it knows.
    let daemon = FakeDaemon::new(|request| {
        let minor = request.split("/v1.").nth(1);
        let minor = minor.and_then(|rest| rest.split('/').next()?.parse::<u32>().ok());
        match minor {
            None => ok(r#"{"ApiVersion": "1.60", "MinAPIVersion": "1.44"}"#),
            Some(44..=60) => ok("[]"),
            Some(_) => refusal(400, "Minimum supported API version is 1.44"),
        }
    });
    let engine = daemon.connect().expect("a good daemon");
    assert_eq!(engine.objects(), Ok(Vec::new()));
}

#[test]
fn a_hung_daemon_is_not_waited_for_for_ever() {
    let daemon = FakeDaemon::new(|_| Answer::Silence);
    let refused = daemon.connect().map(drop).expect_err("it says nothing");
    assert!(matches!(refused, EngineError::TimedOut { .. }), "{refused}");
}

#[test]
fn a_daemon_that_hangs_up_has_gone_away() {
    let daemon = FakeDaemon::new(after_greeting(|_| Answer::HangUp));
    let engine = daemon.connect().expect("it was there");
    let refused = engine.objects().expect_err("it hung up");
    assert!(matches!(refused, EngineError::Gone { .. }), "{refused}");
    assert!(
        refused.to_string().starts_with("listing secrets failed"),
        "{refused}"
    );
}

#[test]
fn an_election_is_waited_for_and_said() {
    let mut leaderless = 2;
    let daemon = FakeDaemon::new(after_greeting(move |_| {
        if leaderless == 0 {
            return ok("[]");
        }
        leaderless -= 1;
        refusal(
            503,
            "rpc error: code = Unknown desc = The swarm does not have a leader.",
        )
    }));
    let engine = daemon.connect().expect("a good daemon");
    assert_eq!(engine.objects(), Ok(Vec::new()));
    let asked = daemon.asked();
    let notices = asked.iter().filter(|line| line.starts_with("notice: "));
    assert_eq!(notices.count(), 1, "{asked:?}");
}

#[test]
fn a_worker_and_a_locked_manager_say_what_they_are() {
    let worker = "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state.";
    let locked = "Swarm is encrypted and needs to be unlocked before it can be used.";
    for (words, manager) in [(worker, false), (locked, true)] {
        let daemon = FakeDaemon::new(after_greeting(move |_| refusal(503, words)));
        let engine = daemon.connect().expect("a good daemon");
        let refused = engine.objects().expect_err("it can't list");
        let told = if manager {
            refused.to_string().contains("to be unlocked")
        } else {
            matches!(refused, EngineError::NotManager { .. })
        };
        assert!(told, "{refused}");
    }
}

#[test]
fn a_page_of_a_proxy_is_not_shown_and_the_request_is_named() {
    let daemon = FakeDaemon::new(after_greeting(|request| match request {
        "GET /v1.47/tasks" => Answer::Json(403, "<html>forbidden</html>".to_owned()),
        _ => ok("[]"),
    }));
    let engine = daemon.connect().expect("a good daemon");
    let refused = engine.inventory().expect_err("tasks are forbidden");
    let told = refused.to_string();
    assert!(told.starts_with("listing tasks failed: "), "{told}");
    assert!(told.ends_with(" does not allow it (status 403)"), "{told}");
    engine.inventory_of_services().expect("services are not");
}

#[test]
fn a_daemon_from_the_future_is_said() {
    let words = "client version 1.47 is too old. Minimum supported API version is 1.99, please upgrade your client";
    let daemon = FakeDaemon::new(after_greeting(move |_| refusal(400, words)));
    let engine = daemon.connect().expect("a good daemon");
    let refused = engine.objects().expect_err("it wants another version");
    assert!(matches!(refused, EngineError::TooNew { .. }), "{refused}");
}

#[test]
fn volume_plugins_are_waited_for_longer_and_that_is_said() {
    for answers in [true, false] {
        let daemon = FakeDaemon::new(after_greeting(move |request| match request {
            "GET /v1.47/volumes" if answers => Answer::Late(ok(r#"{"Volumes": []}"#).into()),
            "GET /v1.47/volumes" => Answer::Silence,
            _ => ok("[]"),
        }));
        let engine = daemon.connect().expect("a good daemon");
        let users = engine.users();
        let asked = daemon.asked();
        let notice = asked.iter().find(|line| line.starts_with("notice: "));
        assert!(
            notice.is_some_and(|line| line.contains("volume plugins")),
            "{asked:?}"
        );
        match users {
            Ok(_) => assert!(answers),
            Err(EngineError::VolumePluginHangs { .. }) => assert!(!answers),
            Err(error) => panic!("{error}"),
        }
        // Volumes are needed only for work that removes objects.
        let before = daemon.asked().len();
        engine.inventory_of_services().expect("no volumes in it");
        let asked = daemon.asked().split_off(before);
        assert!(
            !asked.iter().any(|line| line.contains("/volumes")),
            "{asked:?}"
        );
    }
}

#[test]
fn neither_errors_nor_debug_show_content() {
    let daemon = FakeDaemon::new(after_greeting(|request| match request {
        "GET /v1.47/configs" => ok(r#"[{"ID": 5, "Spec": {"Data": "aHVudGVyMg=="}}]"#),
        "GET /v1.47/secrets" => ok("[]"),
        _ => refusal(500, "rpc error: code = Internal desc = no space left"),
    }));
    let engine = daemon.connect().expect("a good daemon");
    let mut shown = format!("{:?}", secret());
    shown += &format!("{:?}", engine.objects().expect_err("5 is no id"));
    engine.create(&mut std::iter::once(secret()), &mut |creation| {
        let refused = creation.result.expect_err("the daemon refuses");
        assert_eq!(
            refused.to_string(),
            "creating secret token failed: no space left (status 500)"
        );
        shown += &format!("{refused:?}");
    });
    for content in ["hunter2", "aHVudGVyMg"] {
        assert!(!shown.contains(content), "{shown}");
    }
}

#[test]
fn a_secret_that_a_cluster_volume_uses_is_used() {
    let daemon = FakeDaemon::new(after_greeting(|request| match request {
        "GET /v1.47/volumes" => ok(r#"{"Volumes": [{"Name": "local", "Driver": "local"},
                {"Name": "disk", "ClusterVolume": {"ID": "v1", "Spec": {"AccessMode": {"Scope": "single"},
                    "Secrets": [{"Key": "password", "Secret": "s1"}]}}},
                {"Name": "described", "ClusterVolume": {"ID": "v2", "Spec": {"AccessMode": {
                    "Secrets": [{"Key": "password", "Secret": "three"}]}}}}], "Warnings": null}"#),
        "GET /v1.47/secrets" => ok(
            r#"[{"ID": "s1", "CreatedAt": "2026-11-22T16:42:22Z", "Spec": {"Name": "one"}},
                {"ID": "s2", "CreatedAt": "2026-11-22T16:42:22Z", "Spec": {"Name": "two"}},
                {"ID": "s3", "CreatedAt": "2026-11-22T16:42:22Z", "Spec": {"Name": "three"}}]"#,
        ),
        _ => ok("[]"),
    }));
    let engine = daemon.connect().expect("a good daemon");
    let inventory = engine.inventory().expect("it lists all");
    let usages = inventory
        .objects
        .iter()
        .map(|object| inventory.index().usage(object));
    let volume = |name: &str| Usage::Current(vec![format!("volume {name}")]);
    assert_eq!(
        usages.collect::<Vec<_>>(),
        [volume("disk"), Usage::Unused, volume("described")]
    );
}

#[test]
fn an_engine_that_knows_no_cluster_volumes_is_not_asked_for_them() {
    let daemon = FakeDaemon::new(|request| match request {
        "GET /version" => ok(r#"{"ApiVersion": "1.41"}"#),
        _ => ok("[]"),
    });
    let engine = daemon.connect().expect("a good daemon");
    engine.users().expect("empty listings");
    assert_eq!(
        daemon.asked()[1..],
        ["GET /v1.41/services", "GET /v1.41/tasks"]
    );
}

#[test]
fn several_objects_are_created_at_a_time_and_not_all_at_once() {
    let (begun, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (under_way, highest) = (Arc::clone(&begun), Arc::clone(&most));
    let daemon = FakeDaemon::new(after_greeting(move |_| Answer::Slowly {
        under_way: Arc::clone(&under_way),
        highest: Arc::clone(&highest),
    }));
    let engine = daemon.connect().expect("a good daemon");
    let mut created = 0;
    let mut secrets = std::iter::repeat_with(secret).take(50);
    engine.create(&mut secrets, &mut |creation| {
        assert_eq!(creation.result, Ok(()));
        created += 1;
    });
    let most = most.load(Ordering::SeqCst);
    assert_eq!((created, begun.load(Ordering::SeqCst)), (50, 0));
    assert!(most > 1 && most <= engine.in_flight, "{most} at a time");
}
