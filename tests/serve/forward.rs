//! A receiver in front of an updater. There is no daemon at the daemon's address.

use std::fs;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::deliveries::NO_DAEMON;
use crate::inbox::Inbox;
use crate::scene::{Scene, TOKEN};
use crate::web_client::{
    SECRET, connect, get, github_headers, github_push, post, reply, signature,
};

/// An address at which no process listens. No other test uses this host.
fn nowhere() -> SocketAddr {
    let listener = TcpListener::bind("127.8.4.20:0").expect("a port");
    listener.local_addr().expect("an address")
}

#[test]
fn a_delivery_is_verified_twice_and_answered_by_the_updater() {
    let scene = Scene::new(NO_DAEMON);
    let updater = scene.serve();
    let receiver = scene.receive(updater.forges, "token-file = \"token\"");
    let commit = scene.commit();
    let run = receiver
        .deliver("d1", &commit, "")
        .expect(202)
        .run_of("web");
    // The updater recognises the repeated delivery by its id.
    let again = updater.deliver("d1", &commit, "").expect(202).run_of("web");
    assert_eq!(run.0, again.0);
    let body = github_push("ada/home-lab", "main", &commit);
    let wrong = github_headers("d2", b"another body");
    post(receiver.forges, "/hooks/github", &wrong, &body).expect(401);
    let metrics = get(updater.page, "/metrics").expect(200).body;
    let refused = "hs_secrets_deliveries_total{outcome=\"refused\"} 0\n";
    assert!(metrics.contains(refused), "{metrics}");
    // Only the updater knows which repositories are deployed.
    let other = github_push("ada/other", "main", &commit);
    post(
        receiver.forges,
        "/hooks/github",
        &github_headers("d3", &other),
        &other,
    )
    .expect(404);

    post(receiver.forges, "/deploy/web", "", b"").expect(401);
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    let ordered = post(receiver.forges, "/deploy/web", &token, b"").expect(202);
    let path = format!("/runs/{}", ordered.run_of("web").0);
    assert_eq!(
        get(updater.page, &path).expect(200).json()["because"],
        "request"
    );
    get(receiver.page, "/").expect(404);
    let health = get(receiver.page, "/healthz").expect(200).json();
    assert_eq!(health["updater"], true, "{health}");
    // An updater is healthy even if its Swarm can't be reached.
    scene.run_with("receiver.toml", &["--check"]).ends_with(0);
    assert_eq!(receiver.stop(), Some(0));
}

#[test]
fn what_forges_sign_goes_on_unchanged_and_nothing_else_does() {
    let scene = Scene::new(NO_DAEMON);
    let inbox = Inbox::answering(&[
        "202 Accepted\r\nContent-Type: application/json\r\nSet-Cookie: a\r\n\r\n{\"runs\":[]}",
    ]);
    let receiver = scene.receive(inbox.address, "");
    let body = b"{\"a\" : 1,\r\n\"b\":\"\xc3\xa9\"}";
    let code = signature(SECRET, body);
    let now = seconds_since_1970();
    let mut standard = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    standard.update(format!("m1.{now}.").as_bytes());
    standard.update(body);
    let standard = STANDARD.encode(standard.finalize().into_bytes());
    let now = now.to_string();
    let standard = format!("v1,{standard}");
    let named = format!("sha256={code}");
    for (forge, headers) in [
        (
            "github",
            vec![
                ("X-Hub-Signature-256", &*named),
                ("X-GitHub-Event", "push"),
                ("X-GitHub-Delivery", "d1"),
            ],
        ),
        (
            "gitea",
            vec![
                ("X-Forgejo-Signature", &*code),
                ("X-Gitea-Signature", &*code),
                ("X-Forgejo-Event", "push"),
            ],
        ),
        (
            "gitlab",
            vec![
                ("X-Gitlab-Token", SECRET),
                ("X-Gitlab-Event", "Push Hook"),
                ("Idempotency-Key", "d2"),
            ],
        ),
        (
            "bitbucket",
            vec![
                ("X-Hub-Signature", &*named),
                ("X-Event-Key", "repo:push"),
                ("X-Request-UUID", "d3"),
            ],
        ),
        (
            "gitlab",
            vec![
                ("webhook-id", "m1"),
                ("webhook-timestamp", &*now),
                ("webhook-signature", &*standard),
            ],
        ),
    ] {
        let lines = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        let lines: String = lines.collect();
        let strange = "Cookie: a=b\r\nX-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer x\r\n";
        let sent = format!("{lines}Content-Type: application/json\r\n{strange}");
        let answer = post(receiver.forges, &format!("/hooks/{forge}?x=y"), &sent, body).expect(202);
        assert_eq!(answer.body, "{\"runs\":[]}");
        let letter = inbox.next();
        let line = format!("POST /hooks/{forge} HTTP/1.1");
        assert_eq!(letter.head.lines().next(), Some(&*line));
        assert_eq!(letter.body, body);
        for (name, value) in &headers {
            assert_eq!(letter.header(name), Some(*value), "{forge}: {name}");
        }
        assert_eq!(letter.header("content-type"), Some("application/json"));
        assert_eq!(letter.header("hs-secrets-hops"), Some("1"));
        for name in ["cookie", "x-forwarded-for", "authorization"] {
            assert_eq!(letter.header(name), None, "{name}");
        }
    }
    // A receiver without a token of its own can't verify the request's token.
    let token = format!("Authorization: Bearer {TOKEN}\r\n");
    post(receiver.forges, "/deploy/web", &token, b"").expect(403);
    assert!(inbox.is_empty());
}

