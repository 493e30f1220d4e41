//! `ls`: lists the versions in the Swarm.

use std::collections::{HashMap, HashSet};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::networks;
use crate::commands::stacks::removal::stale::Keeping;
use crate::commands::stacks::reporting::age::age_of;
use crate::commands::stacks::reporting::short_id::short;
use crate::commands::stacks::selection::docker_host::DockerHost;
use crate::commands::stacks::selection::stack_selection::{StackSelection, no_stacks};
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::repository::Repository;
use crate::stack::{DesiredStack, ObjectKind, Settings, StackName, StackObject};
use crate::swarm::{
    Engine as _, Inventory, MadeAt, ObjectStanding, Standing, Usage, stacks_elsewhere, standings,
};

/// List the versions of a stack's secrets and configs in the Swarm
///
/// The state of a version is `wanted` if the repository wants it, `running` if a service or task uses it, and `previous` if the
/// rollback of a service would need it. Of the others, a version is `kept` if `prune` would keep it: as one of the newest, as
/// young, or because it was made from a commit that the revision in hand does not contain. It is `stale` if `prune` would remove
/// it, `foreign` if it is in the stack and was not made for any of its entries, and `unknown` if an error in the stack's files
/// hides whether it is wanted. It is `gone` if this repository does not have the stack; these stacks are listed if none is named.
/// In JSON, a wanted version is `current`, and one that is running and not wanted is `used`.
#[derive(Args)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    selection: StackSelection,
    /// List the external networks instead, and which stacks and services are on them; needs no repository
    #[arg(long, conflicts_with_all = ["files", "rev"])]
    networks: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    host: DockerHost,
}

/// A line of the listing.
#[derive(Serialize)]
struct ListedVersion<'a> {
    stack: &'a str,
    kind: ObjectKind,
    key: Option<&'a str>,
    name: &'a str,
    version: Option<&'a str>,
    blob: Option<&'a str>,
    path: Option<&'a str>,
    created_at: Timestamp,
    commit: Option<&'a str>,
    dirty: bool,
    state: VersionState,
    used_by: Vec<String>,
    #[serde(skip)]
    is_running: bool,
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum VersionState {
    Current,
    Used,
    Previous,
    Kept,
    Stale,
    Foreign,
    Unknown,
    Gone,
}

impl LsArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        if self.networks {
            let engine = self.host.connect(context)?;
            networks::list(context, &engine, self.selection.names_typed(), self.json)?;
            return Ok(Outcome::Done);
        }
        let repository = context.repository()?;
        let readable = self.selection.load_readable(&repository)?;
        for (_, problem) in &readable.problems {
            context.terminal.warning(problem);
        }
        let history = self.selection.history(&repository)?;
        let engine = self.host.connect(context);
        let engine = engine.map_err(|failure| {
            // If there are no stacks, that is the more helpful error.
            let has_none = readable.stacks.is_empty();
            if has_none { no_stacks() } else { failure }
        })?;
        let inventory = engine.inventory()?;
        let policy = Keeping::default().policy(&readable.settings, &history);
        let elsewhere = self.elsewhere(&repository, &readable.settings, &inventory)?;
        let stacks: Vec<&DesiredStack> = readable.stacks.iter().chain(&elsewhere).collect();
        if stacks.is_empty() {
            return Err(no_stacks());
        }
        let neighbours: Vec<&DesiredStack> = readable.neighbours.iter().collect();
        let index = inventory.index();
        let entries: Entries<'_> = stacks.iter().flat_map(|stack| entries(stack)).collect();
        let problems = readable.problems.iter();
        let with_problems: HashSet<&StackName> = problems.map(|(stack, _)| stack).collect();
        let mut listed: Vec<ListedVersion<'_>> =
            standings(&stacks, &neighbours, &inventory, &policy)
                .iter()
                .map(|found| {
                    let is_hidden = is_hidden(found, &entries, &with_problems);
                    let is_gone = elsewhere.iter().any(|stack| stack.name == *found.stack);
                    let usage = index.usage(found.object);
                    ListedVersion::new(&entries, usage, found, is_hidden, is_gone)
                })
                .collect();
        let order = |listed: &ListedVersion<'_>| {
            let newest_first = std::cmp::Reverse(listed.created_at);
            let text = |text: Option<&str>| text.map(str::to_owned);
            let entry = (listed.stack.to_owned(), listed.kind, text(listed.key));
            (entry, newest_first, listed.name.to_owned())
        };
        listed.sort_by_cached_key(order);
        if self.json {
            context.terminal.json(&listed)?;
        } else {
            let is_one = stacks.len() == 1 && elsewhere.is_empty();
            print(context, &listed, !is_one)?;
        }
        Ok(Outcome::Done)
    }

    /// The stacks that are in the Swarm but not in this repository; empty if stacks were named.
    fn elsewhere(
        &self,
        repository: &Repository,
        settings: &Settings,
        inventory: &Inventory,
    ) -> Result<Vec<DesiredStack>, Failure> {
        if !self.selection.names_typed().is_empty() {
            return Ok(Vec::new());
        }
        let known = self.selection.all_names(repository, settings)?;
        let names = stacks_elsewhere(inventory, &known).into_iter();
        let names = names.filter_map(|name| StackName::parse(&name).ok());
        Ok(names.map(DesiredStack::nothing).collect())
    }
}

