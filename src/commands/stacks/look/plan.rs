//! `plan`: what would be done, and for which services it matters.

use std::collections::HashMap;

use clap::Args;
use serde::Serialize;

use crate::commands::stacks::publish::creation;
use crate::commands::stacks::removal::stale::{Keeping, describe};
use crate::commands::stacks::selection::docker_host::DockerHost;
use crate::commands::stacks::selection::stack_selection::StackSelection;
use crate::commands::stacks::selection::stack_source::AcceptOptions;
use crate::commands::stacks::telling::narrator::Narrator;
use crate::commands::stacks::telling::reasons::commit_lines;
use crate::commands::stacks::telling::short_id::short;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::repository::CommitLine;
use crate::stack::{DesiredStack, ObjectKind, StackName, StackObject};
use crate::swarm::{
    Engine as _, Event, Observer as _, Obstacle, Plan, Pruning, ServiceChange, SwarmObject,
    UpdateReason, check_orders, plans, reasons, setting_changes, unverified,
};

/// Show what `sync` and `prune` would do, and which services would restart
///
/// This is about secrets and configs: what else the stack files say of services is compared by Docker, when it deploys
/// them. Needs no key; where one is there, what `sync` would refuse to decrypt is in the way. Exits with 3 where there is something to do, and with 1 where something is in the way.
#[derive(Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    selection: StackSelection,
    #[command(flatten)]
    accept: AcceptOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    host: DockerHost,
}

/// All that there is to do for one stack.
struct Work<'a> {
    plan: Plan,
    /// Why services would restart.
    reasons: Vec<UpdateReason>,
    stale: Vec<SwarmObject>,
    /// The entries of the stack file, by kind and key.
    entries: HashMap<(ObjectKind, &'a str), &'a StackObject>,
}

impl PlanArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let repository = context.repository()?;
        let selected = self.selection.load(&repository, self.accept.accepted())?;
        self.selection
            .say_overlooked(context, &repository, &selected.settings)?;
        let history = self.selection.history(&repository)?;
        let engine = self.host.connect(context)?;
        let inventory = engine.inventory()?;
        let (stacks, index) = (selected.desired(), inventory.index());
        let narrator = Narrator::new(context, None);
        let settings = &selected.settings;
        for change in setting_changes(&repository, settings, &history, &stacks, &inventory) {
            narrator.tell(Event::SettingChanged(&change));
        }
        for object in stacks
            .iter()
            .flat_map(|stack| stack.configs_from_encrypted_files())
        {
            narrator.tell(Event::EncryptedConfig(object));
        }
        narrator.tell(Event::Unverified(&unverified(&stacks, &index)));
        let stale = match self.selection.neighbours(&repository, &selected) {
            Ok(neighbours) => {
                let pruning: Pruning<'_> =
                    Keeping::default().pruning(&selected, &neighbours, &history);
                pruning.choose(&inventory).stale
            }
            Err(failure) => {
                context.terminal.warning(&failure);
                let hints = failure.hints().iter();
                hints.for_each(|hint| context.terminal.hint(hint));
                Vec::new()
            }
        };
        let stale_of = |stack: &StackName| {
            let of_stack = |object: &&SwarmObject| object.labels.in_stack(stack);
            stale.iter().filter(of_stack).cloned().collect()
        };
        let plans = plans(&selected.stacks, &index);
        let refused = check_orders(&selected.stacks, &plans);
        let work: Vec<Work<'_>> = stacks
            .iter()
            .zip(plans)
            .map(|(desired, plan)| Work {
                reasons: reasons(&plan, &index, &history),
                plan,
                stale: stale_of(&desired.name),
                entries: entries_by_key(desired),
            })
            .collect();
        if self.json {
            let stacks = work.iter().map(StackJson::new);
            context.terminal.json(&stacks.collect::<Vec<_>>())?;
        } else {
            work.iter().try_for_each(|work| show(context, work))?;
        }
        let idle = work
            .iter()
            .all(|work| work.plan.is_done() && work.stale.is_empty());
        refused?;
        if idle && !self.json {
            context
                .terminal
                .line("nothing to do for secrets and configs")?;
        }
        Ok(if idle { Outcome::Done } else { Outcome::Found })
    }
}

