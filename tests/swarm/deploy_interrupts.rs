//! An interrupted deployment says what was done. Running it again completes it, wherever it was interrupted.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::aged::aged;
use crate::deploy_lab::lab;
use crate::harness::engine::IMAGE;
use crate::lab::Lab;

/// The exit code and output of a deployment.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn signal(deploy: &Child, signal: Signal) {
    let pid = Pid::from_raw(deploy.id().try_into().expect("a pid")).expect("it runs");
    kill_process(pid, signal).expect("it runs still");
}

/// Sends the signal when the deployment has printed a line with this beginning.
fn stopped_after(mut deploy: Child, beginning: &str, with: Signal) -> Ended {
    let mut output = BufReader::new(deploy.stdout.take().expect("piped"));
    let mut stdout = String::new();
    let mut line = String::new();
    while !line.starts_with(beginning) {
        line.clear();
        let length = output.read_line(&mut line).expect("text");
        assert_ne!(length, 0, "no `{beginning}…` in {stdout}");
        stdout += &line;
    }
    signal(&deploy, with);
    output.read_to_string(&mut stdout).expect("text");
    let ended = ended(deploy);
    Ended { stdout, ..ended }
}

fn ended(mut deploy: Child) -> Ended {
    let mut stderr = String::new();
    let mut pipe = deploy.stderr.take().expect("piped");
    pipe.read_to_string(&mut stderr).expect("text");
    Ended {
        code: deploy.wait().expect("it ends").code(),
        stdout: String::new(),
        stderr,
    }
}

impl Ended {
    #[track_caller]
    fn was_interrupted(&self, while_what: &str) {
        assert_eq!(self.code, Some(130), "{}", self.stderr);
        let error = format!("error: interrupted{while_what}");
        assert!(self.stderr.contains(&error), "{}", self.stderr);
        assert!(self.stderr.contains("running it again finishes"));
    }
}

