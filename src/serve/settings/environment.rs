//! Settings from environment variables. Each replaces its setting in the file. A file is not needed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::error::SettingProblem;
use super::layout::{NotifyLayout, RepositoryLayout, ServiceLayout, StackLayout};
use super::repository_names::{full_name, is_repository_name};

/// Prefix of all environment variables with settings.
pub(crate) const PREFIX: &str = "HS_SECRETS_SERVE_";

/// Name of the repository if neither the file nor the URL gives one.
const UNNAMED: &str = "repository";

/// Variables that somebody may put a secret into, each with the variable for the path of a file with that secret.
const SECRETS: [(&str, &str); 11] = [
    ("TOKEN", "TOKEN_FILE"),
    ("SECRET", "SECRET_FILES"),
    ("SECRETS", "SECRET_FILES"),
    ("SECRET_FILE", "SECRET_FILES"),
    ("KEY", "KEY_FILE"),
    ("SSH_KEY", "SSH_KEY_FILE"),
    ("GIT_TOKEN", "GIT_TOKEN_FILE"),
    ("GIT_PASSWORD", "GIT_TOKEN_FILE"),
    ("NOTIFY_URL", "NOTIFY_URL_FILE"),
    ("NOTIFY_TOKEN", "NOTIFY_TOKEN_FILE"),
    ("TLS_KEY", "TLS_KEY_FILE"),
];

/// The variable that each setting came from, by the path of the setting, as in `stacks.web.window`.
#[derive(Debug, Default)]
pub(super) struct SettingOrigins(BTreeMap<String, String>);

/// Puts environment variables into the layout of the settings file.
pub(super) struct EnvironmentReader<'a> {
    layout: &'a mut ServiceLayout,
    pub(super) origins: SettingOrigins,
    pub(super) problems: Vec<SettingProblem>,
    /// Settings that apply to every stack, if there are no stacks.
    pub(super) for_no_stack: Vec<String>,
}

impl SettingOrigins {
    /// The variable that a setting came from, or that created the table around the setting.
    pub(super) fn of(&self, setting: &str) -> Option<&str> {
        let mut setting = setting;
        loop {
            if let Some(variable) = self.0.get(setting) {
                return Some(variable);
            }
            setting = setting.rsplit_once('.')?.0;
        }
    }
}

