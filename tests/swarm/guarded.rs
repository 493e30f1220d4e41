//! A proxy in front of the engine that forbids some requests, like a socket proxy.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;

use crate::deploy_lab::lab;
use crate::harness::engine::Engine;
use crate::harness::proxy::{Proxy, unchanged};

/// The response of HAProxy to a forbidden request.
const FORBIDDEN: &str = "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n";

/// Forbids requests whose first line contains `forbidden`.
fn forbidding(engine: &Engine, forbidden: &'static str) -> Proxy {
    let requests = move |client, engine| {
        let _ = pass_requests(client, engine, forbidden);
    };
    Proxy::new(engine, requests, unchanged)
}

/// Forwards one request after another, and answers the forbidden ones itself.
fn pass_requests(client: UnixStream, mut engine: UnixStream, forbidden: &str) -> Option<()> {
    let mut answered = client.try_clone().ok()?;
    let mut reader = BufReader::new(client);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let begun = head.len();
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
            let line = head[begun..].trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        if head.lines().next()?.contains(forbidden) {
            let length = FORBIDDEN.len();
            let answer = format!(
                "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{FORBIDDEN}"
            );
            answered.write_all(answer.as_bytes()).ok()?;
        } else {
            engine.write_all(head.as_bytes()).ok()?;
            engine.write_all(&body).ok()?;
        }
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_proxy_that_forbids_is_told_by_the_permission_that_it_lacks() {
    let lab = lab("guarded");
    let guarded = forbidding(&lab.engine, "/tasks");
    let host = guarded.host();
    let planned = lab.hs("plan", &["--host", &host]).ends_with(3);
    let created = planned.text();
    assert!(
        created.contains("create secret guarded_token-"),
        "{created}"
    );
    let told = format!("warning: listing tasks failed: {host} does not allow it (status 403)\n");
    assert!(planned.stderr.contains(&told), "{}", planned.stderr);
    let hint = "hint: a proxy before the socket must allow `GET /tasks` (`TASKS=1`)\n";
    assert!(planned.stderr.contains(hint), "{}", planned.stderr);
    assert!(!planned.stderr.contains("<html>"), "{}", planned.stderr);
    lab.hs("sync", &["--host", &host]).succeeds();
    // Removing objects requires knowing all their users.
    let prune = ["--yes", "--keep", "0", "--min-age", "0", "--host", &host];
    lab.hs("prune", &prune)
        .fails_saying(&["listing tasks failed"]);

    let guarded = forbidding(&lab.engine, "/secrets/create");
    lab.write("secrets/token", "other\n");
    lab.commit();
    let refused = lab.hs("sync", &["--host", &guarded.host()]);
    let hint = "must allow `POST` and `DELETE` on `/secrets` (`SECRETS=1`, `POST=1`)";
    assert!(refused.stderr.contains(hint), "{}", refused.stderr);
    refused.fails_saying(&["creating secret guarded_token-", "does not allow it"]);
}
