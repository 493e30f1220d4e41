//! Daemons that do not run, are not managers, refuse the user, or go away during a request.

use std::fs;
use std::io::copy;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use hs_secrets::internals::ObjectKind;
use hs_secrets::internals::{DockerEngine, Endpoint, Engine as _, EngineError};

use crate::harness::engine::Engine;
use crate::harness::sandbox::run;
use crate::lab::{Lab, name_in};
use crate::sync::{after_lines, many_on, rest};

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn docker_is_not_running() {
    let lab = Lab::new("absent");
    for verb in ["sync", "plan", "prune", "ls"] {
        lab.hs(verb, &["--host", "unix:///nowhere/docker.sock"])
            .fails_saying(&["no Docker daemon answers at unix:///nowhere/docker.sock"]);
    }
    let left_over = lab.sandbox.path("left-over.sock");
    drop(std::os::unix::net::UnixListener::bind(&left_over).expect("a socket"));
    lab.hs(
        "sync",
        &["--host", &format!("unix://{}", left_over.display())],
    )
    .fails_saying(&["connection refused"]);
    lab.hs("sync", &["--host", "tcp://127.0.0.1:1"])
        .fails_saying(&["tcp://127.0.0.1:1: connection refused"]);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_daemon_is_reached_over_tcp() {
    let lab = Lab::new("remote");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let socket = lab.engine.socket();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.expect("a connection");
            let engine = UnixStream::connect(&socket).expect("the engine runs");
            let answers = (engine.try_clone(), client.try_clone());
            std::thread::spawn(move || copy(&mut &client, &mut &engine));
            let (Ok(mut engine), Ok(mut client)) = answers else {
                panic!("no second handle");
            };
            std::thread::spawn(move || copy(&mut engine, &mut client));
        }
    });
    let host = format!("tcp://{address}");
    let created = lab.hs("sync", &["--host", &host]).succeeds().text();
    assert_eq!(created.lines().count(), 2, "{created}");
    assert_eq!(lab.secrets().len(), 1);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_engine_without_swarm_is_not_a_manager() {
    let engine = Arc::new(Engine::without_swarm());
    let lab = Lab::on(engine, "lonely");
    for verb in ["sync", "plan", "prune", "ls"] {
        let told = lab.hs(verb, &[]);
        assert!(told.stderr.contains("docker swarm init"), "{}", told.stderr);
        told.fails_saying(&["is not a swarm manager"]);
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn the_socket_is_not_for_everybody() {
    let lab = Lab::new("nobody");
    // Other users may not even have access to the build directory.
    let program = lab.sandbox.path("hs-secrets");
    fs::copy(env!("CARGO_BIN_EXE_hs-secrets"), &program).expect("a copy of the program");
    let root = lab.sandbox.path("");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).expect("it is ours");
    lab.sandbox
        .run(&root, "chown", ["-R", "65534:65534", "lab"], b"")
        .succeeds();
    let mut command = lab.sandbox.command(&lab.repository, "setpriv");
    command
        .env("DOCKER_HOST", lab.engine.host())
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
        .arg(&program)
        .args(["sync", "nobody"]);
    run(command, b"").fails_saying(&["permission denied on the Docker socket"]);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_daemon_that_goes_away_is_said_and_running_again_finishes() {
    let mut engine = Arc::new(Engine::swarm());
    let lab = many_on(Arc::clone(&engine), "away", 300);
    let mut sync = lab.start("sync");
    let begun = after_lines(&mut sync, 20);
    let Lab {
        desk,
        engine: shared,
        stack,
    } = lab;
    drop(shared);
    Arc::get_mut(&mut engine)
        .expect("nobody else has it")
        .kill();
    let (begun, stderr) = rest(begun, &mut sync);
    assert_eq!(sync.wait().expect("it ends").code(), Some(1), "{stderr}");
    let says = format!(
        "{} of 300 objects were created before",
        begun.lines().count()
    );
    assert!(stderr.contains("went away"), "{stderr}");
    assert!(stderr.contains(&says), "{stderr}");
    assert!(stderr.contains("running it again finishes"), "{stderr}");

    Arc::get_mut(&mut engine)
        .expect("nobody else has it")
        .restart();
    let lab = Lab {
        desk,
        engine,
        stack,
    };
    lab.hs("sync", &[]).succeeds();
    assert_eq!(lab.names("config").len(), 300);
    assert_eq!(lab.hs("sync", &[]).succeeds().text(), "nothing to do\n");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_object_in_use_is_not_removed_and_one_that_is_gone_is_no_wonder() {
    let lab = Lab::new("held");
    let secret = name_in(&lab.hs("sync", &[]).succeeds().text(), "created secret ");
    lab.create_service(&secret);
    let endpoint = Endpoint::parse(&lab.engine.host(), None).expect("the engine's address");
    let engine = DockerEngine::connect(&endpoint, |_| ()).expect("the engine runs");
    let objects = engine.objects().expect("it is a manager");
    let of_name = |name: &str| {
        let mut objects = objects.iter();
        objects
            .find(|object| object.name == name)
            .expect("it is there")
    };
    let refused = engine
        .remove(of_name(&secret))
        .expect_err("a service uses it");
    let EngineError::InUse {
        kind: ObjectKind::Secret,
        message,
        ..
    } = &refused
    else {
        panic!("{refused}");
    };
    assert!(message.contains("held_app"), "{message}");
    let config = lab.names("config").remove(0);
    engine.remove(of_name(&config)).expect("nobody uses it");
    let gone = engine.remove(of_name(&config)).expect_err("it is gone");
    assert!(matches!(gone, EngineError::NoSuchObject { .. }), "{gone}");
}
