//! Reads the settings of the service.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::addresses::WebAddress;
use super::environment::EnvironmentReader;
use super::error::{ServiceSettingsError, SettingProblem};
use super::files::read_settings;
use super::layout::ServiceLayout;
use super::reader::SettingsReader;
use super::served::{CertificateFiles, ServedRepository, ServiceSettings};

/// The settings file if no other one is named.
const FILE: &str = "/etc/hs-secrets/serve.toml";
const LISTEN: &str = "0.0.0.0:8420";
const PAGE: &str = "127.0.0.1:8421";
const STATE: &str = "/var/lib/hs-secrets";
const TIMEOUT: &str = "15m";

impl ServiceSettings {
    /// Reads the settings file. Environment variables replace settings of the file, and the arguments in `given` replace both. Paths in
    /// the file are relative to its folder.
    pub(crate) fn read(given: GivenSettings) -> Result<Self, ServiceSettingsError> {
        let path = given.file.as_deref().unwrap_or(Path::new(FILE));
        let (mut layout, place) = match read_settings(path) {
            Ok(text) => (parsed(path, &text)?, path.display().to_string()),
            Err(error) if given.may_have_no_file(&error) => {
                (ServiceLayout::default(), "the environment".to_owned())
            }
            Err(source) => {
                let path = path.to_owned();
                return Err(ServiceSettingsError::Read { path, source });
            }
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let EnvironmentReader {
            origins,
            mut problems,
            for_no_stack,
            ..
        } = EnvironmentReader::read(&mut layout, &given.environment);
        if given.forward.is_some() || layout.forward.is_some() {
            let settings = for_no_stack.into_iter();
            problems.extend(settings.map(|setting| SettingProblem::OfUpdater { setting }));
        }
        let mut reader = SettingsReader {
            folder: &folder,
            problems,
        };
        let settings = reader.settings(layout, given);
        match settings {
            Some(settings) if reader.problems.is_empty() => Ok(settings),
            _ => {
                let placed = reader.problems.into_iter().map(|problem| {
                    let variable = problem.setting().and_then(|setting| {
                        let variable = origins.of(&setting);
                        variable.map(str::to_owned)
                    });
                    (variable.unwrap_or_else(|| place.clone()), problem)
                });
                let problems = placed.collect();
                Err(ServiceSettingsError::Values { problems })
            }
        }
    }
}

fn parsed(path: &Path, text: &str) -> Result<ServiceLayout, ServiceSettingsError> {
    toml::from_str(text).map_err(|error| ServiceSettingsError::Invalid {
        path: path.to_owned(),
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        reason: error.message().replace('\n', ", "),
    })
}

fn line_of(text: &str, place: usize) -> usize {
    let before = text.as_bytes().get(..place).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Where to find the settings, and settings that were given as arguments.
#[derive(Default)]
pub(crate) struct GivenSettings {
    /// The settings file, if one was named. Otherwise the default file is read, which may be missing if `environment` has settings.
    pub file: Option<PathBuf>,
    /// The environment variables with settings.
    pub environment: Vec<(String, OsString)>,
    pub state: Option<PathBuf>,
    pub forward: Option<String>,
}

impl GivenSettings {
    fn may_have_no_file(&self, error: &io::Error) -> bool {
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        is_missing && self.file.is_none() && !self.environment.is_empty()
    }
}

impl SettingsReader<'_> {
    fn settings(
        &mut self,
        mut layout: ServiceLayout,
        given: GivenSettings,
    ) -> Option<ServiceSettings> {
        layout.forward = given.forward.or(layout.forward);
        let is_receiver = layout.forward.is_some();
        if is_receiver {
            self.refuse_of_updater(&layout);
        }
        let forward = layout.forward.take();
        let forward = forward.map(|url| self.parsed("forward", WebAddress::parse_base(&url)));
        let listen = self.address("listen", layout.listen.as_deref().unwrap_or(LISTEN));
        let page = self.address("page", layout.page.as_deref().unwrap_or(PAGE));
        let timeout = self.time("timeout", layout.timeout.as_deref().unwrap_or(TIMEOUT));
        let poll = layout.poll.map(|poll| self.time("poll", &poll));
        let drift = layout.drift.map(|drift| self.time("drift", &drift));
        if drift.is_none() && !is_receiver {
            let healing = layout.stacks.iter().filter(|(_, stack)| stack.heal);
            let healing =
                healing.map(|(name, _)| SettingProblem::HealWithoutDrift { name: name.clone() });
            self.problems.extend(healing);
        }
        let certificate = match (layout.tls_cert_file, layout.tls_key_file) {
            (Some(certificate), Some(key)) => Some(CertificateFiles {
                certificate: self.existing("tls-cert-file", certificate),
                key: self.existing("tls-key-file", key),
            }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                self.problems.push(SettingProblem::HalfCertificate);
                None
            }
        };
        let token = layout
            .token_file
            .map(|path| self.secret("token-file", path));
        let docker_config = layout.docker_config;
        let docker_config = docker_config.map(|path| self.existing("docker-config", path));
        let notify = layout.notify.and_then(|notify| self.notify(notify));
        let names: Vec<String> = layout.repositories.keys().cloned().collect();
        let stacks = if is_receiver {
            Vec::new()
        } else {
            self.stacks(layout.stacks, &names)
        };
        let repositories = layout.repositories.into_iter();
        let repositories: Vec<Option<ServedRepository>> = repositories
            .map(|(name, layout)| self.repository(name, layout, is_receiver))
            .collect();
        let repositories = repositories.into_iter().collect::<Option<Vec<_>>>()?;
        if is_receiver {
            self.refuse_without_secrets(&repositories);
        } else {
            self.tell_of_same(&repositories);
        }
        let in_settings = || {
            self.folder
                .join(layout.state.unwrap_or(PathBuf::from(STATE)))
        };
        Some(ServiceSettings {
            state: given.state.unwrap_or_else(in_settings),
            forward: forward.flatten().map(Arc::new),
            listen: listen?,
            certificate,
            page: page?,
            token: token.map(|token| token.map(Mutex::new)).unwrap_or_default(),
            timeout: timeout?,
            poll: poll.flatten(),
            drift: drift.flatten(),
            docker_config,
            docker_arguments: layout.docker_arguments,
            repositories,
            stacks,
            notify: notify.map(Arc::new),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn read(text: &str) -> Result<ServiceSettings, String> {
        read_with(text, &[])
    }

    fn read_with(text: &str, variables: &[(String, OsString)]) -> Result<ServiceSettings, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, content: &str| {
            fs::write(folder.path().join(name), content).expect("a file");
        };
        write("hook", "a secret of this hook alone\n");
        write("short", "hunter2\n");
        write("key", "a key");
        write("shared", "a secret that everybody may change\n");
        let everybody = fs::Permissions::from_mode(0o666);
        fs::set_permissions(folder.path().join("shared"), everybody).expect("it is ours");
        write("serve.toml", text);
        let read = ServiceSettings::read(GivenSettings {
            file: Some(folder.path().join("serve.toml")),
            environment: variables.to_vec(),
            ..GivenSettings::default()
        });
        read.map_err(|error| {
            let text = error.to_string();
            text.replace(&format!("{}/", folder.path().display()), "")
        })
    }

    const GOOD: &str = r#"
[repositories.home-lab]
url = "git@git.example.org:ada/home-lab.git"
secret-files = ["hook"]
key-file = "key"

[stacks.web]
window = "22:00-06:00"
"#;

    #[test]
    fn a_short_file_is_enough() {
        let settings = read(GOOD).expect("good");
        let repository = &settings.repositories[0];
        assert_eq!(repository.full_names, ["ada/home-lab"]);
        assert_eq!(repository.branch, "main");
        assert!(settings.page.ip().is_loopback());
        assert!(
            settings
                .stack("web")
                .is_some_and(|web| web.window.is_some())
        );
        assert!(settings.stack("mail").is_none());
        assert_eq!(settings.state, Path::new(STATE));
    }

    #[test]
    fn a_file_that_is_too_long_is_refused_and_an_endless_one_is_not_read_to_its_end() {
        let long = format!("{GOOD}#{}\n", "x".repeat(1 << 20));
        let error = read(&long).err().expect("too long");
        assert_eq!(
            error,
            "reading the settings serve.toml failed: file too large"
        );
        let endless = ServiceSettings::read(GivenSettings {
            file: Some(PathBuf::from("/dev/zero")),
            ..GivenSettings::default()
        });
        let error = endless.err().expect("endless").to_string();
        assert!(error.ends_with("failed: file too large"), "{error}");
    }

    #[test]
    fn the_settings_of_the_guide_are_good() {
        let guide = include_str!("../../../docs/serve.md");
        let (_, settings) = guide.split_once("```toml\n").expect("settings");
        let (settings, _) = settings.split_once("```").expect("an end");
        let secret = settings.replace("/run/secrets/hook-secret", "hook");
        let plain = ["deploy-token", "home-lab-key", "deploy-key", "known-hosts"];
        let settings = plain.iter().fold(secret, |settings, name| {
            settings.replace(&format!("/run/secrets/{name}"), "hook")
        });
        let settings = read(&settings).expect("good");
        assert!(settings.token.is_some() && settings.poll.is_some());
        assert!(settings.stack("web").is_some_and(|stack| stack.heal));
    }

    #[test]
    fn a_receiver_has_few_settings_and_none_of_an_updater_s() {
        let receiver =
            "forward = \"http://updater:8420\"\n[repositories.lab]\nsecret-files = [\"hook\"]\n";
        let settings = read(receiver).expect("good");
        let updater = settings.forward.expect("an updater");
        assert_eq!(updater.below("healthz"), "http://updater:8420/healthz");
        for (from, to, said) in [
            (
                "\n[repo",
                "\npoll = \"5m\"\n[repo",
                "`poll` has no meaning with `forward`",
            ),
            (
                "secret-files",
                "key-file = \"key\"\nsecret-files",
                "`repositories.lab.key-file` has no meaning",
            ),
            ("\"hook\"", "", "a repository must have `secret-files`"),
            ("http://", "", "`forward`: it must be an address, as in"),
            (
                "updater",
                "ada:pw@updater",
                "`forward`: it must have no user",
            ),
        ] {
            let error = read(&receiver.replace(from, to)).err().expect(to);
            assert!(
                error.contains(said) && !error.contains("pw"),
                "{to}: {error}"
            );
        }
        let without = read(&GOOD.replace("url =", "user ="))
            .err()
            .expect("no url");
        assert!(
            without.contains("[repositories.home-lab]: `url` is missing"),
            "{without}"
        );
    }

    #[test]
    fn whoever_is_told_needs_all_that_its_format_does() {
        let with = |notify: &str| read(&format!("{GOOD}\n[notify]\n{notify}"));
        let good = with("url = \"https://h/x\"\non = [\"deploy\"]").expect("good");
        assert!(good.notify.is_some_and(|notify| notify.address.is_https()));
        for (notify, said) in [
            ("", "[notify]: one of `url-file` and `url` must be set"),
            (
                "url = \"https://h/s3cret\"\nformat = \"slack\"",
                "[notify]: `url` is a secret in this format",
            ),
            (
                "url = \"https://h\"\nformat = \"irc\"",
                "`notify.format` is `irc`, and must be one of json, slack,",
            ),
            (
                "url = \"https://h\"\non = [\"always\"]",
                "`notify.on` is `always`, and must be one of failure,",
            ),
            (
                "url = \"https://h\"\nformat = \"gotify\"",
                "[notify]: this format needs `token-file`",
            ),
            (
                "url = \"https://h\"\nformat = \"matrix\"\ntoken-file = \"key\"",
                "`notify.token-file`: it must be one line",
            ),
            (
                "url = \"https://h/?s3cret\"\nformat = \"gotify\"\ntoken-file = \"key\"",
                "`notify.url`: it must have no `?` or `#`",
            ),
            (
                "url = \"https://h\"\nformat = \"matrix\"",
                "[notify]: this format needs `room`",
            ),
            (
                "url = \"https://h\"\nroom = \"!x:h\"",
                "`room` is for the format `matrix` alone",
            ),
            (
                "url-file = \"short\"",
                "`notify.url-file`: it must be an address",
            ),
            (
                "url-file = \"none\"",
                "`notify.url-file`: reading none failed",
            ),
        ] {
            let error = with(notify).err().expect(notify);
            assert!(error.contains(said), "{notify}: {error}");
            assert!(
                !error.contains("s3cret") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_wrong_value_is_said_to_be_where_it_is_from() {
        for (name, value, said) in [
            (
                "LISTEN",
                "8420",
                "HS_SECRETS_SERVE_LISTEN: `listen` is `8420`",
            ),
            (
                "KEY_FILE",
                "/none",
                "HS_SECRETS_SERVE_KEY_FILE: `repositories.home-lab.key-file`: reading /none failed",
            ),
            (
                "BRANCH",
                "-x",
                "HS_SECRETS_SERVE_BRANCH: [repositories.home-lab]: `branch` can't be `-x`",
            ),
            ("STACKS", "a/b", "HS_SECRETS_SERVE_STACKS: [stacks.a/b]: "),
            (
                "WINDOW",
                "22",
                "HS_SECRETS_SERVE_WINDOW: [stacks.web]: `22` is no window",
            ),
            (
                "NOTIFY_FORMAT",
                "irc",
                "HS_SECRETS_SERVE_NOTIFY_FORMAT: `notify.format` is `irc`",
            ),
            (
                "TOKEN",
                "hunter2",
                "HS_SECRETS_SERVE_TOKEN: a secret must not be in the environment",
            ),
            (
                "POL",
                "5m",
                "HS_SECRETS_SERVE_POL: there is no setting of this name",
            ),
        ] {
            let variable = (format!("HS_SECRETS_SERVE_{name}"), value.into());
            let error = read_with(GOOD, &[variable]).err().expect(name);
            assert!(error.contains(said), "{name}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let variable = ("HS_SECRETS_SERVE_POLL".to_owned(), "5m".into());
        let of_file = GOOD.replace("\"key\"", "\"kay\"");
        let error = read_with(&of_file, &[variable]).err().expect("no key");
        assert!(error.starts_with("serve.toml: "), "{error}");
    }

    #[test]
    fn each_thing_that_is_wrong_has_a_line() {
        let with = |from: &str, to: &str| read(&GOOD.replace(from, to)).err().expect(to);
        for (from, to, said) in [
            (
                "key-file",
                "kay-file",
                "serve.toml:5: unknown field `kay-file`",
            ),
            (
                "\"key\"",
                "\"kay\"",
                "`repositories.home-lab.key-file`: reading kay failed: No such file",
            ),
            (
                "\"hook\"",
                "\"short\"",
                "`repositories.home-lab.secret-files`: short: it has 7 bytes, and at least 16",
            ),
            (
                "[stacks.web]",
                "[stacks.web]\n[stacks.web]",
                "serve.toml:8: duplicate key",
            ),
            ("[stacks.web]", "[stacks.'.']", "[stacks..]: "),
            (
                "window",
                "repository = \"x\"\nwindow",
                "[stacks.web]: there is no `[repositories.x]`",
            ),
            ("22:00-", "22-", "[stacks.web]: `22-06:00` is no window"),
            ("url = \"", "url = \"--upload-pack=", "`url` can't be"),
            (
                "git@git",
                "https://s3cret@git",
                "[repositories.home-lab]: `url` must have no user or password",
            ),
            (
                "\n[repo",
                "listen = \"8420\"\n[repo",
                "`listen` is `8420`, and must be an address",
            ),
            (
                "window",
                "heal = true\nwindow",
                "[stacks.web]: `heal` needs `drift`",
            ),
            (
                "\n[repo",
                "poll = \"often\"\n[repo",
                "`poll` is `often`, and must be a time",
            ),
            (
                "\n[repo",
                "poll = \"1ns\"\n[repo",
                "`poll` is `1ns`, and must be a time",
            ),
            (
                "\n[repo",
                "timeout = \"9000000000000000s\"\n[repo",
                "must be a time, as in `90s` or `5m`, of at least 1 s and at most 7 days",
            ),
            (
                "\"hook\"",
                "\"shared\"",
                "`repositories.home-lab.secret-files`: anybody may write to shared",
            ),
            (
                "\"key\"",
                "\"shared\"",
                "`repositories.home-lab.key-file`: anybody may write to shared",
            ),
            (
                "\n[repo",
                "[repositories.two]\nurl = \"x:ada/home-lab\"\n[repo",
                "have one full name and one branch",
            ),
            (
                "\n[repo",
                "[repositories.two]\nurl = \"x:y\"\n[repo",
                "there are 2 repositories; `repository` must name one",
            ),
        ] {
            let error = with(from, to);
            assert!(error.contains(said), "{to}: {error}");
        }
        let all = with("\"key\"", "\"kay\"").matches("serve.toml: ").count();
        assert_eq!(all, 1);
        let both = GOOD
            .replace("\"key\"", "\"kay\"")
            .replace("\"hook\"", "\"short\"");
        let both = read(&both).err().expect("two problems");
        assert_eq!(both.matches("serve.toml: ").count(), 2, "{both}");
    }
}
