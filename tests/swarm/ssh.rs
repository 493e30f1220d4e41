//! A daemon behind a real ssh server on this machine.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::deploy_lab::lab;
use crate::harness::sandbox::{Run, run};
use crate::lab::Lab;

const NEEDED: &str = "this test needs the real ssh: apt-get install openssh-server openssh-client";

/// An ssh server with its own keys and settings, ended when dropped.
struct Server {
    process: Child,
    host: String,
    path: String,
}

impl Server {
    /// A server whose users reach the engine of `lab`.
    fn for_engine_of(lab: &Lab) -> Self {
        let folder = lab.sandbox.path("ssh");
        fs::create_dir(&folder).expect("a folder");
        fs::create_dir_all("/run/sshd").expect("the server wants an empty folder there");
        for key in ["host", "user"] {
            let words = format!("-q -t ed25519 -N  -f {key}");
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(words.split(' ')).current_dir(&folder);
            assert!(keygen.status().expect(NEEDED).success());
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a public key");
        let here = folder.display();
        let search = std::env::var("PATH").expect("a PATH");
        let write = |name: &str, text: String| {
            fs::write(folder.join(name), text).expect("it is ours");
        };
        write("known", format!("[127.0.0.1]:{port} {}", read("host.pub")));
        write(
            "server",
            format!(
                "ListenAddress 127.0.0.1:{port}\nHostKey {here}/host\nAuthorizedKeysFile {here}/user.pub\n\
                 PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n\
                 SetEnv DOCKER_HOST={} PATH={search}\n",
                lab.engine.host()
            ),
        );
        // The ssh client looks for its settings in the home directory from the user database, not in HOME.
        let client = format!("IdentityFile {here}/user\nUserKnownHostsFile {here}/known\n");
        write("client", client);
        let ssh = format!(
            "#!/bin/sh\ncat /proc/$PPID/comm >>{here}/calls\nPATH='{search}'\nexec ssh -F {here}/client \"$@\"\n"
        );
        fs::create_dir(folder.join("bin")).expect("a folder");
        write("bin/ssh", ssh);
        let executable = ["+x", "bin/ssh"];
        lab.sandbox
            .run(&folder, "chmod", executable, b"")
            .succeeds();

        let sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"]
            .into_iter()
            .find(|path| fs::exists(path).unwrap_or_default())
            .expect(NEEDED);
        let log = fs::File::create(folder.join("log")).expect("a log file");
        let process = Command::new(sshd)
            .args(["-D", "-e", "-f"])
            .arg(folder.join("server"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .expect(NEEDED);
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(started.elapsed() < Duration::from_secs(10), "{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        Self {
            process,
            host: format!("ssh://root@127.0.0.1:{port}"),
            path: format!("{here}/bin"),
        }
    }

    fn hs(&self, lab: &Lab, words: &[&str]) -> Run {
        let mut command = lab.command(&lab.repository, words.iter().copied());
        let path = command.get_envs().find(|(name, _)| *name == "PATH");
        let path = path.and_then(|(_, path)| path).expect("the sandbox's own");
        let path = format!("{}:{}", self.path, path.to_string_lossy());
        command.env("PATH", path).env_remove("DOCKER_HOST");
        run(command, b"")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn stacks_are_synced_listed_and_deployed_through_a_real_ssh() {
    let lab = lab("tunnelled");
    let server = Server::for_engine_of(&lab);
    let calls = || {
        let calls = fs::read_to_string(lab.sandbox.path("ssh/calls"));
        calls.unwrap_or_default()
    };
    let host = ["--host", &server.host];
    let synced = server.hs(&lab, &[&["sync", "tunnelled"], &host[..]].concat());
    assert_eq!(synced.succeeds().text().lines().count(), 1);
    let of_sync = calls().lines().count();
    assert!((1..=4).contains(&of_sync), "{of_sync}");
    let listed = server.hs(&lab, &[&["ls", "tunnelled"], &host[..]].concat());
    assert!(listed.succeeds().text().contains("token"));

    assert!(!calls().contains("docker"));
    let docker = ["--", "--resolve-image", "never"];
    let deployed = server.hs(
        &lab,
        &[&["deploy", "tunnelled"], &host[..], &docker].concat(),
    );
    let text = deployed.succeeds().text();
    assert!(
        text.contains("converged service tunnelled_app (1 of 1)"),
        "{text}"
    );
    assert!(calls().contains("docker"), "the client calls it, too");

    // The server does not know the user's key any more.
    fs::write(lab.sandbox.path("ssh/user.pub"), "").expect("it is ours");
    let refused = server.hs(&lab, &[&["ls", "tunnelled"], &host[..]].concat());
    refused.fails_saying(&["`ssh` ended with exit status: 255", "Permission denied"]);
}
