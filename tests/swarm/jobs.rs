//! Services that run to their end. Not every docker client supports jobs in stack files, so the services are created by hand
//! and only watched here.

use std::time::{Duration, Instant};

use hs_secrets::internals::{DockerEngine, Endpoint, State, SwarmError, Watch, Watched};

use crate::harness::engine::{Engine, IMAGE};

/// Watches services from before `change` until the watch ends. Returns the result and the last state.
fn watched(
    engine: &Engine,
    services: &[&str],
    change: impl FnOnce(),
) -> (Result<(), SwarmError>, Vec<Watched>) {
    let endpoint = Endpoint::parse(&engine.host(), None).expect("the engine's address");
    let docker = DockerEngine::connect(&endpoint, |_| ()).expect("the engine runs");
    let names = services.iter().map(|name| (*name).to_owned());
    let mut watch = Watch::begin(&docker, names).expect("it is a manager");
    change();
    watch.deployed();
    let began = Instant::now();
    let mut last = Vec::new();
    let mut meanwhile = || {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not end");
        Ok(())
    };
    let result = watch.wait(&docker, &mut meanwhile, &mut |watched| {
        last = watched.to_vec()
    });
    (result.map(drop), last)
}

fn create(engine: &Engine, mode: &[&str], command: &[&str]) {
    let words = "service create --detach --quiet --no-resolve-image --restart-condition none \
                 --label com.docker.stack.namespace=jobs --stop-grace-period 0s";
    let words: Vec<&str> = words.split_whitespace().collect();
    engine
        .docker([&words, mode, &[IMAGE], command].concat())
        .succeeds();
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn jobs_converge_when_they_have_ended_well_and_again_when_run_anew() {
    let engine = Engine::shared();
    let services = ["jobs_once", "jobs_everywhere"];
    let (result, last) = watched(&engine, &services, || {
        let once = "--mode replicated-job --replicas 3 --max-concurrent 2 --name jobs_once";
        let once: Vec<&str> = once.split(' ').collect();
        create(&engine, &once, &["sleep", "1"]);
        let everywhere = ["--mode", "global-job", "--name", "jobs_everywhere"];
        create(&engine, &everywhere, &["true"]);
    });
    result.expect("they end well");
    let counts = last.iter().map(|watched| match &watched.state {
        State::Converged(progress) => (progress.running, progress.wanted),
        other => panic!("{other:?}"),
    });
    assert_eq!(counts.collect::<Vec<_>>(), [(3, 3), (1, 1)]);

    // Tasks that ended before must not count for the next iteration.
    let began = Instant::now();
    let (result, _) = watched(&engine, &services, || {
        let update = "service update --detach --quiet --force --no-resolve-image --args";
        for service in services {
            let arguments = update.split(' ').chain(["sleep 2", service]);
            engine.docker(arguments).succeeds();
        }
    });
    result.expect("they end well again");
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_service_that_ends_well_converges_when_it_is_updated_too() {
    let engine = Engine::shared();
    let (result, _) = watched(&engine, &["oneshot"], || {
        let once = ["--restart-condition", "on-failure", "--name", "oneshot"];
        create(&engine, &once, &["true"]);
    });
    result.expect("it ends well");
    let update = "service update --detach --quiet --force --no-resolve-image oneshot";
    let update: Vec<&str> = update.split(' ').collect();
    let (result, last) = watched(&engine, &["oneshot"], || {
        engine.docker(&update).succeeds();
    });
    // The engine takes the early end for a failure.
    let inspect = ["service", "inspect", "--format", "{{.UpdateStatus.State}}"];
    let status = engine.docker([&inspect[..], &["oneshot"]].concat());
    assert_eq!(status.succeeds().text(), "paused\n");
    result.expect("it ends well again");
    assert!(matches!(last[0].state, State::Converged(_)), "{last:?}");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_job_that_fails_is_broken() {
    let engine = Engine::shared();
    for mode in ["replicated-job", "global-job"] {
        let name = format!("failing_{mode}");
        let (result, _) = watched(&engine, &[&name], || {
            create(&engine, &["--mode", mode, "--name", &name], &["false"]);
        });
        let error = result.expect_err("its task fails").to_string();
        let says = format!("service {name}: its tasks fail: task: non-zero exit (1)");
        assert!(error.contains(&says), "{error}");
    }
}
