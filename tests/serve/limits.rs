//! Request bodies that are too long, too slow, cut off or chunked; and too many connections.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use crate::deliveries::NO_DAEMON;
use crate::scene::Scene;
use crate::web_client::{
    connect, connect_from, exchange, get, github_headers, github_push, post, reply,
};

#[test]
fn bodies_have_limits_of_length_and_time_and_may_come_in_pieces() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve();
    let head = |rest: &str| format!("POST /hooks/github HTTP/1.1\r\nHost: test\r\n{rest}\r\n");
    // A slow request runs into its time limit in the background.
    let mut slow = connect(service.forges);
    slow.write_all(head("Content-Length: 100\r\n").as_bytes())
        .expect("sent");
    slow.write_all(b"{").expect("sent");
    let began = Instant::now();

    let long = head(&format!("Content-Length: {}\r\n", (25 << 20) + 1));
    exchange(service.forges, long.as_bytes()).expect(413);
    let body = github_push("ada/home-lab", "main", &scene.commit());
    let mut pieces = head(&format!(
        "{}Transfer-Encoding: chunked\r\n",
        github_headers("d1", &body)
    ))
    .into_bytes();
    for piece in body.chunks(100) {
        pieces.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        pieces.extend_from_slice(piece);
        pieces.extend_from_slice(b"\r\n");
    }
    pieces.extend_from_slice(b"0\r\n\r\n");
    exchange(service.forges, &pieces).expect(202);
    // A body of the maximum length is read, and refused only for its signature.
    let longest = vec![b' '; 25 << 20];
    post(
        service.forges,
        "/hooks/github",
        &github_headers("d2", b"other"),
        &longest,
    )
    .expect(401);
    assert!(
        began.elapsed() < Duration::from_secs(9),
        "the machine is too slow for this test"
    );
    reply(&mut slow).expect(408);
    let status = fs::read_to_string(format!("/proc/{}/status", service.pid())).expect("it runs");
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most = most.expect("a number").trim().trim_end_matches(" kB");
    let most: u64 = most.parse().expect("a number");
    assert!(most < 64 << 10, "{most} kB");
}

#[test]
fn one_address_shuts_the_door_for_nobody_else() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve();
    for address in [service.forges, service.page] {
        let mut open: Vec<_> = (0..420).map(|_| connect(address)).collect();
        let began = Instant::now();
        let mut other = connect_from("127.0.0.2", address);
        other
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
            .expect("sent");
        let health = reply(&mut other);
        assert!(health.body.contains("\"healthy\""), "{health:?}");
        // The silent connections are closed after 4 s, and would make room only then.
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{:?}",
            began.elapsed()
        );
        // Some connections get the response that there is no room. The last ones are closed without a response.
        assert_eq!(reply(&mut open[160]).status, 503);
        let last = reply(open.last_mut().expect("many")).status;
        assert!(matches!(last, 0 | 503), "{last}");
        drop(open);
        let began = Instant::now();
        while !get(address, "/healthz").body.contains("\"healthy\"") {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "there is no room again"
            );
        }
    }
    let told = service
        .log
        .wait_for("too many connections at the listener for the page");
    assert!(told.contains("from 127.0.0.1"), "{told}");
}

#[test]
fn strangers_fill_no_log_and_one_that_nobody_reads_stops_nothing() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve();
    let unread = service.log.unread();
    std::thread::scope(|scope| {
        let refused = || {
            for _ in 0..500 {
                post(service.forges, "/hooks/github", "", b"{}").expect(401);
            }
        };
        (0..4).for_each(|_| drop(scope.spawn(refused)));
    });
    assert_ne!(get(service.page, "/healthz").status, 0);
    service.deliver("d1", &scene.commit(), "").expect(202);
    drop(unread);
    let metrics = get(service.page, "/metrics").expect(200).body;
    assert!(
        metrics.contains("hs_secrets_deliveries_total{outcome=\"refused\"} 2000\n"),
        "{metrics}"
    );
    // The requests may be spread over two or three periods.
    let refused = service.whole_log().matches(" was refused: ").count();
    assert!((20..=60).contains(&refused), "{refused}");
}
