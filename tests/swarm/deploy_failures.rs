//! Deployments that are refused or fail.

use crate::deploy_lab::lab;
use crate::harness::engine::IMAGE;
use crate::harness::proxy::Proxy;
use crate::harness::sandbox::run;

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_broken_update_is_told_with_the_task_s_error_and_nothing_is_pruned() {
    let lab = lab("broken");
    lab.deploy(&[]).succeeds();
    let before = lab.secrets();
    let (app, idle) = (lab.spec("app"), lab.tasks("idle"));
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
    assert_eq!(lab.spec("app"), app, "it is as before");
    assert_eq!(lab.tasks("idle"), idle, "and the other was never touched");
    let locks = [
        "config",
        "ls",
        "--quiet",
        "--filter",
        "name=hs-secrets-lock-broken",
    ];
    assert_eq!(lab.engine.docker(locks).succeeds().text(), "");
    // Docker has rolled back the service. `rollback` does so with the whole stack.
    let running = lab.tasks("app");
    lab.hs("rollback", &["--", "--resolve-image", "never"])
        .succeeds();
    assert_eq!((lab.spec("app"), lab.tasks("app")), (app, running));
    assert_eq!(lab.tasks("idle"), idle);
    lab.git(&["revert", "--no-edit", "HEAD"]);
    lab.deploy(&[]).succeeds();

    // If the deployed state was never committed, `rollback` returns to the checked-out commit, not to the one before.
    lab.edit_stack("[sh, -c, ", "[no-such-program, ");
    lab.deploy(&[]).fails_saying(&["service broken_app"]);
    let back = lab
        .hs("rollback", &["--", "--resolve-image", "never"])
        .succeeds();
    let head = lab.git(&["rev-parse", "--short=7", "HEAD"]);
    let said = format!("going back to commit {head}");
    assert!(back.stderr.contains(&said), "{}", back.stderr);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_image_that_is_nowhere_and_a_time_limit_name_the_service() {
    let lab = lab("nowhere");
    lab.edit_stack(&format!("image: {IMAGE}"), "image: no-such-image:1");
    // Engines since 29.7 retry again and again.
    let told = lab.deploy(&["--timeout", "60s"]).ends_with(1).stderr;
    let at_once = "service nowhere_app: a task can't start: No such image";
    let retried = "service nowhere_app has not converged (0 of 1, waiting: ";
    assert!(told.contains(at_once) || told.contains(retried), "{told}");
    assert!(told.contains("hint: is the image's name right"), "{told}");
    lab.edit_stack("image: no-such-image:1", &format!("image: {IMAGE}"));
    lab.edit_stack(
        "  idle:\n    <<: *common\n    deploy:\n",
        "  idle:\n    <<: *common\n    deploy:\n      placement: {constraints: [node.labels.none == such]}\n",
    );
    let late = lab.deploy(&["--timeout", "4s"]).fails_saying(&[
        "not done within 4 s",
        "service nowhere_idle has not converged",
        "no suitable node",
    ]);
    for hint in [
        "`rollback nowhere` deploys what was wanted before",
        "hint: `docker service ps --no-trunc nowhere_idle` lists its tasks\n",
    ] {
        assert!(late.stderr.contains(hint), "{}", late.stderr);
    }
}

/// As engines since 29.7 do, this engine retries to pull an image for ever, with the error as the message of the task.
#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_pull_that_fails_again_and_again_is_told_while_it_lasts() {
    let lab = lab("retried");
    lab.edit_stack(&format!("image: {IMAGE}"), "image: no-such-image:1");
    let retrying = Proxy::rewriting(
        &lab.engine,
        &[
            ("\"State\":\"rejected\"", "\"State\":\"starting\""),
            (
                "\"DesiredState\":\"shutdown\"",
                "\"DesiredState\":\"starting\"",
            ),
        ],
    );
    let host = retrying.host();
    let late = lab
        .deploy(&["--timeout", "20s", "--host", &host])
        .fails_saying(&[
            "not done within 20 s",
            "service retried_app has not converged (0 of 1, waiting: ",
            "no-such-image:1",
        ]);
    let (meanwhile, end) = late.stderr.split_once(": error: ").expect("an error");
    for told in [
        "retried_app: 0 of 1, waiting: No such image: no-such-image:1\n",
        "hint: `docker service ps --no-trunc retried_app` lists its tasks; Ctrl-C ends the waiting\n",
        "hint: is the image's name right, and does the registry need a login",
    ] {
        assert_eq!(meanwhile.matches(told).count(), 1, "{meanwhile}");
    }
    for hint in [
        "`rollback retried` deploys what was wanted before",
        "hint: `docker service ps --no-trunc retried_",
        "hint: is the image's name right, and does the registry need a login",
    ] {
        assert!(end.contains(hint), "{end}");
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
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
    let refused = lab
        .deploy(&[])
        .fails_saying(&["bad.yml:10: docker refuses stack bad: ", "imge"]);
    let hint = "hint: nothing was changed in the Swarm: correct that first";
    assert!(refused.stderr.contains(hint), "{}", refused.stderr);
    lab.edit_stack("    imge: x\n", "");
    for wrong in ["--bad-option", "word"] {
        let refused = lab.hs("deploy", &["--", wrong]).fails_saying(&[]);
        let hints = refused.stderr.matches("hint: ").count();
        assert_eq!(hints, 1, "{}", refused.stderr);
        let hint = "hint: what follows `--` goes to `docker stack deploy`: correct that\n";
        assert!(refused.stderr.ends_with(hint), "{}", refused.stderr);
    }
    let git_only = lab.folder_with_git_only();
    let own = std::path::Path::new(env!("CARGO_BIN_EXE_hs-secrets"));
    std::os::unix::fs::symlink(own, git_only.join("hs-secrets")).expect("a link");
    let no_docker = || {
        let mut command = lab.command(&lab.repository, ["deploy", "bad"]);
        command.env("PATH", &git_only);
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
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_rollback_to_what_is_gone_and_can_not_be_decrypted_is_refused_whole() {
    let lab = lab("whole-or-not");
    lab.deploy(&[]).succeeds();
    lab.write("secrets/token", "second secret\n");
    lab.commit();
    lab.deploy(&[]).succeeds();
    let (spec, tasks) = (lab.spec("app"), lab.tasks("idle"));
    // Only docker's own rollback of the service needs this secret. Docker removes it without complaint.
    let first = lab.token_at("HEAD~1");
    lab.engine.docker(["secret", "rm", &first]).succeeds();
    lab.sandbox
        .hs(&lab.repository, ["lock", "--discard-key"])
        .succeeds();
    for to in [&[][..], &["--to", "HEAD~1"]] {
        lab.hs("rollback", to).fails_saying(&["locked"]);
    }
    lab.hs("rollback", &["--to", "HEAD~9"])
        .fails_saying(&["HEAD~9"]);
    assert_eq!((lab.spec("app"), lab.tasks("idle")), (spec, tasks));
    assert!(!lab.secrets().contains(&first));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_config_with_the_name_of_a_lock_is_not_taken_for_one() {
    let lab = lab("foreign");
    let theirs = "hs-secrets-lock-foreign";
    lab.write("theirs", "a config of somebody else\n");
    let file = lab.repository.join("theirs").display().to_string();
    let create = [
        "config",
        "create",
        "--label",
        "hs-secrets.lock=foreign",
        theirs,
        &file,
    ];
    lab.engine.docker(create).succeeds();
    let told = format!("config {theirs} has the name of a lock, and hs-secrets did not make it");
    lab.deploy(&[]).fails_saying(&[&told]);
    lab.engine.docker(["config", "inspect", theirs]).succeeds();
    assert!(lab.secrets().is_empty());
    lab.engine.docker(["config", "rm", theirs]).succeeds();
}
