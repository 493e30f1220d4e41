//! Notifications about how runs end.

use std::fs;
use std::net::{SocketAddr, TcpListener};

use crate::deliveries::NO_DAEMON;
use crate::harness::engine::Engine;
use crate::inbox::Inbox;
use crate::scene::{Scene, web};

/// A scene whose stack `web` can't be read. Its settings have failures reported to this address.
fn telling(address: SocketAddr, further: &str) -> Scene {
    let scene = Scene::new(NO_DAEMON);
    fs::write(
        scene.desk.sandbox.path("hook-address"),
        format!("http://{address}/s3cret-path\n"),
    )
    .expect("a file");
    let notify = format!("[notify]\nurl-file = \"hook-address\"\n{further}\n[stacks.web]");
    scene.edit_settings("[stacks.web]", &notify);
    scene.desk.write("web.yml", "services: [\n");
    scene.push("broken");
    scene
}

#[test]
fn a_failure_is_told_of_until_somebody_has_heard() {
    let inbox = Inbox::answering(&["503 Service Unavailable", "200 OK"]);
    let scene = telling(inbox.address, "format = \"discord\"");
    let service = scene.serve();
    let (first, second) = (inbox.next(), inbox.next());
    assert!(
        first.head.starts_with("POST /s3cret-path HTTP/1.1\r\n"),
        "{first:?}"
    );
    assert_eq!(first.body, second.body);
    let content = second.json()["content"].as_str().expect("text").to_owned();
    let commit = &scene.commit()[..12];
    for words in ["**web\\: deployment failed**", commit, "web.yml"] {
        let plain = content.replace('\\', "");
        assert!(
            content.contains(words) || plain.contains(words),
            "{content}"
        );
    }
    let line = service.log.wait_for("telling 127.0.0.1");
    assert!(
        line.contains("it answered 503; trying again in 1 s"),
        "{line}"
    );
    let sent = "hs_secrets_notifications_total{outcome=\"sent\"} 1\n";
    service.wait_for_page("/metrics", |metrics| metrics.contains(sent));
    let log = service.whole_log();
    assert!(!log.contains("s3cret-path"), "{log}");
    assert!(inbox.is_empty());
}

#[test]
fn nobody_is_followed_elsewhere_and_nobody_is_told_of_what_is_not_wanted() {
    let elsewhere = Inbox::answering(&["200 OK"]);
    let sent_on = format!(
        "307 Temporary Redirect\r\nLocation: http://{}/",
        elsewhere.address
    );
    let inbox = Inbox::answering(&[&sent_on]);
    let scene = telling(inbox.address, "");
    let service = scene.serve();
    let told = inbox.next().json();
    assert_eq!(told["event"], "failure", "{told}");
    assert_eq!(told["stack"], "web");
    let line = service.log.wait_for("telling 127.0.0.1");
    assert!(
        line.contains("it answered 307") && line.contains("it is given up"),
        "{line}"
    );
    assert_eq!(service.stop(), Some(0));
    assert!(elsewhere.is_empty() && inbox.is_empty());

    scene.edit_settings("[stacks.web]", "on = [\"deploy\"]\n[stacks.web]");
    let service = scene.serve();
    let taken = service.deliver("d1", &scene.commit(), "").expect(202);
    let run = taken.run_of("web").0;
    service.wait_for_run("web", |newest| {
        newest["run"].as_u64() >= Some(run) && newest["state"] == "failed"
    });
    assert_eq!(service.stop(), Some(0));
    assert!(inbox.is_empty());
}

#[test]
fn a_receiver_that_never_answers_holds_no_run_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let scene = telling(silent.local_addr().expect("an address"), "");
    let service = scene.serve();
    let failed = service.wait_for_run("web", |run| run["state"] == "failed");
    let (stream, _) = silent.accept().expect("it is told of the failure");
    let run = service
        .deliver("d1", &scene.commit(), "")
        .expect(202)
        .run_of("web")
        .0;
    assert!(failed["run"].as_u64() < Some(run));
    service.wait_for_run("web", |newest| {
        newest["run"] == run && newest["state"] == "failed"
    });
    drop(stream);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_deployment_a_rolled_back_one_and_its_recovery_are_told_of_in_this_order() {
    let engine = Engine::with_networks();
    let scene = Scene::new(&engine.host());
    let inbox = Inbox::answering(&["200 OK"]);
    let notify = format!(
        "[notify]\nurl = \"http://{}/\"\non = [\"failure\", \"recovery\", \"deploy\"]\n[stacks.web]",
        inbox.address
    );
    scene.edit_settings("[stacks.web]", &notify);
    let service = scene.serve();
    let next_of_web = || {
        loop {
            let told = inbox.next().json();
            if told["stack"] == "web" {
                return told;
            }
        }
    };
    assert_eq!(next_of_web()["event"], "deploy");
    for (delivery, command, event, status) in [
        ("d1", "exit 1", "failure", 500),
        ("d2", "cat /run/secrets/token; sleep 1001", "recovery", 200),
    ] {
        scene.desk.write("web.yml", web(command));
        let commit = scene.push(delivery);
        service
            .deliver(delivery, &commit, "?wait=true")
            .expect(status);
        let told = next_of_web();
        assert_eq!(told["event"], event, "{told}");
        assert_eq!(told["commit"], commit, "{told}");
        let reason = told["reason"].as_str().unwrap_or_default();
        assert_eq!(reason.contains("web_app"), event == "failure", "{told}");
        assert!(!told.to_string().contains("first secret"), "{told}");
    }
    assert_eq!(service.stop(), Some(0));
    assert!(inbox.is_empty());
}
