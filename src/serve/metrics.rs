//! Metrics, as Prometheus reads them: made of the runs whenever somebody asks.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::runs::{Queue, RunState};
use super::work::Updater;

type MetricLabels = Vec<(&'static str, String)>;

/// How many deliveries came since the service started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeliveryCounts {
    pub accepted: u64,
    pub refused: u64,
}

/// The metrics.
pub(crate) fn metrics(updater: &Updater, deliveries: DeliveryCounts) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("hs_secrets");
    let parts = updater.parts();
    let stacks = parts.settings.stacks.iter();
    let stacks: Vec<&str> = stacks.map(|stack| stack.name.as_str()).collect();
    parts
        .book
        .read(|queue| add_runs(&mut registry, queue, &stacks));
    let came = Family::<MetricLabels, Counter>::default();
    for (outcome, count) in [
        ("accepted", deliveries.accepted),
        ("refused", deliveries.refused),
    ] {
        let labels = vec![("outcome", outcome.to_owned())];
        came.get_or_create(&labels).inc_by(count);
    }
    registry.register("deliveries", "Deliveries of forges", came);
    let told = Family::<MetricLabels, Counter>::default();
    for (outcome, count) in [
        ("sent", &parts.announced.sent),
        ("failed", &parts.announced.failed),
    ] {
        let labels = vec![("outcome", outcome.to_owned())];
        let count = count.load(Ordering::Relaxed);
        told.get_or_create(&labels).inc_by(count);
    }
    registry.register("notifications", "Notifications of how runs ended", told);
    let retries: Counter = Counter::default();
    retries.inc_by(updater.retried());
    registry.register("retries", "How often a run was put off", retries);
    let polls = Family::<MetricLabels, Counter>::default();
    for (outcome, count) in ["done", "failed"].into_iter().zip(updater.polls()) {
        let labels = vec![("outcome", outcome.to_owned())];
        polls.get_or_create(&labels).inc_by(count);
    }
    registry.register(
        "polls",
        "How often a remote was asked without a push",
        polls,
    );
    let drift = Family::<MetricLabels, Gauge>::default();
    for stack in &stacks {
        let labels = vec![("stack", (*stack).to_owned())];
        let count = i64::try_from(updater.drift_of(stack).len()).unwrap_or(i64::MAX);
        drift.get_or_create(&labels).set(count);
    }
    registry.register("drift", "Differences between a stack and its commit", drift);
    let swarm: Gauge = Gauge::default();
    swarm.set(i64::from(updater.trouble_with_swarm().is_none()));
    registry.register("swarm_reachable", "1 if the Swarm answers", swarm);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn add_runs(registry: &mut Registry, queue: &Queue, stacks: &[&str]) {
    let runs = Family::<MetricLabels, Counter>::default();
    let seconds = Family::<MetricLabels, Counter<f64, AtomicU64>>::default();
    for (stack, result, ended) in queue.ended() {
        let stack = ("stack", stack.to_owned());
        let result = ("result", result.word().to_owned());
        let labels = vec![stack, result];
        runs.get_or_create(&labels).inc_by(ended.count);
        seconds.get_or_create(&labels).inc_by(ended.seconds);
    }
    registry.register("runs", "Runs that ended", runs);
    registry.register("run_seconds", "The time that runs took together", seconds);
    let open = Family::<MetricLabels, Gauge>::default();
    let deployed = Family::<MetricLabels, Gauge>::default();
    let is_good = Family::<MetricLabels, Gauge>::default();
    for stack in stacks {
        let of_stack = || vec![("stack", (*stack).to_owned())];
        for state in [RunState::Pending, RunState::Running] {
            let mut labels = of_stack();
            labels.push(("state", state.word().to_owned()));
            let runs = queue.runs().newest_first();
            let count =
                runs.filter(|(_, run)| run.target == *stack && is_counted_as(&run.state, &state));
            let count = i64::try_from(count.count()).unwrap_or(i64::MAX);
            open.get_or_create(&labels).set(count);
        }
        let Some((_, result)) = queue.runs().conclusive_runs_of(stack).next() else {
            continue;
        };
        is_good
            .get_or_create(&of_stack())
            .set(i64::from(result.is_good()));
        if let Some(run) = queue.runs().last_successful_of(stack) {
            let mut labels = of_stack();
            labels.push(("commit", run.commit.clone().unwrap_or_default()));
            deployed.get_or_create(&labels).set(run.since.as_second());
        }
    }
    registry.register("open_runs", "Runs that are not over", open);
    registry.register("last_run_good", "1 if the last run was successful", is_good);
    registry.register(
        "deployed_timestamp_seconds",
        "When the last successful run ended, and the commit that runs",
        deployed,
    );
}

/// True if a run of this state counts under the word of `counted`. Whatever waits is pending.
fn is_counted_as(state: &RunState, counted: &RunState) -> bool {
    match state {
        RunState::Waiting { .. } => *counted == RunState::Pending,
        state => state == counted,
    }
}
