//! `serve`: runs the service that deploys after a push.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::stacks::DockerHost;
use super::{Context, Interrupt, Outcome};
use crate::failure::Failure;
use crate::serve::{
    DockerAccess, GivenSettings, LogLevel, LogMessage, PREFIX, ServiceLog, ServiceSettings,
    WebAddress, check, check_receiver, receive, serve,
};
use crate::terminal::Terminal;

/// The settings, for the help and the manual.
const SETTINGS: &str = "\
The settings are a TOML file. Paths in it are relative to its folder.

listen = \"0.0.0.0:8420\": the address for forges, at /hooks/github, /hooks/gitea, /hooks/gitlab and
/hooks/bitbucket, and for requests with the token: POST /deploy/STACK, POST /rollback/STACK (to the
commit before the last change, or ?to=COMMIT), GET /runs, /runs/ID. With ?wait=true the answer comes
when the run is over. GET /healthz and /livez are for anybody.

page = \"127.0.0.1:8421\": the address for GET /, /runs, /runs/ID, /metrics, /healthz and /livez.

forward: the address of an updater. This service only verifies, then: its settings are listen, page, forward,
timeout, token-file (to hand on requests with the token, too), and [repositories.NAME] with secret-files and allow-sha1.

tls-cert-file, tls-key-file: certificate and key for listen in PEM form, read again when they change.

state = \"/var/lib/hs-secrets\": the folder for clones and runs.

token-file: a file with the token, of at least 16 bytes, for `Authorization: Bearer TOKEN`.

timeout = \"15m\": how long a deployment may take.

poll = \"5m\": how often the remotes are asked besides. Without it they are asked at the start alone.

drift = \"10m\": how often the Swarm is compared with what was deployed last. Without it, it is not.

docker-config: the docker client's folder with its config.json, for --with-registry-auth.

docker-arguments = []: further arguments for `docker stack deploy`.

[repositories.NAME] has url; branch = \"main\"; full-names = [\"owner/name\"], the names that forges have for
it, if they are not the path of url; key-file, as export-key writes it; secret-files, the secrets of
its webhooks, each of at least 16 bytes; allow-sha1 = false, whether GitHub's older signature is enough;
and for git ssh-key-file, known-hosts-file, user, token-file.

[stacks.NAME] has repository, if there are several, and window = \"22:00-06:00\", the hours in which it
may be deployed; and heal = true, to deploy again what somebody has changed in the Swarm.

[notify] tells somebody how runs end: url-file, a file with the address, or url; format = \"json\", \"slack\",
\"discord\", \"ntfy\", \"gotify\" or \"matrix\"; on = [\"failure\", \"recovery\"], and \"deploy\" for every deployment;
token-file; and for Matrix room.

Each setting can come from the environment, and then counts in place of that in the file: HS_SECRETS_SERVE_LISTEN and so on. About one repository
are HS_SECRETS_SERVE_URL, _BRANCH, _FULL_NAMES, _KEY_FILE, _SECRET_FILES, _ALLOW_SHA1, _SSH_KEY_FILE,
_KNOWN_HOSTS_FILE, _GIT_USER and _GIT_TOKEN_FILE. HS_SECRETS_SERVE_STACKS=web,mail names its stacks, and _WINDOW and
_HEAL are for each of them. HS_SECRETS_SERVE_NOTIFY_URL_FILE, _NOTIFY_FORMAT and so on are those of [notify]. A
variable that is empty counts as not set. Secrets themselves are refused there: name files.\
";

/// Receive signed push webhooks of GitHub, Gitea, GitLab and Bitbucket, and deploy
///
/// A verified push is on disk before it is answered: whatever happens then, that commit or a newer one is deployed. The repository
/// is fetched into a bare clone, and each of its stacks that the settings name is deployed as by `deploy --rev`, if that changes
/// something. One run at a time works on a stack, and one run of the newest commit does the work of all pushes before it. At each
/// start, and as often as `poll` says, the remotes are asked for new commits that no webhook has announced.
#[derive(Args)]
#[command(after_long_help = SETTINGS)]
pub(crate) struct ServeArgs {
    /// The settings file, instead of /etc/hs-secrets/serve.toml, which need not be there if the environment has settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for clones and runs, instead of that of the settings
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Receive alone: verify each delivery, and hand it on to the updater at this address
    #[arg(long, value_name = "URL")]
    forward: Option<String>,
    /// Only look at everything that the settings name: files, addresses, remotes, Swarm
    #[arg(long)]
    check: bool,
    /// How the log is written, on standard output
    #[arg(long, value_enum, value_name = "FORM", default_value = "text")]
    log: LogForm,
    #[command(flatten)]
    host: DockerHost,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogForm {
    /// A line of text for each event
    Text,
    /// A line of JSON for each event
    Json,
}

impl ServeArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let environment = std::env::vars_os();
        // A name that is not UTF-8 is refused later, because no setting has it.
        let environment = environment
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
            .filter(|(name, _)| name.starts_with(PREFIX));
        let given = GivenSettings {
            file: self.config.clone(),
            environment: environment.collect(),
            state: self.state.clone(),
            forward: self.forward.clone(),
        };
        let settings = ServiceSettings::read(given)?;
        if let Some(updater) = settings.forward.clone() {
            return self.receive(context, settings, updater);
        }
        let docker = DockerAccess {
            endpoint: self.host.endpoint()?,
            client_environment: self.host.client_environment(),
            environment: Box::new(|name| std::env::var(name).ok()),
        };
        let interrupt = Interrupt::announced(context)?;
        let is_stopped = interrupt.question();
        if self.check {
            check(&settings, &docker, &*is_stopped)?;
            context.terminal.line("the settings are good")?;
            return Ok(Outcome::Done);
        }
        let log = Arc::new(TerminalLog::on(context.terminal.clone(), self.log));
        let service_log: Arc<dyn ServiceLog> = Arc::clone(&log) as _;
        let served = serve(settings, docker, service_log, is_stopped);
        log.finish();
        served?;
        Ok(Outcome::Done)
    }
}