#[test]
fn an_updater_that_is_away_silent_or_elsewhere_is_not_passed_over() {
    let scene = Scene::new(NO_DAEMON);
    let commit = scene.commit();
    let away = nowhere();
    let receiver = scene.receive(away, "");
    receiver.deliver("d1", &commit, "").expect(503);
    receiver
        .log
        .wait_for("/hooks/github was not handed on to 127.8.4.20");
    let health = get(receiver.page, "/healthz").expect(200).json();
    assert_eq!(health["updater"], false, "{health}");
    let metrics = get(receiver.page, "/metrics").expect(200).body;
    for line in [
        "hs_secrets_updater_reachable 0\n",
        "hs_secrets_forwarded_total{outcome=\"unanswered\"} 1\n",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    assert_eq!(receiver.stop(), Some(0));
    let checked = scene.run_with("receiver.toml", &["--check"]);
    checked.fails_saying(&[&format!(
        "the updater at {away} (`forward`) can't be reached"
    )]);

    let elsewhere = Inbox::answering(&["200 OK"]);
    let location = format!(
        "307 Temporary Redirect\r\nLocation: http://{}/",
        elsewhere.address
    );
    let inbox = Inbox::answering(&[&location]);
    let receiver = scene.receive(inbox.address, "");
    receiver.deliver("d1", &commit, "").expect(503);
    assert!(elsewhere.is_empty());
    drop(receiver);

    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let receiver = scene.receive(silent.local_addr().expect("an address"), "");
    receiver.deliver("d1", &commit, "").expect(504);
}

#[test]
fn an_updater_that_starts_again_is_waited_for() {
    let scene = Scene::new(NO_DAEMON);
    let commit = scene.commit();
    for query in ["", "?wait=true"] {
        let address = nowhere();
        let receiver = scene.receive(address, "");
        std::thread::scope(|scope| {
            let delivered = scope.spawn(|| receiver.deliver("d1", &commit, query));
            receiver.log.wait_for("nobody listens at 127.8.4.20");
            let listener = TcpListener::bind(address).expect("it is free");
            let inbox = Inbox::at(listener, &["202 Accepted"]);
            let letter = inbox.next();
            let line = format!("POST /hooks/github{query} HTTP/1.1");
            assert_eq!(letter.head.lines().next(), Some(&*line));
            assert_eq!(letter.body, github_push("ada/home-lab", "main", &commit));
            delivered.join().expect("an answer").expect(202);
            assert!(inbox.is_empty());
        });
    }
}

#[test]
fn a_slow_body_and_a_silent_updater_together_take_no_longer_than_a_forge_waits() {
    let scene = Scene::new(NO_DAEMON);
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let receiver = scene.receive(silent.local_addr().expect("an address"), "");
    let body = github_push("ada/home-lab", "main", &scene.commit());
    let headers = github_headers("d1", &body);
    let length = body.len();
    let head = format!(
        "POST /hooks/github HTTP/1.1\r\nHost: test\r\n{headers}Content-Length: {length}\r\n\r\n"
    );
    let began = Instant::now();
    let mut stream = connect(receiver.forges);
    stream.write_all(head.as_bytes()).expect("it listens");
    std::thread::sleep(Duration::from_secs(4));
    stream.write_all(&body).expect("it listens");
    let answer = reply(&mut stream).expect(504);
    assert!(began.elapsed() < Duration::from_secs(11), "{answer:?}");
}

#[test]
fn a_check_beside_a_receiver_passes_over_its_addresses_and_those_of_nobody_else() {
    let scene = Scene::new(NO_DAEMON);
    let updater = scene.serve();
    let receiver = scene.receive(updater.forges, "");
    let settings = scene.desk.sandbox.path("receiver.toml");
    let at = |forges: SocketAddr, page: SocketAddr| {
        scene.set_receiver(updater.forges, "");
        let text = fs::read_to_string(&settings).expect("settings");
        let text = text.replacen("127.0.0.1:0", &forges.to_string(), 1);
        let text = text.replacen("127.0.0.1:0", &page.to_string(), 1);
        fs::write(&settings, text).expect("settings");
        scene.run_with("receiver.toml", &["--check"])
    };
    at(receiver.forges, receiver.page).ends_with(0);
    // Neither an updater nor a program that does not respond is a receiver.
    let used = "Address already in use";
    at(updater.forges, updater.page).fails_saying(&[used]);
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = silent.local_addr().expect("an address");
    at(receiver.forges, silent).fails_saying(&[used]);
}

#[test]
fn receivers_that_forward_to_each_other_end_it() {
    let scene = Scene::new(NO_DAEMON);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let receiver = scene.receive(listener.local_addr().expect("an address"), "");
    let first = receiver.forges;
    // Everything that the receiver forwards is sent back to it.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut outer = stream.expect("a connection");
            let mut inner = TcpStream::connect(first).expect("it listens");
            let (mut from, mut to) = (
                inner.try_clone().expect("one"),
                outer.try_clone().expect("one"),
            );
            std::thread::spawn(move || {
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Both);
            });
            std::thread::spawn(move || io::copy(&mut outer, &mut inner));
        }
    });
    receiver.deliver("d1", &scene.commit(), "").expect(508);
    receiver.log.wait_for("it was forwarded too often");
}

/// The time in seconds since 1970.
fn seconds_since_1970() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("after 1970").as_secs()
}