fn services(lab: &Lab) -> usize {
    let ls = ["stack", "services", "--quiet", lab.stack];
    lab.engine.docker(ls).text().lines().count()
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn while_another_has_the_turn() {
    let lab = lab("in-line");
    let labels = [
        "lock=in-line",
        "lock.holder=somebody",
        "lock.process=",
        "lock.since=2026-11-22 16:42:22 UTC",
        "lock.beat=0",
    ];
    let labels = labels.map(|label| format!("--label=hs-secrets.{label}"));
    let labels = labels.iter().map(String::as_str);
    let create = ["config", "create"].into_iter().chain(labels);
    let lock = create.chain(["hs-secrets-lock-in-line", "-"]);
    lab.engine.docker_with_input(lock, b"somebody").succeeds();
    let mut deploy = lab.start_deploy();
    let mut pipe = BufReader::new(deploy.stderr.take().expect("piped"));
    let mut line = String::new();
    pipe.read_line(&mut line).expect("text");
    assert!(
        line.contains("waiting: somebody deploys stack in-line since "),
        "{line}"
    );
    signal(&deploy, Signal::INT);
    pipe.read_to_string(&mut line).expect("text");
    let stopped = Ended {
        code: deploy.wait().expect("it ends").code(),
        stdout: String::new(),
        stderr: line,
    };
    stopped.was_interrupted(" while waiting for the turn of stack in-line; nothing was done");
    assert_eq!((lab.secrets().len(), services(&lab)), (0, 0));
    let rm = ["config", "rm", "hs-secrets-lock-in-line"];
    lab.engine.docker(rm).succeeds();
    lab.deploy(&[]).succeeds();
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn while_objects_are_created_networks_made_or_the_client_runs() {
    let lab = lab("phases");
    let (mut configs, mut networks, mut names) = (String::new(), String::new(), Vec::new());
    for number in 0..200 {
        lab.write(&format!("config/{number}"), format!("config {number}\n"));
        configs += &format!("  c{number}: {{file: config/{number}}}\n");
    }
    for number in 0..40 {
        networks += &format!("  phase-{number}: {{external: true}}\n");
        names.push(format!("phase-{number}"));
    }
    lab.edit_stack(
        "secrets:\n  token:\n",
        &format!(
            "  nowhere:\n    image: {IMAGE}\n    networks: [{}]\n    deploy: {{replicas: 0}}\n\
             configs:\n{configs}networks:\n{networks}secrets:\n  token:\n",
            names.join(", ")
        ),
    );
    lab.commit();

    let stopped = stopped_after(lab.start_deploy(), "created config", Signal::INT);
    let created = stopped.stdout.lines().count();
    stopped.was_interrupted(&format!("; {created} of 201 objects were created before"));
    assert_eq!(lab.secrets().len() + lab.names("config").len(), created);

    let stopped = stopped_after(lab.start_deploy(), "created network", Signal::INT);
    stopped.was_interrupted(" while networks were being made; nothing was deployed yet");
    let made = stopped.stdout.matches("created network ").count();
    let objects = stopped.stdout.lines().count() - made;
    assert_eq!(created + objects, 201, "the second run made the others");
    let ls = ["network", "ls", "--format", "{{.Name}}"];
    let there = lab.engine.docker(ls).succeeds().text();
    assert_eq!(there.matches("phase-").count(), made, "{there}");
    assert!(made < 40 && services(&lab) == 0);

    // A docker client that is slow to deploy.
    let client = lab.sandbox.path("slow/docker");
    fs::create_dir(lab.sandbox.path("slow")).expect("a folder");
    let script = "#!/bin/sh\n[ \"$2\" = deploy ] || PATH=${PATH#*:} exec docker \"$@\"\n\
                  touch \"$HOME/begun\"\nexec sleep 20\n";
    fs::write(&client, script).expect("a script");
    fs::set_permissions(&client, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let own = std::path::Path::new(env!("CARGO_BIN_EXE_hs-secrets"));
    let path = format!(
        "{}:{}:{}",
        lab.sandbox.path("slow").display(),
        own.parent().expect("a folder").display(),
        std::env::var("PATH").expect("a PATH")
    );
    let deploy = lab.start_deploy_with(&[], &[("PATH", &path)]);
    while !lab.sandbox.path("home/begun").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    signal(&deploy, Signal::INT);
    ended(deploy).was_interrupted(" while docker stack deploy phases was running");

    let finished = lab.deploy(&[]).succeeds().text();
    assert!(!finished.contains("created "), "{finished}");
    assert_eq!(services(&lab), 3);
    assert_eq!(lab.secrets().len() + lab.names("config").len(), 201);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn while_services_are_waited_for_and_after_a_dead_holder() {
    for (with, stack) in [(Signal::INT, "interrupted"), (Signal::KILL, "killed")] {
        let lab = lab(stack);
        let deployed = format!("deployed stack {stack}");
        let stopped = stopped_after(lab.start_deploy(), &deployed, with);
        if with == Signal::INT {
            stopped.was_interrupted("");
            let told = [
                "; service interrupted_app has not converged (",
                " while services were to be waited for",
            ];
            assert!(
                told.iter().any(|words| stopped.stderr.contains(words)),
                "{}",
                stopped.stderr
            );
        }
        let again = lab.deploy(&[]).succeeds();
        let taken = again
            .stderr
            .contains("without giving back its turn: taking it");
        assert_eq!(taken, with == Signal::KILL, "{}", again.stderr);
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn while_it_prunes() {
    let lab = lab("sweeping");
    let aged = aged(&lab.engine);
    let write = |word: &str| {
        let mut configs = "configs:\n".to_owned();
        for number in 0..200 {
            lab.write(&format!("config/{number}"), format!("{word} {number}\n"));
            configs += &format!("  c{number}: {{file: config/{number}}}\n");
        }
        configs
    };
    let configs = write("first");
    lab.edit_stack(
        "secrets:\n  token:\n",
        &format!("{configs}secrets:\n  token:\n"),
    );
    lab.write(".hs-secrets.toml", "keep = 0\n");
    lab.commit();
    lab.deploy(&[]).succeeds();
    write("second");
    lab.commit();
    let deploy = lab.start_deploy_with(&[], &[("DOCKER_HOST", &aged.host())]);
    let stopped = stopped_after(deploy, "removed config", Signal::INT);
    let removed = stopped.stdout.matches("removed config ").count();
    assert!(removed < 200);
    stopped.was_interrupted(&format!("; {removed} of 200 objects were removed before"));
    assert_eq!(lab.names("config").len(), 400 - removed);
    let again = lab.start_deploy_with(&[], &[("DOCKER_HOST", &aged.host())]);
    let output = again.wait_with_output().expect("its output");
    assert!(output.status.success(), "{output:?}");
    let finished = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(finished.matches("removed config ").count(), 200 - removed);
    assert_eq!(lab.names("config").len(), 200);
}
