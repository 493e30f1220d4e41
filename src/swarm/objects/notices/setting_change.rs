//! Finds settings that have changed since the newest objects in the Swarm were created.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::repository::{CommitLine, History, Repository};
use crate::stack::{DesiredStack, SETTINGS_FILE, Settings, StackSettings, VersionScheme};
use crate::swarm::objects::prune::Policy;
use crate::swarm::observed::object::SwarmObject;

/// A change of a setting that affects names, or which versions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// Its name in the settings file.
    pub setting: &'static str,
    /// The stack that it is set for. `None` if it is set for all stacks.
    pub stack: Option<String>,
    /// The value when the newest objects were created.
    pub before: String,
    /// The value now.
    pub now: String,
    /// The commit from which those objects were created.
    pub made_at: String,
    /// The commit that changed the setting. `None` if the change is not committed.
    pub changed_by: Option<CommitLine>,
}

/// A setting that is compared.
struct WatchedSetting {
    name: &'static str,
    /// The value for all stacks, as text.
    of_all: fn(&Settings) -> String,
    /// The value for one stack, as text. `None` if the stack has no value of its own.
    of_stack: fn(&StackSettings) -> Option<String>,
}

/// The settings that are compared.
const WATCHED: [WatchedSetting; 6] = [
    WatchedSetting {
        name: "strip-newline",
        of_all: |settings| (settings.strip_newline == Some(true)).to_string(),
        of_stack: |stack| stack.strip_newline.map(|strips| strips.to_string()),
    },
    WatchedSetting {
        name: "version",
        of_all: |settings| in_words(settings.scheme),
        of_stack: |stack| stack.version.map(in_words),
    },
    WatchedSetting {
        name: "version-length",
        of_all: |settings| {
            let fixed = settings.version_length;
            fixed.map_or_else(|| "not fixed".to_owned(), |length| length.to_string())
        },
        of_stack: |stack| stack.version_length.map(|length| length.to_string()),
    },
    WatchedSetting {
        name: "keep",
        of_all: |settings| settings.keep.unwrap_or(Policy::KEEP).to_string(),
        of_stack: |stack| stack.keep.map(|number| number.to_string()),
    },
    WatchedSetting {
        name: "keep-secrets",
        of_all: |settings| kept(settings.keep_secrets),
        of_stack: |stack| stack.keep_secrets.map(|number| number.to_string()),
    },
    WatchedSetting {
        name: "keep-configs",
        of_all: |settings| kept(settings.keep_configs),
        of_stack: |stack| stack.keep_configs.map(|number| number.to_string()),
    },
];

/// Shown as the value of a setting that is not set.
const NOT_SET: &str = "not set";

/// Maximum number of commits whose settings are tried, those of the newest objects first.
const TRIED_COMMITS: usize = 20;

fn in_words(scheme: VersionScheme) -> String {
    let word = match scheme {
        VersionScheme::Blob => "blob",
        VersionScheme::Md5 => "md5",
    };
    format!("\"{word}\"")
}

fn kept(number: Option<usize>) -> String {
    number.map_or_else(|| NOT_SET.to_owned(), |number| number.to_string())
}

impl WatchedSetting {
    /// The value for all stacks, or for one stack.
    fn value(&self, settings: &Settings, stack: Option<&str>) -> String {
        let Some(name) = stack else {
            return (self.of_all)(settings);
        };
        let own = settings.stacks.get(name).and_then(self.of_stack);
        own.unwrap_or_else(|| NOT_SET.to_owned())
    }
}

/// Compares `settings` with the settings in the commits from which the newest objects of these stacks were created.
pub(crate) fn setting_changes(
    repository: &Repository,
    settings: &Settings,
    history: &History<'_>,
    stacks: &[&DesiredStack],
    there: &[SwarmObject],
) -> Vec<SettingChange> {
    let mut known = KnownSettings::default();
    let mut changes = Vec::new();
    let mut compare = |stacks: &[&DesiredStack], stack: Option<&str>| {
        let Some((made_at, before)) = known.of_newest(repository, stacks, there) else {
            return;
        };
        for setting in &WATCHED {
            let has_own = |stack: &&DesiredStack| {
                setting.value(settings, Some(stack.name.as_str())) != NOT_SET
            };
            let (was, now) = (setting.value(before, stack), setting.value(settings, stack));
            let counts = stack.is_some() || !stacks.iter().all(has_own);
            if counts && was != now {
                let value = |settings: &Settings| setting.value(settings, stack);
                changes.push(SettingChange {
                    setting: setting.name,
                    stack: stack.map(str::to_owned),
                    changed_by: commit_that_set(repository, history, &value, &now),
                    before: was,
                    now,
                    made_at: made_at.clone(),
                });
            }
        }
    };
    compare(stacks, None);
    for stack in stacks {
        compare(&[stack], Some(stack.name.as_str()));
    }
    changes
}

/// The settings in commits, each read once. `None` for a commit that this clone does not have.
#[derive(Default)]
struct KnownSettings(HashMap<String, Option<Settings>>);

impl KnownSettings {
    /// Goes through the objects of these stacks, the newest first, to one whose commit this clone has. Returns that commit
    /// and the settings in it.
    fn of_newest(
        &mut self,
        repository: &Repository,
        stacks: &[&DesiredStack],
        there: &[SwarmObject],
    ) -> Option<(String, &Settings)> {
        let mut commits = newest_commits(stacks, there).into_iter();
        let newest = commits.find(|commit| {
            let known = self.0.entry((*commit).to_owned());
            let known = known.or_insert_with(|| {
                let is_id = [40, 64].contains(&commit.len())
                    && commit.bytes().all(|digit| digit.is_ascii_hexdigit());
                is_id
                    .then(|| Settings::load(repository, Some(commit)).ok())
                    .flatten()
            });
            known.is_some()
        })?;
        Some((newest.to_owned(), self.0.get(newest)?.as_ref()?))
    }
}

/// The commits from which the objects of these stacks were created, the newest first.
fn newest_commits<'a>(stacks: &[&DesiredStack], there: &'a [SwarmObject]) -> Vec<&'a str> {
    let names: BTreeSet<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    let is_ours = |object: &&SwarmObject| {
        let stack = object.labels.stack();
        object.labels.key().is_some() && stack.is_some_and(|stack| names.contains(stack))
    };
    let mut newest: HashMap<&str, Timestamp> = HashMap::new();
    for object in there.iter().filter(is_ours) {
        if let Some(made) = object.labels.made_at() {
            let known = newest.entry(made.commit).or_insert(object.created_at);
            *known = object.created_at.max(*known);
        }
    }
    let mut commits: Vec<(&str, Timestamp)> = newest.into_iter().collect();
    commits.sort_by_key(|(commit, made_at)| (Reverse(*made_at), *commit));
    commits.truncate(TRIED_COMMITS);
    commits.into_iter().map(|(commit, _)| commit).collect()
}

/// The commit since which the setting has had its present value.
fn commit_that_set(
    repository: &Repository,
    history: &History<'_>,
    value: &dyn Fn(&Settings) -> String,
    now: &str,
) -> Option<CommitLine> {
    let changes = history.changes_of(SETTINGS_FILE);
    let has_value = |commit: &CommitLine| {
        Settings::load(repository, Some(&commit.id)).is_ok_and(|settings| value(&settings) == now)
    };
    // Go back from the newest change of the settings file while the setting has this value. The last commit found is the one
    // that set it.
    changes.into_iter().take_while(has_value).last()
}
