//! A token is sent to the host of its remote, and to no other host.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{self, Receiver};

use crate::deliveries::NO_DAEMON;
use crate::scene::Scene;

/// A server that gives this response to everybody, and the heads of the requests that it receives.
fn answering(answer: String) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tell, heard) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0)
            {
                head.push(byte[0]);
            }
            let _ = tell.send(String::from_utf8_lossy(&head).into_owned());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, heard)
}

#[test]
fn a_remote_that_sends_git_on_does_not_give_the_token_away() {
    let end = "Content-Length: 0\r\nConnection: close\r\n\r\n";
    let asking = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n";
    let (other, heard_by_other) = answering(format!("{asking}{end}"));
    let path = "/home-lab.git/info/refs?service=git-upload-pack";
    let sent_on = format!("HTTP/1.1 302 Found\r\nLocation: http://{other}{path}\r\n");
    let (first, _heard) = answering(format!("{sent_on}{end}"));
    let scene = Scene::new(NO_DAEMON);
    fs::write(
        scene.desk.sandbox.path("git-token"),
        "a token for one host\n",
    )
    .expect("a file");
    let remote = scene.desk.sandbox.path("remote.git").display().to_string();
    let ask = |address: SocketAddr| {
        let url = format!("http://{address}/home-lab.git\"\ntoken-file = \"git-token");
        scene.edit_settings(&remote, &url);
        scene.run(&["--check"]).ends_with(1);
        scene.set("");
    };
    ask(first);
    let heard: Vec<String> = heard_by_other.try_iter().collect();
    assert!(!heard.is_empty());
    for head in heard {
        assert!(!head.contains("Authorization: "), "{head}");
    }
    // A server that is the remote gets the token.
    ask(other);
    let mut heard = heard_by_other.try_iter();
    assert!(heard.any(|head| head.contains("Authorization: Basic ")));
}
