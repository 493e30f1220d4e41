//! `ls`: the versions that the Swarm holds.

use clap::Args;
use comfy_table::{Table, presets};
use jiff::Timestamp;
use serde::Serialize;

use super::age::age_of;
use super::docker_host::DockerHost;
use super::stack_selection::StackSelection;
use super::stale::{Keeping, short};
use super::{Context, Outcome, networks};
use crate::failure::Failure;
use crate::stack::{DesiredStack, ObjectKind};
use crate::swarm::{Inventory, Judged, Standing, Usage, judge};

/// List the versions of a stack's secrets and configs in the Swarm
///
/// current: wanted by the repository, or used by a service. previous: a service's rollback would need it. stale:
/// neither. foreign: in the stack, but not made for any of its entries.
#[derive(Args)]
pub(super) struct LsArgs {
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
struct Listed<'a> {
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
    state: State,
    used_by: Vec<String>,
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum State {
    Current,
    Previous,
    Stale,
    Foreign,
}

impl LsArgs {
    pub(super) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        if self.networks {
            let engine = self.host.connect(context)?;
            networks::list(context, &engine, self.selection.names_typed(), self.json)?;
            return Ok(Outcome::Done);
        }
        let repository = context.repository()?;
        let selected = self.selection.load(&repository, true)?;
        let history = self.selection.history(&repository)?;
        let engine = self.host.connect(context)?;
        let inventory = Inventory::take(&engine)?;
        let policy = Keeping::default().policy(selected.settings.keep, &history);
        let stacks = selected.desired();
        let mut listed: Vec<Listed<'_>> = judge(&stacks, &inventory, &policy)
            .iter()
            .map(|judged| Listed::new(&stacks, &inventory, judged))
            .collect();
        let order = |listed: &Listed<'_>| {
            let newest_first = std::cmp::Reverse(listed.created_at);
            let text = |text: Option<&str>| text.map(str::to_owned);
            let entry = (listed.stack.to_owned(), listed.kind, text(listed.key));
            (entry, newest_first, listed.name.to_owned())
        };
        listed.sort_by_cached_key(order);
        if self.json {
            context.terminal.json(&listed)?;
        } else {
            let table = table(&listed, stacks.len() > 1);
            context.terminal.line(table)?;
        }
        Ok(Outcome::Done)
    }
}

impl<'a> Listed<'a> {
    fn new(stacks: &[&'a DesiredStack], inventory: &Inventory, judged: &Judged<'a>) -> Self {
        let object = judged.object;
        let labels = &object.labels;
        let usage = inventory.usage(object);
        let state = match (&judged.standing, &usage) {
            (_, Usage::Current(_) | Usage::Task) | (Standing::Wanted, _) => State::Current,
            (_, Usage::Previous(_)) => State::Previous,
            (Standing::Foreign, _) => State::Foreign,
            _ => State::Stale,
        };
        let used_by = match usage {
            Usage::Current(services) => services,
            Usage::Task => vec!["a task".to_owned()],
            Usage::Previous(services) => services
                .iter()
                .map(|service| format!("{service} (previous)"))
                .collect(),
            Usage::Unused => Vec::new(),
        };
        // Patterns of vanished entries are not known any more; the blob's id begins with the version all the same.
        let mut entries = stacks.iter().flat_map(|stack| &stack.objects);
        let entry = entries
            .find(|entry| entry.kind == object.kind && Some(entry.entry.as_str()) == judged.entry);
        let version = entry
            .and_then(|entry| entry.pattern.version_in(&object.name))
            .or_else(|| labels.blob());
        let made_at = labels.made_at();
        Self {
            stack: judged.stack.as_str(),
            kind: object.kind,
            key: judged.entry,
            name: &object.name,
            version,
            blob: labels.blob(),
            path: labels.path(),
            created_at: object.created_at,
            commit: made_at.map(|made| made.commit),
            dirty: made_at.is_some_and(|made| made.dirty),
            state,
            used_by,
        }
    }

    fn cells(&self) -> Vec<String> {
        let commit = self.commit.map_or_else(String::new, |commit| {
            let dirty = if self.dirty { "-dirty" } else { "" };
            format!("{}{dirty}", short(commit, 7))
        });
        let state = match self.state {
            State::Current => "current",
            State::Previous => "previous",
            State::Stale => "stale",
            State::Foreign => "foreign",
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

fn table(listed: &[Listed<'_>], with_stack: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let stack = |name: &str| with_stack.then(|| name.to_owned());
    let columns = [
        "KIND", "KEY", "VERSION", "AGE", "COMMIT", "STATE", "USED BY",
    ];
    let header = columns.iter().map(|&column| column.to_owned());
    table.set_header(stack("STACK").into_iter().chain(header));
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    for line in listed {
        table.add_row(stack(line.stack).into_iter().chain(line.cells()));
    }
    table.trim_fmt()
}