impl<'a> EnvironmentReader<'a> {
    /// Puts `variables` into `layout`. An empty variable counts as unset.
    pub(super) fn read(layout: &'a mut ServiceLayout, variables: &[(String, OsString)]) -> Self {
        let mut reader = Self {
            layout,
            origins: SettingOrigins::default(),
            problems: Vec::new(),
            for_no_stack: Vec::new(),
        };
        let named = variables.iter().filter(|(_, value)| !value.is_empty());
        let named = named.filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
        let mut set: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, value) in named {
            match value.to_str() {
                Some(value) => {
                    set.insert(name, value);
                }
                None => reader.refuse(name, |variable| SettingProblem::NotUtf8 { variable }),
            }
        }
        // `STACKS` comes first, because `WINDOW` and `HEAL` apply to every stack.
        if let Some(names) = set.get("STACKS") {
            reader.set_stacks(names);
        }
        let repository = reader.repository_name(set.get("URL").copied());
        for (name, value) in set {
            let is_known = name == "STACKS"
                || reader.set_of_all(name, value)
                || reader.set_of_notify(name, value)
                || reader.set_of_stacks(name, value)
                || reader.set_of_repository(name, value, repository.as_deref());
            if !is_known {
                reader.refuse(name, |variable| unknown(name, variable));
            }
        }
        reader
    }

    /// Notes a problem with the variable itself.
    fn refuse(&mut self, name: &str, problem: impl FnOnce(String) -> SettingProblem) {
        let variable = format!("{PREFIX}{name}");
        self.origins.0.insert(variable.clone(), variable.clone());
        self.problems.push(problem(variable));
    }

    fn note(&mut self, setting: impl Into<String>, name: &str) {
        let variable = format!("{PREFIX}{name}");
        self.origins.0.insert(setting.into(), variable);
    }

    /// Sets a setting at the top of the file. False if there is none of this name.
    fn set_of_all(&mut self, name: &str, value: &str) -> bool {
        let layout = &mut *self.layout;
        let text = || Some(value.to_owned());
        let path = || Some(absolute(value));
        match name {
            "LISTEN" => layout.listen = text(),
            "PAGE" => layout.page = text(),
            "FORWARD" => layout.forward = text(),
            "STATE" => layout.state = path(),
            "TLS_CERT_FILE" => layout.tls_cert_file = path(),
            "TLS_KEY_FILE" => layout.tls_key_file = path(),
            "TOKEN_FILE" => layout.token_file = path(),
            "TIMEOUT" => layout.timeout = text(),
            "POLL" => layout.poll = text(),
            "DRIFT" => layout.drift = text(),
            "DOCKER_CONFIG" => layout.docker_config = path(),
            "DOCKER_ARGUMENTS" => {
                let words = value.split_whitespace();
                layout.docker_arguments = words.map(str::to_owned).collect();
            }
            _ => return false,
        }
        self.note(setting_of(name), name);
        true
    }

    /// Sets a setting of `[notify]`. False if there is none of this name.
    fn set_of_notify(&mut self, name: &str, value: &str) -> bool {
        const NAMES: [&str; 5] = ["URL_FILE", "FORMAT", "ON", "TOKEN_FILE", "ROOM"];
        let Some(own) = name.strip_prefix("NOTIFY_") else {
            return false;
        };
        if !NAMES.contains(&own) {
            return false;
        }
        let notify = self.layout.notify.get_or_insert_with(NotifyLayout::default);
        match own {
            "URL_FILE" => {
                notify.url_file = Some(absolute(value));
                notify.url = None;
            }
            "FORMAT" => notify.format = Some(value.to_owned()),
            "ON" => notify.on = Some(listed(value).map(str::to_owned).collect()),
            "TOKEN_FILE" => notify.token_file = Some(absolute(value)),
            _ => notify.room = Some(value.to_owned()),
        }
        self.note(format!("notify.{}", setting_of(own)), name);
        true
    }

    fn set_stacks(&mut self, names: &str) {
        let mut of_file = std::mem::take(&mut self.layout.stacks);
        for name in listed(names) {
            let stack = of_file.remove(name).unwrap_or_else(|| {
                self.note(format!("stacks.{name}"), "STACKS");
                StackLayout::default()
            });
            self.layout.stacks.insert(name.to_owned(), stack);
        }
    }

    /// Sets a setting of every stack. False if there is none of this name.
    fn set_of_stacks(&mut self, name: &str, value: &str) -> bool {
        let heal = match name {
            "WINDOW" => false,
            "HEAL" => self.is_true("heal", name, value),
            _ => return false,
        };
        let names: Vec<String> = self.layout.stacks.keys().cloned().collect();
        if names.is_empty() {
            self.note(setting_of(name), name);
            self.for_no_stack.push(setting_of(name));
        }
        for stack in names {
            self.note(format!("stacks.{stack}.{}", setting_of(name)), name);
            let stack = self.layout.stacks.entry(stack).or_default();
            match name {
                "WINDOW" => stack.window = Some(value.to_owned()),
                _ => stack.heal = heal,
            }
        }
        true
    }

    /// The repository that variables apply to: the only one of the file, or a new one; `None` if the file has several.
    fn repository_name(&self, url: Option<&str>) -> Option<String> {
        let mut there = self.layout.repositories.keys();
        match (there.next(), there.next()) {
            (Some(only), None) => Some(only.clone()),
            (Some(_), Some(_)) => None,
            (None, _) => {
                let name = full_name(url.unwrap_or_default());
                let name = name.rsplit('/').next().unwrap_or_default();
                let is_name = is_repository_name(name);
                Some(if is_name { name } else { UNNAMED }.to_owned())
            }
        }
    }

    fn set_of_repository(&mut self, name: &str, value: &str, repository: Option<&str>) -> bool {
        const NAMES: [&str; 10] = [
            "URL",
            "BRANCH",
            "FULL_NAMES",
            "KEY_FILE",
            "SECRET_FILES",
            "ALLOW_SHA1",
            "SSH_KEY_FILE",
            "KNOWN_HOSTS_FILE",
            "GIT_USER",
            "GIT_TOKEN_FILE",
        ];
        if !NAMES.contains(&name) {
            return false;
        }
        let Some(repository) = repository else {
            self.refuse(name, |variable| SettingProblem::SeveralRepositories {
                variable,
            });
            return true;
        };
        let allow_sha1 = name == "ALLOW_SHA1" && self.is_true("allow-sha1", name, value);
        if !self.layout.repositories.contains_key(repository) {
            self.note(format!("repositories.{repository}"), name);
        }
        let setting = setting_of(name.strip_prefix("GIT_").unwrap_or(name));
        self.note(format!("repositories.{repository}.{setting}"), name);
        let layout: &mut RepositoryLayout = self
            .layout
            .repositories
            .entry(repository.to_owned())
            .or_default();
        let text = || Some(value.to_owned());
        let path = || Some(absolute(value));
        match name {
            "URL" => layout.url = text(),
            "BRANCH" => layout.branch = text(),
            "FULL_NAMES" => layout.full_names = listed(value).map(str::to_owned).collect(),
            "KEY_FILE" => layout.key_file = path(),
            "SECRET_FILES" => layout.secret_files = listed(value).map(absolute).collect(),
            "ALLOW_SHA1" => layout.allow_sha1 = allow_sha1,
            "SSH_KEY_FILE" => layout.ssh_key_file = path(),
            "KNOWN_HOSTS_FILE" => layout.known_hosts_file = path(),
            "GIT_USER" => layout.user = text(),
            _ => layout.token_file = path(),
        }
        true
    }

    fn is_true(&mut self, setting: &'static str, name: &str, value: &str) -> bool {
        if !["true", "false"].contains(&value) {
            self.note(setting, name);
            self.problems.push(SettingProblem::Word {
                setting,
                value: value.to_owned(),
                known: "true, false".to_owned(),
            });
        }
        value == "true"
    }
}

