//! `serve`: a push reaches the Swarm.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::stacks::DockerHost;
use super::{Context, Interrupt, Outcome};
use crate::failure::Failure;
use crate::serve::{DockerAccess, News, ServiceLog, ServiceSettings, Weight, check, serve};
use crate::terminal::Terminal;

/// The settings, for the help and the manual.
const SETTINGS: &str = "\
The settings are a TOML file. Paths in it are relative to its folder.

listen = \"0.0.0.0:8420\": the address for forges, at /hooks/github, /hooks/gitea, /hooks/gitlab and
/hooks/bitbucket, and for requests with the token: POST /deploy/STACK, POST /rollback/STACK (to the
commit before the last change, or ?to=COMMIT), GET /runs, /runs/ID. With ?wait=true the answer comes
when the run is over. GET /healthz is for anybody.

page = \"127.0.0.1:8421\": the address for GET /, /runs, /runs/ID, /metrics and /healthz.

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
may be deployed; and heal = true, to deploy again what somebody has changed in the Swarm.\
";

/// Receive signed push webhooks of GitHub, Gitea, GitLab and Bitbucket, and deploy
///
/// A verified push is on disk before it is answered: whatever happens then, that commit or a newer one is deployed. The repository
/// is fetched into a bare clone, and each of its stacks that the settings name is deployed as `deploy --rev` does it, if that
/// changes something. One run at a time works on a stack, and one run of the newest commit does the work of all pushes before it.
/// At each start, and as often as `poll` says, the remotes are asked for what no webhook told of.
#[derive(Args)]
#[command(after_long_help = SETTINGS)]
pub(crate) struct ServeArgs {
    /// The settings file
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/etc/hs-secrets/serve.toml"
    )]
    config: PathBuf,
    /// Folder for clones and runs, instead of that of the settings
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Only look at everything that the settings name: files, addresses, remotes, Swarm
    #[arg(long)]
    check: bool,
    /// How the log is written, on standard output
    #[arg(long, value_enum, value_name = "FORM", default_value = "text")]
    log: LogForm,
    #[command(flatten)]
    host: DockerHost,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogForm {
    /// A line of text for each event
    Text,
    /// A line of JSON for each event
    Json,
}

impl ServeArgs {
    pub(crate) fn run(self, context: &Context) -> Result<Outcome, Failure> {
        let settings = ServiceSettings::read(&self.config, self.state.clone())?;
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
        let log = TerminalLog {
            terminal: context.terminal.clone(),
            form: self.log,
        };
        serve(settings, docker, Arc::new(log), is_stopped)?;
        Ok(Outcome::Done)
    }
}

/// The log on standard output.
struct TerminalLog {
    terminal: Terminal,
    form: LogForm,
}

impl ServiceLog for TerminalLog {
    fn tell(&self, news: &News<'_>) {
        let weight = match news.weight {
            Weight::Information => "info",
            Weight::Warning => "warning",
            Weight::Error => "error",
        };
        let time = Timestamp::now();
        let line = match (self.form, news.run) {
            (LogForm::Json, run) => {
                let (stack, run) = run.unzip();
                json!({ "time": time, "level": weight, "stack": stack, "run": run, "message": news.text })
                    .to_string()
            }
            (LogForm::Text, Some((stack, run))) => {
                format!("{time} {weight}: run {run} of {stack}: {}", news.text)
            }
            (LogForm::Text, None) => format!("{time} {weight}: {}", news.text),
        };
        // A log that nobody reads any more is no reason to deploy nothing.
        let _ = self.terminal.line(line);
    }
}
