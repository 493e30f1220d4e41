//! Finds settings that have changed since the newest objects in the Swarm were made.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::repository::{CommitLine, History, Repository};
use crate::stack::{DesiredStack, SETTINGS_FILE, Settings, VersionScheme};
use crate::swarm::objects::prune::Policy;
use crate::swarm::observed::inventory::{Inventory, SwarmObject};

/// A change of a setting that decides about names or about what is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// Its name in the settings file.
    pub setting: &'static str,
    /// Its value when the newest objects were made.
    pub before: String,
    /// Its value now.
    pub now: String,
    /// The commit that those objects were made at.
    pub made_at: String,
    /// The commit that changed it; `None` for a change that is not committed.
    pub changed_by: Option<CommitLine>,
}

/// The name of a setting, and the function that gives its value.
type WatchedSetting = (&'static str, fn(&Settings) -> String);

/// The settings that are compared.
const WATCHED: [WatchedSetting; 6] = [
    ("strip-newline", |settings| {
        settings.strip_newline.to_string()
    }),
    ("version", |settings| {
        let scheme = match settings.scheme {
            VersionScheme::Blob => "blob",
            VersionScheme::Md5 => "md5",
        };
        format!("\"{scheme}\"")
    }),
    ("version-length", |settings| {
        let fixed = settings.version_length;
        fixed.map_or_else(|| "not fixed".to_owned(), |length| length.to_string())
    }),
    ("keep", |settings| {
        settings.keep.unwrap_or(Policy::KEEP).to_string()
    }),
    ("keep-secrets", |settings| kept(settings.keep_secrets)),
    ("keep-configs", |settings| kept(settings.keep_configs)),
];

fn kept(number: Option<usize>) -> String {
    number.map_or_else(|| "not set".to_owned(), |number| number.to_string())
}

/// Maximum number of commits that are tried. They are those of the newest objects.
const TRIED_COMMITS: usize = 20;

/// Compares `settings` with those of the commit that the newest objects of these stacks were made at.
pub(crate) fn setting_changes(
    repository: &Repository,
    settings: &Settings,
    history: &History<'_>,
    stacks: &[&DesiredStack],
    inventory: &Inventory,
) -> Vec<SettingChange> {
    let Some((made_at, before)) = settings_of_newest(repository, stacks, inventory) else {
        return Vec::new();
    };
    let changed = WATCHED
        .iter()
        .filter(|(_, value)| value(&before) != value(settings));
    let change = |&(setting, value): &WatchedSetting| SettingChange {
        setting,
        before: value(&before),
        now: value(settings),
        made_at: made_at.clone(),
        changed_by: commit_that_set(repository, history, value, &value(settings)),
    };
    changed.map(change).collect()
}

/// The commit of the newest object whose commit is here, and the settings at it.
fn settings_of_newest(
    repository: &Repository,
    stacks: &[&DesiredStack],
    inventory: &Inventory,
) -> Option<(String, Settings)> {
    let names: BTreeSet<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    let is_ours = |object: &&SwarmObject| {
        let stack = object.labels.stack();
        object.labels.key().is_some() && stack.is_some_and(|stack| names.contains(stack))
    };
    let mut newest: Vec<&SwarmObject> = inventory.objects.iter().filter(is_ours).collect();
    newest.sort_by_key(|object| Reverse(object.created_at));
    let made = newest
        .into_iter()
        .filter_map(|object| object.labels.made_at());
    let mut commits: Vec<&str> = made.map(|made| made.commit).collect();
    commits.dedup();
    let mut commits = commits.into_iter().take(TRIED_COMMITS);
    commits.find_map(|commit| {
        let is_id = [40, 64].contains(&commit.len())
            && commit.bytes().all(|digit| digit.is_ascii_hexdigit());
        let settings = is_id.then(|| Settings::load(repository, Some(commit)).ok())?;
        Some((commit.to_owned(), settings?))
    })
}

/// The newest commit that gave a setting this value.
fn commit_that_set(
    repository: &Repository,
    history: &History<'_>,
    value: fn(&Settings) -> String,
    now: &str,
) -> Option<CommitLine> {
    let changes = history.changes_of(SETTINGS_FILE);
    let has_value = |commit: &CommitLine| {
        Settings::load(repository, Some(&commit.id)).is_ok_and(|settings| value(&settings) == now)
    };
    // From the newest change of the file back to the one that gave the value, every change has that value.
    changes.into_iter().take_while(has_value).last()
}
