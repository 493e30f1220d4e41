//! `sync` of many objects while the leader dies.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::harness::sandbox::{Run, Sandbox, run};
use crate::harness::three_managers::ThreeManagers;

const OBJECTS: usize = 400;

/// A stack `many` with one secret and many configs.
fn repository(sandbox: &Sandbox) -> PathBuf {
    let repository = sandbox.repository("lab");
    sandbox.hs(&repository, ["init"]).succeeds();
    let write = |path: &str, text: &str| {
        let path = repository.join(path);
        fs::create_dir_all(path.parent().expect("a path within")).expect("a folder");
        fs::write(path, text).expect("it is ours");
    };
    write(
        ".gitattributes",
        "secret/* filter=git-crypt diff=git-crypt\n",
    );
    write("secret/token", "hunter2\n");
    let mut stack =
        "version: '3.7'\nsecrets:\n  token:\n    file: secret/token\nconfigs:\n".to_owned();
    for number in 1..OBJECTS {
        write(&format!("config/c{number}"), &format!("number {number}\n"));
        stack += &format!("  c{number}:\n    file: config/c{number}\n");
    }
    write("many.yml", &stack);
    sandbox.git(&repository, ["add", "--all"]).succeeds();
    sandbox
        .git(&repository, ["commit", "--quiet", "--message=many"])
        .succeeds();
    repository
}

/// Names of all secrets and configs, each as often as it is there.
fn held(managers: &ThreeManagers, number: u32) -> Vec<String> {
    let mut names = Vec::new();
    for kind in ["secret", "config"] {
        let listed = managers.docker(number, &[kind, "ls", "--format", "{{.Name}}"]);
        names.extend(listed.succeeds().text().lines().map(str::to_owned));
    }
    names
}

#[test]
#[ignore = "a matrix: tests/run.sh --all"]
fn the_leader_is_killed_during_sync_and_running_again_finishes() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let mut managers = ThreeManagers::new();
    assert_eq!(managers.leader(&[1, 2, 3]), Some(1));
    let command = |number: u32, managers: &ThreeManagers| -> Command {
        let mut command = sandbox.command(&repository, "hs-secrets");
        command
            .args(["sync", "many"])
            .env("DOCKER_HOST", managers.host(number));
        command
    };

    let mut first = command(2, &managers)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program under test can be run");
    let mut created = BufReader::new(first.stdout.take().expect("piped"));
    let mut line = String::new();
    for _ in 0..20 {
        created
            .read_line(&mut line)
            .expect("a line for each object");
    }
    assert!(line.starts_with("created "), "{line}");
    managers.kill(1);
    created.read_to_string(&mut line).expect("the rest");
    let mut said = String::new();
    let mut stderr = first.stderr.take().expect("piped");
    stderr.read_to_string(&mut said).expect("the rest");
    let code = first.wait().expect("it ends").code();
    let finished_or_told = code == Some(0) || said.contains("objects were created before");
    assert!(finished_or_told, "{code:?}: {said}");

    managers.wait_until("another leads", |managers| {
        managers.leader(&[2, 3]).is_some()
    });
    let again = || -> Run { run(command(2, &managers), b"") };
    again().succeeds();
    assert_eq!(again().succeeds().text(), "nothing to do\n");
    let there = held(&managers, 2);
    assert_eq!(there.len(), OBJECTS, "nothing is lost or doubled");
    let distinct: BTreeSet<&String> = there.iter().collect();
    assert_eq!(distinct.len(), OBJECTS);
    // What was said to be created is there.
    for name in line
        .lines()
        .filter_map(|line| line.strip_prefix("created "))
    {
        let name = name
            .split(' ')
            .next_back()
            .expect("a kind and a name")
            .to_owned();
        assert!(distinct.contains(&name), "{name}");
    }

    // The one that comes back knows it all.
    managers.start(1);
    managers.wait_until("it has caught up", |managers| {
        managers.docker(1, &["node", "ls"]).code == 0
    });
    let there: BTreeSet<String> = there.into_iter().collect();
    assert_eq!(
        held(&managers, 1).into_iter().collect::<BTreeSet<_>>(),
        there
    );
    let third = run(command(1, &managers), b"").succeeds().text();
    assert_eq!(third, "nothing to do\n");
}
