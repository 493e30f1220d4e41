//! `deploy` and `rollback` of a small stack, without failures.

use crate::deploy_lab::{clone_of, lab};
use crate::harness::pty::run_answering;
use crate::harness::sandbox::run;
use crate::harness::trace::Trace;
use crate::lab::Lab;

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_an_anchor_shares_means_elsewhere_what_it_meant() {
    let lab = lab("shared");
    lab.edit_stack(
        "env_file: [./secrets/app.env]",
        "env_file: &files [./secrets/app.env]",
    );
    lab.edit_stack(
        "{monitor: 500ms}\nsecrets:",
        "{monitor: 500ms}\n      labels: *files\nsecrets:",
    );
    lab.edit_stack(
        "file: secrets/token\n",
        "file: secrets/token\n    labels: &labels {team: edge}\nnetworks:\n  default: {labels: *labels}\n",
    );
    lab.commit();
    lab.deploy(&[]).succeeds();
    lab.logs_of_app("kept-in-memory");
    let spec = lab.spec("idle");
    assert!(spec.contains("\"./secrets/app.env\":\"\""), "{spec}");
    let inspect = ["network", "inspect", "shared_default"];
    let network = lab.engine.docker(inspect).succeeds().text();
    assert!(network.contains("\"team\": \"edge\""), "{network}");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
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
    // A service that did not change has no line of its own.
    let result = "converged service whole_app (1 of 1)\nconverged without a restart: whole_idle\n";
    assert!(second.text().ends_with(result), "{}", second.text());
    let third = lab.deploy(&[]).succeeds().text();
    let result = "converged without a restart: whole_app, whole_idle\n";
    assert!(third.ends_with(result), "{third}");
    assert_eq!(third.matches("converged").count(), 1, "{third}");

    let back = lab
        .hs("rollback", &["--", "--resolve-image", "never"])
        .succeeds();
    // In a rollback, it is expected that something newer runs: no warning.
    assert!(!back.stderr.contains("warning"), "{}", back.stderr);
    let service = ["service", "inspect", "whole_app"];
    let spec = lab.engine.docker(service).succeeds().text();
    let first_blob = lab.git(&["rev-parse", "HEAD~1:secrets/token"]);
    assert!(spec.contains(&format!("whole_token-{}", &first_blob[..32])));
    assert_eq!(lab.tasks("idle"), idle);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_docker_published_under_a_wanted_name_is_not_vouched_for() {
    let lab = lab("unvouched");
    lab.hs("sync", &[]).succeeds();
    let name = lab.publish_ciphertext();
    let warning = format!(
        "warning: present, but with content that can't be verified (`docker stack deploy` made it or its labels): secret {name}\n"
    );
    let deployed = lab.deploy(&[]).succeeds();
    let told = deployed.stderr.matches(&warning).count();
    assert_eq!(told, 1, "{}", deployed.stderr);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_config_made_from_an_encrypted_file_is_named() {
    let lab = lab("told");
    lab.edit_stack(
        "secrets:\n  token:",
        "configs: {settings: {file: config/settings}}\nsecrets:\n  token:",
    );
    lab.commit();
    let warning = "warning: config settings is made from config/settings, which is encrypted in Git: everybody who may \
                   read configs in the Swarm can read it; make it a secret if it is one\n";
    let times = |stderr: &str| stderr.matches(warning).count();
    let plain = lab.hs("sync", &["--dry-run"]).succeeds();
    assert_eq!(times(&plain.stderr), 0, "{}", plain.stderr);

    lab.write(
        ".gitattributes",
        "secrets/* filter=git-crypt diff=git-crypt\nconfig/* filter=git-crypt diff=git-crypt\n",
    );
    lab.git(&["add", "--renormalize", "."]);
    lab.commit();
    let planned = lab.hs("plan", &[]).ends_with(3);
    let synced = lab.hs("sync", &[]).succeeds();
    let deployed = lab.deploy(&[]).succeeds();
    lab.sandbox
        .hs(&lab.repository, ["lock", "--discard-key"])
        .succeeds();
    let locked = lab.hs("plan", &["--rev", "HEAD"]);
    for run in [planned, synced, deployed, locked] {
        assert_eq!(times(&run.stderr), 1, "{}", run.stderr);
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
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
    // Neither clone has the other's commit.
    let both = [&one, &other].map(|lab| lab.start_deploy_with(&["--force"], &[]));
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

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn files_of_several_and_one_of_the_user_s_own_are_one_deployment() {
    let lab = lab("several");
    let service = |name: &str, rest: &str| {
        let image = crate::harness::engine::IMAGE;
        format!(
            "version: '3.7'\nservices:\n  {name}:\n    image: {image}\n    stop_grace_period: 0s\n\
             {rest}    deploy: {{update_config: {{monitor: 500ms}}}}\n"
        )
    };
    let more = service("more", "    configs: [settings]\n")
        + "configs:\n  settings: {file: config/settings}\n";
    lab.write("more.yml", &more);
    let files = "[stacks.several]\nfiles = [\"several.yml\", \"more.yml\"]\n";
    lab.write(".hs-secrets.toml", files);
    lab.commit();
    // Run in a subfolder. The path of the file is relative to it.
    lab.write("mine/own.yml", service("own", ""));
    let words = "deploy several -- --resolve-image never -c own.yml";
    let command = lab.command(&lab.repository.join("mine"), words.split(' '));
    let told = run(command, b"").succeeds().text();
    for service in ["app", "idle", "more", "own"] {
        let converged = format!("converged service several_{service} (1 of 1)");
        assert!(told.contains(&converged), "{told}");
    }
    let blob = lab.git(&["rev-parse", "HEAD:config/settings"]);
    assert!(lab.spec("more").contains(&blob[..32]));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_commit_is_deployed_from_a_bare_clone_with_its_variables() {
    let lab = lab("bare");
    let bare = lab.bare_clone();
    lab.write("secrets/app.env", "VALUE=not-committed\n");
    let words = "deploy bare --rev main -- --resolve-image never";
    run(lab.command(&bare, words.split(' ')), b"").succeeds();
    lab.logs_of_app("kept-in-memory");
    assert!(lab.spec("app").contains(&lab.token_at("HEAD")));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn on_a_terminal_the_course_is_shown_and_then_gone() {
    let lab = lab("watched");
    let typed = format!(
        "stty columns 40 rows 5; TERM=xterm DOCKER_HOST={} hs-secrets deploy watched -- --resolve-image never",
        lab.engine.host()
    );
    let shown = run_answering(&lab.sandbox, &lab.repository, &typed, &[]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stderr.contains("creating: 0 of 1\x1b[K"));
    assert!(shown.stderr.contains("docker stack deploy watched\x1b[K"));
    let (course, result) = shown
        .stderr
        .rsplit_once("\x1b[2F\x1b[J")
        .expect("two lines were taken away in the end");
    assert!(
        course.contains("watched_idle  0 of 1, starting\x1b[K"),
        "{course}"
    );
    assert!(course.contains("\x1b[2Fwatched_app "), "{course}");
    let converged =
        "converged service watched_app (1 of 1)\nconverged service watched_idle (1 of 1)\n";
    assert_eq!(result, converged);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn no_plaintext_is_written_to_a_file_system() {
    let lab = lab("traced");
    let traced = |words: &str| {
        let mut strace = lab.sandbox.command(&lab.repository, "strace");
        strace
            .arg("--string-limit=100000")
            .env("DOCKER_HOST", lab.engine.host());
        let plaintext = ["kept-in-memory", "first secret", "Zmlyc3Qgc2VjcmV0"];
        let words: Vec<&str> = words.split(' ').collect();
        Trace::of(&lab.sandbox, strace, &words, &plaintext)
    };
    let seen = traced("hs-secrets deploy traced --rev HEAD -- --resolve-image never");
    // `docker stack config` is only run for its error messages. It writes the content of the env_file, but to /dev/null.
    let nowhere = "/dev/null".to_owned();
    let (memory, daemon): (Vec<&String>, Vec<&String>) = seen
        .plaintext
        .iter()
        .filter(|target| **target != nowhere)
        .partition(|target| target.starts_with("/memfd:"));
    assert_eq!(memory.len(), 1, "the env_file: {seen:?}");
    assert!(!daemon.is_empty(), "the secret: {seen:?}");
    assert!(
        daemon.iter().all(|target| target.starts_with("socket:")),
        "{seen:?}"
    );
    // To read a commit's attributes, Git is run in a folder that contains only `.gitattributes` files. They are not secret.
    let of_attributes = |target: &&String| target.contains("/hs-secrets-attributes-");
    let opened: Vec<&String> = seen
        .opened
        .iter()
        .filter(|target| !of_attributes(target) && **target != nowhere)
        .collect();
    assert_eq!(opened, [""; 0], "no other file is even opened for writing");

    // Check that the trace would find plaintext that is written to a file.
    let seen = traced("cp secrets/token secrets/copy");
    let copy = seen.plaintext.iter().chain(&seen.opened);
    let copies = copy.filter(|target| target.ends_with("secrets/copy"));
    assert_ne!(copies.count(), 0, "{seen:?}");
}
