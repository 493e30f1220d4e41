//! An attacker who can push puts files at the paths that a stack publishes. `plan` refuses them with the same error as
//! `sync`, and nothing reaches the Swarm (rows 8, 24 and 25 of the attacks).

use crate::harness::engine::Engine;
use crate::harness::sandbox::{Run, run};
use crate::scene::Scene;

/// Runs a command for the scene's stack. The stack gets a `name` of its own, since tests share an engine.
fn hs(scene: &Scene, engine: &Engine, verb: &str, name: &str, revision: &str) -> Run {
    let mut command = scene.sandbox.command(&scene.victim, "hs-secrets");
    command.env("DOCKER_HOST", engine.host());
    command.args([verb, name, "--file", "web/stack.yml"]);
    command.args(["--rev", revision]);
    run(command, b"")
}

/// How many secrets and configs of the stack are in the Swarm.
fn published(engine: &Engine, name: &str) -> usize {
    let filter = format!("label=com.docker.stack.namespace={name}");
    let list = |kind| {
        let list = [kind, "ls", "--quiet", "--filter", &filter];
        engine.docker(list).succeeds().text().lines().count()
    };
    list("secret") + list("config")
}

/// Fails unless `plan` and `sync` refuse the revision with the same error line, which contains `reason`, and publish
/// nothing.
fn assert_refused(scene: &Scene, engine: &Engine, name: &str, revision: &str, reason: &str) {
    let error = |verb| {
        let told = hs(scene, engine, verb, name, revision).fails_saying(&[reason]);
        let mut lines = told.stderr.lines();
        let line = lines.find(|line| line.contains(": error: "));
        line.expect("a line of error").to_owned()
    };
    assert_eq!(error("plan"), error("sync"));
    error("deploy");
    assert_eq!(published(engine, name), 0);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn nothing_that_only_a_retired_key_opens_reaches_the_swarm() {
    let (scene, engine) = (Scene::new(), Engine::shared());
    let (old, before) = scene.victim_rotates();
    let pull = ["pull", "--quiet"];
    scene.sandbox.git(&scene.attacker, pull).succeeds();
    scene.attacker_encrypts(&old, "web/secret/db", "evil\n");
    scene.attacker_pushes();
    scene.victim_pulls();
    let reason = "web/secret/db is encrypted with a key default that was rotated out";
    assert_refused(&scene, &engine, "rotated", "HEAD", reason);
    // A commit from before the rotation can be planned and published.
    hs(&scene, &engine, "plan", "rotated", &before).ends_with(3);
    hs(&scene, &engine, "sync", "rotated", &before).succeeds();
    assert_eq!(published(&engine, "rotated"), 2);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn nothing_of_another_key_reaches_the_swarm() {
    let (scene, engine) = (Scene::new(), Engine::shared());
    scene.victim_runs(&["init", "-k", "low"]).succeeds();
    let low = scene.sandbox.path("low.key");
    let export = ["export-key", "-k", "low", low.to_str().expect("UTF-8")];
    scene.victim_runs(&export).succeeds();
    scene.attacker_encrypts(&low, "web/secret/db", "evil\n");
    scene.attacker_pushes();
    // Git refuses to check the commit out, but it was fetched.
    scene.git_of_victim(&["fetch", "--quiet"]);
    let reason = "decrypting web/secret/db with the key default, which its attributes name, failed";
    assert_refused(&scene, &engine, "otherkey", "origin/main", reason);
    hs(&scene, &engine, "plan", "otherkey", "HEAD").ends_with(3);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn no_ciphertext_outside_of_the_attributes_reaches_the_swarm() {
    let (scene, engine) = (Scene::new(), Engine::shared());
    scene.attacker_writes("web/site.conf", scene.blob("HEAD:web/secret/db"));
    scene.attacker_pushes();
    scene.victim_pulls();
    let reason = "web/site.conf holds ciphertext, but no ";
    assert_refused(&scene, &engine, "uncovered", "HEAD", reason);
    hs(&scene, &engine, "plan", "uncovered", "HEAD~1").ends_with(3);
}