/// The problem with a variable that is for no setting.
fn unknown(name: &str, variable: String) -> SettingProblem {
    let mut secrets = SECRETS.iter();
    match secrets.find(|(secret, _)| *secret == name) {
        Some((_, file)) => SettingProblem::SecretInEnvironment {
            variable,
            instead: format!("{PREFIX}{file}"),
        },
        None => SettingProblem::UnknownVariable { variable },
    }
}

/// The name in the file of the setting that a variable is for.
fn setting_of(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// The items of a list, which are separated by commas.
fn listed(value: &str) -> impl Iterator<Item = &str> {
    let words = value.split(',').map(str::trim);
    words.filter(|word| !word.is_empty())
}

/// The path relative to the working directory: there may be no settings file whose folder could count.
fn absolute(path: &str) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)]) -> (ServiceLayout, Vec<String>) {
        let mut layout: ServiceLayout = toml::from_str(text).expect("settings");
        let variables = variables.iter();
        let variables = variables.map(|(name, value)| (format!("{PREFIX}{name}"), (*value).into()));
        let reader = EnvironmentReader::read(&mut layout, &variables.collect::<Vec<_>>());
        let problems = reader.problems.iter().map(ToString::to_string).collect();
        (layout, problems)
    }

    /// The names of all settings of a table, taken from the error for an unknown one.
    fn known(table: &str) -> Vec<String> {
        let refused = toml::from_str::<ServiceLayout>(&format!("{table}\nnonsense = 1\n"));
        let refused = refused.err().expect("an unknown setting").to_string();
        let (_, expected) = refused
            .split_once("expected one of ")
            .expect("what there is");
        let names = expected.split('`').skip(1).step_by(2);
        names.map(str::to_owned).collect()
    }

    #[test]
    fn every_setting_has_a_variable() {
        let variable = |setting: &str| setting.to_ascii_uppercase().replace('-', "_");
        let mut names = Vec::new();
        let tables = ["repositories", "stacks", "notify"];
        let top = known("")
            .into_iter()
            .filter(|name| !tables.contains(&&**name));
        names.extend(top.map(|name| variable(&name)));
        let of_git = ["user", "token-file"];
        let own = known("[repositories.x]").into_iter().map(|name| {
            let git = if of_git.contains(&&*name) { "GIT_" } else { "" };
            format!("{git}{}", variable(&name))
        });
        names.extend(own);
        let own = known("[stacks.x]")
            .into_iter()
            .filter(|name| name != "repository");
        names.extend(own.map(|name| variable(&name)));
        // `notify.url` has no variable, because an address may be a secret.
        let own = known("[notify]").into_iter().filter(|name| name != "url");
        names.extend(own.map(|name| format!("NOTIFY_{}", variable(&name))));
        assert!(names.len() > 25, "{names:?}");
        for name in names {
            let (_, problems) = read("[stacks.web]", &[(&*name, "true")]);
            assert!(problems.is_empty(), "{name}: {problems:?}");
        }
    }

    #[test]
    fn no_file_is_needed() {
        let (layout, problems) = read(
            "",
            &[
                ("URL", "git@git.example.org:ada/home-lab.git"),
                ("SECRET_FILES", "/run/secrets/one, /run/secrets/two"),
                ("STACKS", "web,monitoring"),
                ("HEAL", "true"),
                ("POLL", ""),
            ],
        );
        assert_eq!(problems, [""; 0]);
        let repository = &layout.repositories["home-lab"];
        assert_eq!(repository.secret_files.len(), 2);
        assert_eq!(layout.stacks.len(), 2);
        assert!(layout.stacks.values().all(|stack| stack.heal));
        assert_eq!(layout.poll, None);
    }

    #[test]
    fn the_environment_wins_and_the_rest_of_the_file_stays() {
        let file = "poll = \"5m\"\nlisten = \"x\"\n[repositories.lab]\nurl = \"a\"\nbranch = \"b\"\n[stacks.web]\nwindow = \"1\"\n[stacks.old]\n";
        let variables = [("LISTEN", "y"), ("URL", "c"), ("STACKS", "web")];
        let (layout, problems) = read(file, &variables);
        assert_eq!(problems, [""; 0]);
        assert_eq!(layout.listen.as_deref(), Some("y"));
        assert_eq!(layout.poll.as_deref(), Some("5m"));
        let lab = &layout.repositories["lab"];
        let of_lab = [lab.url.as_deref(), lab.branch.as_deref()];
        assert_eq!(of_lab, [Some("c"), Some("b")]);
        assert_eq!(layout.stacks.len(), 1);
        assert_eq!(layout.stacks["web"].window.as_deref(), Some("1"));
    }

    #[test]
    fn a_secret_and_an_unknown_name_are_refused_without_the_value() {
        for (name, _) in SECRETS {
            let (layout, problems) = read("", &[(name, "hunter2")]);
            assert_eq!(problems.len(), 1, "{name}");
            // No table is made that other settings are missing in.
            assert!(layout.notify.is_none(), "{name}");
            let words = "must not be in the environment";
            assert!(problems[0].contains(words), "{problems:?}");
            assert!(!problems[0].contains("hunter2"), "{problems:?}");
        }
        let (_, problems) = read("", &[("POL", "5m")]);
        assert!(
            problems[0].contains("there is no setting of this name"),
            "{problems:?}"
        );
        let two = "[repositories.a]\n[repositories.b]\n";
        let (_, problems) = read(two, &[("BRANCH", "x")]);
        assert!(problems[0].contains("several"), "{problems:?}");
        let (_, problems) = read("[stacks.a]", &[("HEAL", "yes")]);
        assert!(
            problems[0].contains("must be one of true, false"),
            "{problems:?}"
        );
    }
}