/// Shows what there is to do.
fn show(context: &Context, work: &Work<'_>) -> Result<(), Failure> {
    let terminal = &context.terminal;
    for object in &work.plan.create {
        let described = creation::describe(object);
        terminal.line(format_args!("create {described}"))?;
    }
    for reason in &work.reasons {
        let change = &reason.change;
        let shown = |name: &String| work.shown_version(change, name);
        let before: Vec<String> = change.before.iter().map(shown).collect();
        let before = if before.is_empty() {
            "nothing".to_owned()
        } else {
            before.join(", ")
        };
        let after = change
            .after
            .as_ref()
            .map_or_else(|| "nothing".to_owned(), shown);
        let (service, kind, entry) = (&change.service, change.kind, &change.entry);
        let path = change.path.as_deref().unwrap_or("no longer mounted");
        terminal.line(format_args!(
            "restart service {service}: {kind} {entry} ({path}) {before} -> {after}"
        ))?;
        for line in commit_lines(&reason.commits) {
            terminal.line(format_args!("  {line}"))?;
        }
    }
    for object in &work.stale {
        terminal.line(format_args!("remove {}", describe(object)))?;
    }
    Ok(())
}

fn entries_by_key(desired: &DesiredStack) -> HashMap<(ObjectKind, &str), &StackObject> {
    let entries = desired.objects.iter();
    entries
        .map(|entry| ((entry.kind, entry.entry.as_str()), entry))
        .collect()
}

impl Work<'_> {
    /// The version in a name, as far as people compare it; the name where it has none.
    fn shown_version(&self, change: &ServiceChange, name: &str) -> String {
        let entry = self.entries.get(&(change.kind, change.entry.as_str()));
        let version = entry.and_then(|entry| entry.pattern.version_in(name));
        version
            .map_or(name, |version| short(version, 12))
            .to_owned()
    }
}

#[derive(Serialize)]
struct StackJson<'a> {
    stack: &'a str,
    create: Vec<ObjectJson<'a>>,
    present: Vec<ObjectJson<'a>>,
    restart: Vec<RestartJson<'a>>,
    remove: Vec<NameJson<'a>>,
    obstacles: Vec<String>,
}

#[derive(Serialize)]
struct ObjectJson<'a> {
    kind: ObjectKind,
    key: &'a str,
    name: &'a str,
    version: &'a str,
    path: &'a str,
    blob: &'a str,
    commit: Option<&'a str>,
}

#[derive(Serialize)]
struct RestartJson<'a> {
    service: &'a str,
    kind: ObjectKind,
    key: &'a str,
    path: Option<&'a str>,
    before: &'a [String],
    after: Option<&'a str>,
    commits: &'a [CommitLine],
}

#[derive(Serialize)]
struct NameJson<'a> {
    kind: ObjectKind,
    name: &'a str,
}

impl<'a> StackJson<'a> {
    fn new(work: &'a Work<'_>) -> Self {
        let object = |object: &'a StackObject| ObjectJson {
            kind: object.kind,
            key: &object.entry,
            name: object.name.as_str(),
            version: object.version.as_str(),
            path: &object.origin.path,
            blob: &object.origin.blob,
            commit: object.origin.commit.as_deref(),
        };
        let restart = |reason: &'a UpdateReason| RestartJson {
            service: &reason.change.service,
            kind: reason.change.kind,
            key: &reason.change.entry,
            path: reason.change.path.as_deref(),
            before: &reason.change.before,
            after: reason.change.after.as_deref(),
            commits: &reason.commits,
        };
        let remove = |object: &'a SwarmObject| NameJson {
            kind: object.kind,
            name: &object.name,
        };
        let plan = &work.plan;
        Self {
            stack: plan.stack.as_str(),
            create: plan.create.iter().map(object).collect(),
            present: plan.present.iter().map(object).collect(),
            restart: work.reasons.iter().map(restart).collect(),
            remove: work.stale.iter().map(remove).collect(),
            obstacles: plan.obstacles.iter().map(Obstacle::to_string).collect(),
        }
    }
}
