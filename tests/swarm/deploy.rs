//! `deploy` and `rollback` on a small stack: what goes well, and what does not.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, Weak};

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::engine::{Engine, IMAGE};
use crate::harness::sandbox::{Run, Sandbox, run};
use crate::lab::Lab;

static NETWORKED: Mutex<Weak<Engine>> = Mutex::new(Weak::new());

/// An engine with networks (a stack has one), shared by these tests.
fn engine() -> Arc<Engine> {
    let mut shared = NETWORKED
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    shared.upgrade().unwrap_or_else(|| {
        let engine = Arc::new(Engine::with_networks());
        *shared = Arc::downgrade(&engine);
        engine
    })
}

/// Two services, one of which uses the secret, and a file of variables.
fn lab(stack: &'static str) -> Lab {
    let lab = Lab::on(engine(), stack);
    lab.write("secrets/app.env", "VALUE=kept-in-memory\n");
    lab.write(
        &format!("{stack}.yml"),
        &format!(
            "version: '3.7'
x-common: &common
  image: {IMAGE}
  stop_grace_period: 0s
services:
  app:
    <<: *common
    env_file: [./secrets/app.env]
    secrets: [token]
    command: [sh, -c, 'echo $$VALUE; cat /run/secrets/token; sleep 1000']
    deploy:
      update_config: {{monitor: 500ms, failure_action: rollback}}
      rollback_config: {{monitor: 500ms}}
      restart_policy: {{delay: 200ms}}
  idle:
    <<: *common
    deploy:
      update_config: {{monitor: 500ms}}
secrets:
  token:
    file: secrets/token
"
        ),
    );
    lab.commit();
    lab
}

impl Lab {
    fn deploy(&self, arguments: &[&str]) -> Run {
        let docker = ["--", "--resolve-image", "never"];
        self.hs("deploy", &[arguments, &docker].concat())
    }

    fn start_deploy(&self) -> Child {
        let words = ["deploy", self.stack, "--", "--resolve-image", "never"];
        self.command(&self.repository, words)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program under test can be run")
    }

    fn tasks(&self, service: &str) -> String {
        let service = format!("{}_{service}", self.stack);
        let running = ["--quiet", "--filter", "desired-state=running"];
        let arguments = [&["service", "ps"][..], &running, &[&service]].concat();
        self.engine.docker(arguments).succeeds().text()
    }

    fn logs_of_app(&self, enough: &str) {
        let service = format!("{}_app", self.stack);
        self.engine
            .wait_for(&["service", "logs", "--raw", &service], |logs| {
                logs.contains(enough)
            });
    }
}

#[test]
fn a_change_updates_whom_it_concerns_and_rollback_goes_back() {
    let lab = lab("whole");
    let first = lab.deploy(&[]).succeeds();
    assert!(
        first
            .text()
            .contains("converged service whole_app (1 of 1)")
    );
    lab.logs_of_app("kept-in-memory");
    let (app, idle) = (lab.tasks("app"), lab.tasks("idle"));
    lab.write("secrets/token", "second secret\n");
    lab.commit();
    let blob = lab.git(&["rev-parse", "HEAD:secrets/token"]);
    let second = lab.deploy(&[]).succeeds();
    let says = format!("-> {}", &blob[..12]);
    assert!(second.stderr.contains(&says), "{}", second.stderr);
    lab.logs_of_app("second secret");
    assert_ne!(lab.tasks("app"), app);
    assert_eq!(lab.tasks("idle"), idle);

    lab.hs("rollback", &["--", "--resolve-image", "never"])
        .succeeds();
    let service = ["service", "inspect", "whole_app"];
    let spec = lab.engine.docker(service).succeeds().text();
    let first_blob = lab.git(&["rev-parse", "HEAD~1:secrets/token"]);
    assert!(spec.contains(&format!("whole_token-{}", &first_blob[..32])));
    assert_eq!(lab.tasks("idle"), idle);
}

