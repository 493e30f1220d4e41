//! `sync` creates what is missing, exactly once, even with interruptions and concurrent runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Output};

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::sandbox::run;
use crate::lab::{Lab, name_in};

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn objects_have_their_content_and_say_where_it_comes_from() {
    let lab = Lab::new("content");
    let created = lab.hs("sync", &[]).succeeds().text();
    let secret = name_in(&created, "created secret ");
    let config = name_in(&created, "created config ");
    let blob = lab.git(&["rev-parse", "HEAD:secrets/token"]);
    assert_eq!(secret, format!("content_token-{}", &blob[..32]));

    let labels = lab
        .engine
        .docker([
            "secret",
            "inspect",
            "--format",
            "{{json .Spec.Labels}}",
            &secret,
        ])
        .succeeds()
        .text();
    let labels: serde_json::Value = serde_json::from_str(&labels).expect("docker prints JSON");
    let expected = serde_json::json!({
        "com.docker.stack.namespace": "content",
        "hs-secrets.key": "token",
        "hs-secrets.path": "secrets/token",
        "hs-secrets.blob": blob,
        "hs-secrets.commit": lab.git(&["rev-parse", "HEAD"]),
        "team": "edge",
    });
    assert_eq!(labels, expected);

    let data = ["config", "inspect", "--pretty", &config];
    assert!(
        lab.engine
            .docker(data)
            .succeeds()
            .text()
            .contains("first settings")
    );
    lab.create_service(&secret);
    lab.engine
        .wait_for(&["service", "logs", "content_app"], |logs| {
            logs.contains("first secret")
        });
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_second_sync_has_nothing_to_do_and_old_content_finds_its_old_object() {
    let lab = Lab::new("again");
    lab.hs("sync", &[]).succeeds();
    assert_eq!(lab.hs("sync", &[]).succeeds().text(), "nothing to do\n");
    lab.next_version("second");
    lab.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(lab.hs("sync", &[]).succeeds().text(), "nothing to do\n");
    assert_eq!(lab.secrets().len(), 2);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_revision_is_synced_from_a_bare_clone() {
    let lab = Lab::new("bare");
    lab.git(&["tag", "v1"]);
    lab.write("secrets/token", "never synced\n");
    lab.commit();
    lab.git(&["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let bare = lab.sandbox.path("bare.git");
    let sync = || lab.command(&bare, ["sync", "bare", "--rev", "v1"]);
    run(sync(), b"").fails_saying(&["locked"]);
    assert_eq!(lab.secrets().len() + lab.names("config").len(), 0);
    lab.sandbox
        .hs(&lab.repository, ["export-key", "../key"])
        .succeeds();
    lab.sandbox
        .run(&bare, "mkdir", ["-p", "git-crypt/keys"], b"")
        .succeeds();
    lab.sandbox
        .run(&bare, "cp", ["../key", "git-crypt/keys/default"], b"")
        .succeeds();
    let created = run(sync(), b"").succeeds().text();
    let blob = lab.git(&["rev-parse", "v1:secrets/token"]);
    assert!(name_in(&created, "created secret ").ends_with(&blob[..32]));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_dry_run_shows_what_is_then_done() {
    let lab = Lab::new("dry");
    let shown = lab.hs("sync", &["--dry-run"]).succeeds().text();
    assert_eq!(lab.secrets().len() + lab.names("config").len(), 0);
    let done = lab.hs("sync", &[]).succeeds().text();
    let names = |output: &str| {
        let words = output.lines().flat_map(str::split_whitespace);
        let mut names: Vec<String> = words
            .filter(|word| word.starts_with("dry_"))
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&shown), names(&done));
    assert_eq!(names(&shown).len(), 2);
    assert_eq!(
        lab.hs("sync", &["--dry-run"]).succeeds().text(),
        "nothing to do\n"
    );
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn nothing_is_created_for_any_stack_while_one_has_an_error() {
    let lab = Lab::new("two");
    lab.write(
        "other.yml",
        "version: '3.7'\nservices: {}\nconfigs:\n  lost:\n    external: true\n    name: not-there\n",
    );
    lab.hs("sync", &["other"])
        .fails_saying(&["external config not-there", "other.yml:4"]);
    assert_eq!(lab.secrets().len(), 0);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_name_taken_by_other_content_is_an_error() {
    let lab = Lab::new("taken");
    let name = name_in(
        &lab.hs("sync", &["--dry-run"]).succeeds().text(),
        "would create secret ",
    );
    let name = name.split(' ').next().expect("a name");
    let create = ["secret", "create", name, "-"];
    lab.engine
        .docker_with_input(create, b"something else")
        .succeeds();
    lab.hs("sync", &[])
        .fails_saying(&[name, "exists already with unknown content"]);
    lab.engine.docker(["secret", "rm", name]).succeeds();

    let create = [
        "secret",
        "create",
        "--label",
        "hs-secrets.blob=0123",
        name,
        "-",
    ];
    lab.engine
        .docker_with_input(create, b"something else")
        .succeeds();
    lab.hs("sync", &[])
        .fails_saying(&[name, "with other content (made from blob 0123)"]);
    assert_eq!(lab.names("config").len(), 0);
    lab.engine.docker(["secret", "rm", name]).succeeds();
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_changed_template_driver_is_an_error() {
    let lab = Lab::new("driver");
    lab.hs("sync", &[]).succeeds();
    lab.edit_stack("3.7", "3.8");
    lab.edit_stack("labels: {team: edge}", "template_driver: golang");
    let told = lab.hs("sync", &[]);
    assert!(told.stderr.contains("rename the entry"), "{}", told.stderr);
    told.fails_saying(&["template_driver none instead of golang"]);
    lab.edit_stack("token", "token2");
    lab.git(&["mv", "secrets/token", "secrets/token2"]);
    let created = lab.hs("sync", &[]).succeeds().text();
    let name = name_in(&created, "created secret ");
    let driver = [
        "secret",
        "inspect",
        "--format",
        "{{.Spec.Templating.Name}}",
        &name,
    ];
    assert_eq!(lab.engine.docker(driver).succeeds().text(), "golang\n");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn two_at_once_create_everything_once() {
    let lab = many("race", 60);
    let both: Vec<Child> = (0..2).map(|_| lab.start("sync")).collect();
    let mut created = 0;
    for one in both {
        let output = one.wait_with_output().expect("its output");
        assert!(output.status.success(), "{}", told(&output));
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        created += lines
            .lines()
            .filter(|line| line.starts_with("created "))
            .count();
    }
    assert_eq!(created, 60);
    assert_eq!(lab.names("config").len(), 60);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_interrupted_sync_says_so_and_the_next_one_finishes() {
    for (signal, stack, code) in [(Signal::INT, "ctrl-c", 130), (Signal::TERM, "term", 143)] {
        let lab = many(stack, 300);
        let mut sync = lab.start("sync");
        let begun = after_lines(&mut sync, 20);
        let pid = Pid::from_raw(sync.id().try_into().expect("a pid")).expect("it runs");
        kill_process(pid, signal).expect("it runs still");
        let (begun, stderr) = rest(begun, &mut sync);
        assert_eq!(sync.wait().expect("it ends").code(), Some(code), "{stderr}");
        let count = begun.lines().count();
        let says = format!("interrupted; {count} of 300 objects were created before");
        assert!(stderr.contains(&says), "{stderr}");
        let at_once = "interrupted: finishing what is under way";
        assert!(stderr.contains(at_once), "{stderr}");
        assert!(stderr.contains("running it again finishes"), "{stderr}");
        assert_eq!(lab.names("config").len(), count);
        let finished = lab.hs("sync", &[]).succeeds().text();
        assert_eq!(finished.lines().count(), 300 - count);
        assert_eq!(lab.hs("sync", &[]).succeeds().text(), "nothing to do\n");
    }
}

/// A stack with this many configs.
pub(crate) fn many(stack: &'static str, count: usize) -> Lab {
    many_on(crate::harness::engine::Engine::shared(), stack, count)
}

pub(crate) fn many_on(
    engine: std::sync::Arc<crate::harness::engine::Engine>,
    stack: &'static str,
    count: usize,
) -> Lab {
    let lab = Lab::on(engine, stack);
    let mut text = "version: '3.7'\nservices: {}\nconfigs:\n".to_owned();
    for number in 0..count {
        lab.write(&format!("config/{number}"), format!("config {number}\n"));
        text += &format!("  c{number}:\n    file: config/{number}\n");
    }
    lab.write(&format!("{stack}.yml"), &text);
    lab.commit();
    lab
}

/// Reads the output until it has this many lines.
pub(crate) fn after_lines(
    child: &mut Child,
    count: usize,
) -> (String, BufReader<std::process::ChildStdout>) {
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let mut text = String::new();
    for _ in 0..count {
        output.read_line(&mut text).expect("it prints text");
    }
    (text, output)
}

/// All of its stdout, and its stderr.
pub(crate) fn rest(
    (mut text, mut output): (String, BufReader<std::process::ChildStdout>),
    child: &mut Child,
) -> (String, String) {
    output.read_to_string(&mut text).expect("it prints text");
    let mut said = String::new();
    let mut stderr = child.stderr.take().expect("piped");
    stderr.read_to_string(&mut said).expect("it says text");
    (text, said)
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_docker_published_under_a_wanted_name_is_not_vouched_for() {
    let lab = Lab::new("unverified");
    lab.hs("sync", &[]).succeeds();
    let name = lab.publish_ciphertext();
    let told_by = [("plan", 3, "create service "), ("sync", 0, "nothing to do")];
    for (verb, code, beginning) in told_by {
        let told = lab.hs(verb, &[]).ends_with(code);
        assert!(told.text().starts_with(beginning), "{}", told.text());
        let warnings = told.stderr.matches("warning: present, but").count();
        assert_eq!(warnings, 1, "{}", told.stderr);
        assert!(told.stderr.contains(&format!("secret {name}")));
        assert!(!told.stderr.contains("config"), "{}", told.stderr);
    }
}
