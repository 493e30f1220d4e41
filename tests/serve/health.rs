//! Health checks of an updater whose daemon does not answer, and of a receiver.

use std::fs;
use std::process::Command;

use crate::deliveries::NO_DAEMON;
use crate::scene::Scene;
use crate::web_client::{connect, get, reply};

/// The health check of the image, for a page at this port.
fn health_check(port: u16) -> Command {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/image/Dockerfile");
    let dockerfile = fs::read_to_string(path).expect("the Dockerfile");
    let (_, check) = dockerfile.split_once("HEALTHCHECK").expect("a check");
    let (_, words) = check.split_once("CMD ").expect("its command");
    let words = words.lines().next().expect("a line");
    assert!(words.contains("/8421 "), "{words}");
    let words = words.replace("/8421 ", &format!("/{port} "));
    let words: Vec<String> = serde_json::from_str(&words).expect("JSON, as docker reads it");
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

#[test]
fn a_container_is_kept_while_the_swarm_or_the_updater_is_away() {
    let scene = Scene::new(NO_DAEMON);
    let updater = scene.serve();
    updater.wait_for_page("/metrics", |metrics| {
        metrics.contains("hs_secrets_swarm_reachable 0\n")
    });
    get(updater.page, "/healthz").expect(503);
    // The updater is alive and can journal a push, although it can't deploy.
    let checked = health_check(updater.page.port()).status();
    assert!(checked.expect("bash").success());
    for address in [updater.page, updater.forges] {
        let alive = get(address, "/livez").expect(200).json();
        assert_eq!(alive["alive"], true, "{alive}");
    }
    let commit = scene.commit();
    updater.deliver("d1", &commit, "").expect(202);
    let receiver = scene.receive(updater.forges, "");
    assert_eq!(updater.stop(), Some(0));
    let checked = health_check(receiver.page.port()).status();
    assert!(checked.expect("bash").success());
    let port = receiver.page.port();
    assert_eq!(receiver.stop(), Some(0));
    let checked = health_check(port).output();
    assert!(!checked.expect("bash").status.success());
    // A check may use HEAD.
    let updater = scene.serve();
    let mut stream = connect(updater.page);
    std::io::Write::write_all(&mut stream, b"HEAD /livez HTTP/1.0\r\n\r\n").expect("it listens");
    assert_eq!(reply(&mut stream).status, 200);
}