#[test]
fn a_broken_update_is_told_with_the_task_s_error_and_nothing_is_pruned() {
    let lab = lab("broken");
    lab.deploy(&[]).succeeds();
    let before = lab.secrets();
    lab.edit_stack("[sh, -c, ", "[no-such-program, ");
    lab.write("secrets/token", "second secret\n");
    lab.commit();
    lab.deploy(&[]).fails_saying(&[
        "service broken_app: rolled back by Docker: ",
        "no-such-program",
    ]);
    for secret in &before {
        assert!(lab.secrets().contains(secret));
    }
    let service = ["service", "inspect", "broken_app"];
    let spec = lab.engine.docker(service).succeeds().text();
    assert!(spec.contains(&before[0]) && !spec.contains("PreviousSpec\": {}"));
    let locks = [
        "config",
        "ls",
        "--quiet",
        "--filter",
        "name=hs-secrets-lock-broken",
    ];
    assert_eq!(lab.engine.docker(locks).succeeds().text(), "");
    lab.git(&["revert", "--no-edit", "HEAD"]);
    lab.deploy(&[]).succeeds();
}

#[test]
fn an_image_that_is_nowhere_and_a_time_limit_name_the_service() {
    let lab = lab("nowhere");
    lab.edit_stack(&format!("image: {IMAGE}"), "image: no-such-image:1");
    lab.deploy(&[])
        .fails_saying(&["service nowhere_app: a task can't start: No such image"]);
    lab.edit_stack("image: no-such-image:1", &format!("image: {IMAGE}"));
    lab.edit_stack(
        "  idle:\n    <<: *common\n    deploy:\n",
        "  idle:\n    <<: *common\n    deploy:\n      placement: {constraints: [node.labels.none == such]}\n",
    );
    lab.deploy(&["--timeout", "4s"]).fails_saying(&[
        "not done within 4 s",
        "service nowhere_idle has not converged",
        "no suitable node",
    ]);
}

#[test]
fn bad_input_is_refused_before_anything_is_done() {
    let lab = lab("bad");
    lab.deploy(&["--rev", "no-such-commit"])
        .fails_saying(&["no-such-commit"]);
    let empty = lab.git(&[
        "commit-tree",
        "-m",
        "empty",
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    ]);
    lab.deploy(&["--rev", &empty])
        .fails_saying(&["no stack `bad` here"]);
    for arguments in [&[][..], &["--to", "HEAD"]] {
        lab.hs("rollback", arguments)
            .fails_saying(&["stack bad has no services in the Swarm"]);
    }
    let unknown = lab.command(
        &lab.repository,
        ["rollback", "no-such-stack", "--to", "HEAD"],
    );
    run(unknown, b"").fails_saying(&["no stack `no-such-stack` here"]);

    lab.edit_stack(
        "    secrets: [token]\n",
        "    secrets: [token]\n    imge: x\n",
    );
    lab.deploy(&[])
        .fails_saying(&["bad.yml:10: docker stack deploy bad failed: ", "imge"]);
    lab.edit_stack("    imge: x\n", "");
    let no_docker = || {
        let mut command = lab.command(&lab.repository, ["deploy", "bad"]);
        let own = std::path::Path::new(env!("CARGO_BIN_EXE_hs-secrets"));
        command.env("PATH", own.parent().expect("a directory"));
        command
    };
    run(no_docker(), b"").fails_saying(&["the docker client can't be run"]);
    lab.edit_stack(
        "secrets:\n  token:\n",
        "secrets:\n  lost: {external: true}\n  token:\n",
    );
    lab.deploy(&[])
        .fails_saying(&["external secret lost (bad.yml:", "is not in the Swarm"]);
    assert_eq!(
        lab.engine
            .docker(["stack", "services", "--quiet", "bad"])
            .text(),
        ""
    );
}