impl ServeArgs {
    /// Runs as a receiver, which needs no Docker.
    fn receive(
        &self,
        context: &Context,
        settings: ServiceSettings,
        updater: Arc<WebAddress>,
    ) -> Result<Outcome, Failure> {
        if self.check {
            check_receiver(&settings, &updater)?;
            context.terminal.line("the settings are good")?;
            return Ok(Outcome::Done);
        }
        let interrupt = Interrupt::announced(context)?;
        let log = Arc::new(TerminalLog::on(context.terminal.clone(), self.log));
        let service_log: Arc<dyn ServiceLog> = Arc::clone(&log) as _;
        let received = receive(settings, updater, service_log, interrupt.question());
        log.finish();
        received?;
        Ok(Outcome::Done)
    }
}

/// Maximum number of lines of the log that wait to be written.
const MAXIMUM_WAITING: usize = 500;

/// How long the service waits at its end for the last lines to be written.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The log on stdout. The service never waits for it: lines that can't be buffered are dropped and counted.
struct TerminalLog {
    form: LogForm,
    lines: SyncSender<LogLine>,
    dropped: Arc<AtomicU64>,
}

/// A message to the thread that writes the log.
enum LogLine {
    Text(String),
    /// Asks for an answer once all earlier lines are written.
    End(SyncSender<()>),
}

impl TerminalLog {
    fn on(terminal: Terminal, form: LogForm) -> Self {
        Self::new(move |line: &str| terminal.line(line).is_ok(), form)
    }

    /// Starts the thread that gives each line to `write`. `write` returns false if the line could not be written.
    fn new(write: impl Fn(&str) -> bool + Send + 'static, form: LogForm) -> Self {
        let (lines, waiting) = mpsc::sync_channel(MAXIMUM_WAITING);
        let dropped: Arc<AtomicU64> = Arc::default();
        let counted = Arc::clone(&dropped);
        thread::spawn(move || {
            for line in waiting {
                let lost = counted.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    let text = format!("{lost} lines of the log were dropped: nobody has read it");
                    let message = LogMessage::of_service(LogLevel::Warning, &text);
                    let _ = write(&form.line(&message));
                }
                // A log that can't be written must not stop deployments.
                let _ = match line {
                    LogLine::Text(text) => write(&text),
                    LogLine::End(written) => written.try_send(()).is_ok(),
                };
            }
        });
        Self {
            form,
            lines,
            dropped,
        }
    }

    /// Waits up to `LAST_LINES` until everything is written.
    fn finish(&self) {
        const TICK: Duration = Duration::from_millis(10);
        let began = Instant::now();
        let (written, is_written) = mpsc::sync_channel(1);
        // If the reader is too slow, the rest of the log is lost.
        while self.lines.try_send(LogLine::End(written.clone())).is_err() {
            if began.elapsed() >= LAST_LINES {
                return;
            }
            thread::sleep(TICK);
        }
        let _ = is_written.recv_timeout(LAST_LINES.saturating_sub(began.elapsed()));
    }
}

impl ServiceLog for TerminalLog {
    fn write(&self, message: &LogMessage<'_>) {
        let line = LogLine::Text(self.form.line(message));
        if self.lines.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl LogForm {
    /// A line of the log, with the current time.
    fn line(self, message: &LogMessage<'_>) -> String {
        let level = match message.level {
            LogLevel::Information => "info",
            LogLevel::Warning => "warning",
            LogLevel::Error => "error",
        };
        let time = Timestamp::now();
        match (self, message.run) {
            (Self::Json, run) => {
                let (stack, run) = run.unzip();
                json!({ "time": time, "level": level, "stack": stack, "run": run, "message": message.text })
                    .to_string()
            }
            (Self::Text, Some((stack, run))) => {
                format!("{time} {level}: run {run} of {stack}: {}", message.text)
            }
            (Self::Text, None) => format!("{time} {level}: {}", message.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    #[test]
    fn a_log_that_nobody_reads_holds_nobody_up_and_tells_what_it_has_lost() {
        let read: Arc<Mutex<Vec<String>>> = Arc::default();
        let reading = Arc::clone(&read);
        let write = move |line: &str| {
            let mut read = reading.lock().unwrap_or_else(PoisonError::into_inner);
            read.push(line.to_owned());
            true
        };
        let log = TerminalLog::new(write, LogForm::Text);
        let written = 3 * MAXIMUM_WAITING;
        let unread = read.lock().expect("nobody has panicked");
        for number in 0..written {
            let text = format!("line {number}");
            log.write(&LogMessage::of_service(LogLevel::Information, &text));
        }
        drop(unread);
        log.finish();
        let read = read.lock().expect("nobody has panicked");
        let lost: usize = read
            .iter()
            .filter_map(|line| line.split_once(" lines of the log were dropped"))
            .filter_map(|(before, _)| before.rsplit(' ').next()?.parse::<usize>().ok())
            .sum();
        let there = read.iter().filter(|line| line.contains("info: line "));
        assert_eq!(there.count() + lost, written);
        assert!(lost >= MAXIMUM_WAITING, "{lost}");
    }
}
