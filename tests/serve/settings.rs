//! Errors in the settings are reported, one line each, before the service starts.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use crate::deliveries::NO_DAEMON;
use crate::scene::Scene;
use crate::web_client::SECRET;

#[test]
fn each_obstacle_has_a_line() {
    let scene = Scene::new(NO_DAEMON);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    scene.edit_settings(
        "listen = \"127.0.0.1:0\"",
        &format!("listen = \"{address}\""),
    );
    let used = format!("can't listen at {address} (`listen`): Address already in use");
    scene.run(&[]).fails_saying(&[&used]);

    // `--check` reports all errors at once.
    scene.edit_settings("remote.git", "nowhere.git");
    scene.edit_settings("key-file = \"key\"", "key-file = \"hook\"");
    let checked = scene.run(&["--check"]).ends_with(1);
    for line in [
        &used[..],
        "[repositories.lab]: git could not ask ",
        "hook: ",
        "no Docker daemon answers at ",
    ] {
        let lines = checked.stderr.lines();
        let found = lines.filter(|said| said.contains("error: ") && said.contains(line));
        assert_eq!(found.count(), 1, "{line}: {}", checked.stderr);
    }

    scene.set("pol = \"5m\"");
    let unknown = scene.run(&["--check"]);
    unknown.fails_saying(&["serve.toml:6: unknown field `pol`"]);
    scene.set("");
    scene.edit_settings("url", "branch = \"draft\"\nurl");
    let branch = scene.run(&["--check"]).ends_with(1).stderr;
    assert!(
        branch.contains("[repositories.lab]: the remote has no branch draft"),
        "{branch}"
    );
    fs::write(scene.desk.sandbox.path("hook"), "hunter2\n").expect("a file");
    let short = scene
        .run(&[])
        .fails_saying(&["hook: it has 7 bytes, and at least 16 are needed"]);
    assert!(!short.stderr.contains("hunter2"), "{}", short.stderr);
    fs::write(scene.desk.sandbox.path("hook"), SECRET).expect("a file");
    scene.set("");
    scene.edit_settings("key-file = \"key\"", "key-file = \"no-key\"");
    scene.run(&[]).fails_saying(&[
        "`repositories.lab.key-file`: reading ",
        "no-key failed: No such file",
    ]);
    scene.edit_settings("[stacks.mail]", "[stacks.web]");
    let twice = scene.run(&["--check"]);
    twice.fails_saying(&["serve.toml:14: duplicate key"]);
    let config = scene.run(&["--config", "nowhere.toml"]);
    config.fails_saying(&["reading the settings nowhere.toml failed: No such file"]);
}

#[test]
fn no_file_is_needed_where_the_environment_says_it_all() {
    let scene = Scene::new(NO_DAEMON);
    let path = |name: &str| scene.desk.sandbox.path(name).display().to_string();
    for (name, value) in [
        ("URL", &*path("remote.git")),
        ("FULL_NAMES", "ada/home-lab"),
        ("KEY_FILE", "key"),
        ("SECRET_FILES", "hook"),
        ("STACKS", "web,mail"),
        ("STATE", "state"),
        ("LISTEN", "127.0.0.1:0"),
        ("PAGE", "127.0.0.1:0"),
        ("POLL", ""),
    ] {
        scene.set_variable(&format!("HS_SECRETS_SERVE_{name}"), value);
    }
    let service = scene.serve_by("");
    let commit = scene.commit();
    let taken = service.deliver("d1", &commit, "").expect(202);
    assert_ne!(taken.run_of("web").0, taken.run_of("mail").0);
    assert_eq!(service.stop(), Some(0));
    // A variable overrides the file, and an error names the variable that its value is from.
    scene.set_variable("HS_SECRETS_SERVE_LISTEN", "8420");
    scene.set_variable("HS_SECRETS_SERVE_TOKEN", "hunter2");
    scene.set_variable("HS_SECRETS_SERVE_POL", "5m");
    let checked = scene.run(&["--check"]).ends_with(1).stderr;
    for line in [
        "HS_SECRETS_SERVE_LISTEN: `listen` is `8420`, and must be an address",
        "HS_SECRETS_SERVE_TOKEN: a secret must not be in the environment",
        "HS_SECRETS_SERVE_POL: there is no setting of this name",
    ] {
        assert!(checked.contains(line), "{checked}");
    }
    assert!(!checked.contains("hunter2"), "{checked}");
    // A path that is not UTF-8 is refused, not changed.
    let mut command = scene.command();
    let path = OsStr::from_bytes(b"key\xff");
    command
        .env("HS_SECRETS_SERVE_KEY_FILE", path)
        .arg("--check");
    let checked = crate::harness::sandbox::run(command, b"").ends_with(1);
    let line = "HS_SECRETS_SERVE_KEY_FILE: its value is not UTF-8";
    assert!(checked.stderr.contains(line), "{}", checked.stderr);
}

#[test]
fn a_receiver_refuses_what_is_for_stacks_and_an_address_with_a_query() {
    let scene = Scene::new(NO_DAEMON);
    scene.set_receiver("127.0.0.1:1".parse().expect("an address"), "");
    scene.set_variable("HS_SECRETS_SERVE_WINDOW", "nonsense");
    scene.set_variable("HS_SECRETS_SERVE_HEAL", "true");
    let with_query = "http://127.0.0.1:1/?x";
    scene.set_variable("HS_SECRETS_SERVE_FORWARD", with_query);
    let checked = scene.run_with("receiver.toml", &["--check"]).ends_with(1);
    for line in [
        "HS_SECRETS_SERVE_WINDOW: `window` has no meaning with `forward`",
        "HS_SECRETS_SERVE_HEAL: `heal` has no meaning with `forward`",
        "HS_SECRETS_SERVE_FORWARD: `forward`: it must have no `?` or `#`",
    ] {
        assert!(checked.stderr.contains(line), "{}", checked.stderr);
    }
}

#[test]
fn the_state_folder_is_one_service_s_and_of_no_newer_version() {
    let scene = Scene::new(NO_DAEMON);
    let service = scene.serve();
    scene
        .run(&[])
        .fails_saying(&["another process uses state/runs"]);
    // `--check` beside a running service checks everything else.
    let checked = scene.run(&["--check"]).ends_with(1).stderr;
    assert!(checked.contains("no Docker daemon answers"), "{checked}");
    assert!(!checked.contains("another process uses"), "{checked}");
    for (path, mode) in [("state", 0o700), ("state/runs", 0o600)] {
        let facts = fs::metadata(scene.desk.sandbox.path(path)).expect("it is there");
        assert_eq!(facts.permissions().mode() & 0o777, mode, "{path}");
    }
    service.kill();
    fs::write(
        scene.desk.sandbox.path("state/runs"),
        "{\"hs-secrets-runs\":2}\n",
    )
    .expect("a file");
    scene
        .run(&[])
        .fails_saying(&["state/runs was written by a newer version"]);
}