#[test]
fn two_clones_end_in_one_of_two_wanted_states() {
    let one = lab("clones");
    one.deploy(&[]).succeeds();
    let other = clone_of(&one);
    one.write("secrets/token", "of one\n");
    one.edit_stack("VALUE; cat", "VALUE; echo one; cat");
    one.commit();
    other.write("secrets/token", "of the other\n");
    other.edit_stack("VALUE; cat", "VALUE; echo other; cat");
    other.commit();
    let both = [one.start_deploy(), other.start_deploy()];
    let mut told = String::new();
    for deploy in both {
        let output = deploy.wait_with_output().expect("its output");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        told += &stderr;
    }
    assert!(told.contains("deploys stack clones since "), "{told}");
    let spec = [
        "service",
        "inspect",
        "--format",
        "{{json .Spec}}",
        "clones_app",
    ];
    let spec = one.engine.docker(spec).succeeds().text();
    let version = |lab: &Lab| lab.git(&["rev-parse", "HEAD:secrets/token"])[..32].to_owned();
    let first = spec.contains("echo one") && spec.matches(&version(&one)).count() > 0;
    let second = spec.contains("echo other") && spec.matches(&version(&other)).count() > 0;
    assert!(first != second, "{spec}");
}

fn clone_of(lab: &Lab) -> Lab {
    let sandbox = Sandbox::new();
    let from = lab.repository.display().to_string();
    sandbox
        .git(&sandbox.path(""), ["clone", "--quiet", &from, "clone"])
        .succeeds();
    let clone = Lab {
        repository: sandbox.path("clone"),
        sandbox,
        engine: Arc::clone(&lab.engine),
        stack: lab.stack,
    };
    let key = clone.sandbox.path("key").display().to_string();
    let export = ["export-key", &key];
    lab.sandbox.hs(&lab.repository, export).succeeds();
    clone
        .sandbox
        .hs(&clone.repository, ["unlock", &key])
        .succeeds();
    clone
}

#[test]
fn an_interrupt_says_what_was_done_and_a_dead_holder_s_turn_is_taken() {
    for (signal, stack) in [(Signal::INT, "interrupted"), (Signal::KILL, "killed")] {
        let lab = lab(stack);
        let mut deploy = lab.start_deploy();
        let mut lines = BufReader::new(deploy.stdout.take().expect("piped")).lines();
        let deployed = format!("deployed stack {stack}");
        while lines.next().expect("it goes on").expect("text") != deployed {}
        let pid = Pid::from_raw(deploy.id().try_into().expect("a pid")).expect("it runs");
        kill_process(pid, signal).expect("it runs still");
        let mut stderr = String::new();
        let mut pipe = deploy.stderr.take().expect("piped");
        pipe.read_to_string(&mut stderr).expect("text");
        let status = deploy.wait().expect("it ends");
        if signal == Signal::INT {
            assert_eq!(status.code(), Some(130), "{stderr}");
            assert!(stderr.contains("error: interrupted"), "{stderr}");
            assert!(stderr.contains("running it again finishes"), "{stderr}");
        }
        let again = lab.deploy(&[]).succeeds();
        let taken = again.stderr.contains("is no more: taking its turn");
        assert_eq!(taken, signal == Signal::KILL, "{}", again.stderr);
    }
}

#[test]
fn no_plaintext_is_written_to_a_file_system() {
    let lab = lab("traced");
    let trace = lab.sandbox.path("trace");
    let mut command = lab.sandbox.command(&lab.repository, "strace");
    command
        .args([
            "--follow-forks",
            "--string-limit=100000",
            "--decode-fds=path",
        ])
        .args([
            "--trace=write,writev,pwrite64,pwritev,pwritev2,openat,memfd_create",
            "--output",
        ])
        .arg(&trace)
        .args(["hs-secrets", "deploy", "traced", "--rev", "HEAD"])
        .args(["--", "--resolve-image", "never"])
        .env("DOCKER_HOST", lab.engine.host());
    run(command, b"").succeeds();
    let trace = std::fs::read_to_string(trace).expect("what strace saw");
    let mut in_memory = 0;
    for line in trace
        .lines()
        .filter(|line| line.contains("kept-in-memory") || line.contains("first secret"))
    {
        let target = line.split(['<', '>']).nth(1).unwrap_or_default();
        let memory = target.starts_with("/memfd:");
        let elsewhere =
            target.starts_with("pipe:") || target.starts_with("socket:") || target.contains("UNIX");
        assert!(memory || elsewhere, "{line}");
        in_memory += usize::from(memory);
    }
    assert_eq!(in_memory, 1, "the env_file went through memory");
}