/// Entries by stack, kind and key.
type Entries<'a> = HashMap<(&'a str, ObjectKind, &'a str), &'a StackObject>;

fn entries(stack: &DesiredStack) -> impl Iterator<Item = ((&str, ObjectKind, &str), &StackObject)> {
    let entries = stack.objects.iter();
    entries.map(|entry| {
        let key = (stack.name.as_str(), entry.kind, entry.entry.as_str());
        (key, entry)
    })
}

/// True if it is unknown whether the repository wants the object, because of an error in one of the stacks `with_problems`.
fn is_hidden(
    found: &ObjectStanding<'_>,
    entries: &Entries<'_>,
    with_problems: &HashSet<&StackName>,
) -> bool {
    let is_read = found
        .entry
        .is_some_and(|key| entries.contains_key(&(found.stack.as_str(), found.object.kind, key)));
    !is_read && with_problems.contains(found.stack)
}

impl<'a> ListedVersion<'a> {
    fn new(
        entries: &Entries<'a>,
        usage: Usage,
        found: &ObjectStanding<'a>,
        is_hidden: bool,
        is_gone: bool,
    ) -> Self {
        let object = found.object;
        let labels = &object.labels;
        let state = match (&found.standing, &usage) {
            (Standing::Wanted, _) => VersionState::Current,
            (_, Usage::Current(_) | Usage::Task) => VersionState::Used,
            (_, Usage::Previous(_)) => VersionState::Previous,
            _ if is_gone => VersionState::Gone,
            _ if is_hidden => VersionState::Unknown,
            (Standing::Foreign, _) => VersionState::Foreign,
            (Standing::Newest | Standing::Young | Standing::Ahead, _) => VersionState::Kept,
            (Standing::Stale | Standing::Used(_), _) => VersionState::Stale,
        };
        let is_running = matches!(usage, Usage::Current(_) | Usage::Task);
        let used_by = match usage {
            Usage::Current(services) => services,
            Usage::Task => vec!["a task".to_owned()],
            Usage::Previous(services) => services
                .iter()
                .map(|service| format!("{service} (previous)"))
                .collect(),
            Usage::Unused => Vec::new(),
        };
        // If the entry is no longer in the stack file, its pattern is unknown. The version is then the beginning of the blob's id.
        let entry = found
            .entry
            .and_then(|key| entries.get(&(found.stack.as_str(), object.kind, key)));
        let version = entry
            .and_then(|entry| entry.pattern.version_in(&object.name))
            .or_else(|| labels.blob());
        let made_at = labels.made_at();
        Self {
            stack: found.stack.as_str(),
            kind: object.kind,
            key: found.entry,
            name: &object.name,
            version,
            blob: labels.blob(),
            path: labels.path(),
            created_at: object.created_at,
            commit: made_at.map(|made| made.commit),
            dirty: made_at.is_some_and(|made| made.dirty),
            state,
            used_by,
            is_running,
        }
    }

    fn cells(&self) -> Vec<String> {
        let commit = self.commit.map_or_else(String::new, |commit| {
            let dirty = self.dirty;
            MadeAt { commit, dirty }.shown()
        });
        let state = match self.state {
            VersionState::Current if self.is_running => "wanted, running",
            VersionState::Current => "wanted",
            VersionState::Used => "running",
            VersionState::Previous => "previous",
            VersionState::Kept => "kept",
            VersionState::Stale => "stale",
            VersionState::Foreign => "foreign",
            VersionState::Unknown => "unknown",
            VersionState::Gone => "gone",
        };
        vec![
            self.kind.to_string(),
            self.key.unwrap_or(self.name).to_owned(),
            self.version
                .map_or_else(String::new, |version| short(version, 12).to_owned()),
            age_of(self.created_at, Timestamp::now()),
            commit,
            state.to_owned(),
            self.used_by.join(", "),
        ]
    }
}

fn print(context: &Context, listed: &[ListedVersion<'_>], with_stack: bool) -> Result<(), Failure> {
    let head = [
        "STACK", "KIND", "KEY", "VERSION", "AGE", "COMMIT", "STATE", "USED BY",
    ];
    let first = usize::from(!with_stack);
    let row = |line: &ListedVersion<'_>| {
        let stack = with_stack.then(|| line.stack.to_owned());
        stack.into_iter().chain(line.cells()).collect()
    };
    let rows = listed.iter().map(row).collect();
    context.terminal.table(&head[first..], rows)
}
