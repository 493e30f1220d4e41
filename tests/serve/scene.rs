//! A repository with two stacks, a bare remote that it is pushed to, and a service that watches the remote.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

use crate::harness::desk::Desk;
use crate::harness::engine::IMAGE;
use crate::harness::sandbox::Run;
use crate::web_client::{Reply, SECRET, get, github_headers, github_push, post};

/// Maximum time that a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(90);

/// The token that allows a deployment to be requested.
pub(crate) const TOKEN: &str = "a token of whoever may deploy";

/// The repository with its remote, and the settings of a service.
pub(crate) struct Scene {
    pub(crate) desk: Desk,
    docker_host: String,
    settings: PathBuf,
    variables: Mutex<Vec<(String, String)>>,
}

impl Scene {
    /// Creates the stacks `web` and `mail`. `web` has two services, of which one uses an encrypted file.
    pub(crate) fn new(docker_host: &str) -> Self {
        let desk = Desk::empty("lab");
        desk.hs(["init"]).succeeds();
        desk.write(
            ".gitattributes",
            "secrets/* filter=git-crypt diff=git-crypt\n",
        );
        desk.write("secrets/token", "first secret\n");
        desk.write("secrets/mail", "another secret\n");
        desk.write("web.yml", web("cat /run/secrets/token; sleep 1000"));
        desk.write(
            "mail.yml",
            format!(
                "version: '3.7'\nservices:\n  post:\n    image: {IMAGE}\n    stop_grace_period: 0s\n    secrets: [mail]\n    deploy:\n      update_config: {{monitor: 200ms}}\nsecrets:\n  mail:\n    file: secrets/mail\n"
            ),
        );
        desk.commit("first");
        desk.hs(["export-key", "../key"]).succeeds();
        let top = desk.sandbox.path("");
        let clone = ["clone", "--quiet", "--bare", "lab", "remote.git"];
        desk.sandbox.git(&top, clone).succeeds();
        fs::write(desk.sandbox.path("hook"), format!("{SECRET}\n")).expect("a file");
        fs::write(desk.sandbox.path("token"), format!("{TOKEN}\n")).expect("a file");
        let scene = Self {
            settings: desk.sandbox.path("serve.toml"),
            docker_host: docker_host.to_owned(),
            variables: Mutex::default(),
            desk,
        };
        scene.set("");
        scene
    }

    /// Writes the settings. `further` are more settings at the top level.
    pub(crate) fn set(&self, further: &str) {
        let remote = self.desk.sandbox.path("remote.git");
        let text = format!(
            r#"listen = "127.0.0.1:0"
page = "127.0.0.1:0"
state = "state"
token-file = "token"
docker-arguments = ["--resolve-image", "never"]
{further}
[repositories.lab]
url = "{}"
full-names = ["ada/home-lab"]
key-file = "key"
secret-files = ["hook"]

[stacks.web]
[stacks.mail]
"#,
            remote.display()
        );
        fs::write(&self.settings, text).expect("the settings");
    }

    /// Replaces a text in the settings.
    pub(crate) fn edit_settings(&self, from: &str, to: &str) {
        let text = fs::read_to_string(&self.settings).expect("the settings");
        assert!(text.contains(from), "{text}");
        fs::write(&self.settings, text.replace(from, to)).expect("the settings");
    }

    /// Commits everything and pushes it. Returns the commit.
    pub(crate) fn push(&self, message: &str) -> String {
        self.desk.commit(message);
        self.push_head()
    }

    /// Pushes the last commit, and returns it.
    pub(crate) fn push_head(&self) -> String {
        let push = ["push", "--quiet", "--force", "../remote.git", "main"];
        self.desk.git(&push);
        self.commit()
    }

    pub(crate) fn commit(&self) -> String {
        self.desk.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Runs `serve` with these arguments until it ends.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with("serve.toml", arguments)
    }

    /// Runs `serve` with these settings and arguments until it ends.
    pub(crate) fn run_with(&self, settings: &str, arguments: &[&str]) -> Run {
        let mut command = self
            .desk
            .sandbox
            .command(&self.desk.sandbox.path(""), "hs-secrets");
        command.env("DOCKER_HOST", &self.docker_host);
        command.envs(self.variables());
        command
            .args(["serve", "--config", settings])
            .args(arguments);
        crate::harness::sandbox::run(command, b"")
    }

    /// Replaces the stack `mail` by one on the host's network, since its engine has no other. `further` are more lines of
    /// its service.
    pub(crate) fn put_mail_on_host(&self, further: &str) {
        self.desk.write(
            "mail.yml",
            format!(
                "version: '3.7'\nservices:\n  post:\n    image: {IMAGE}\n    stop_grace_period: 0s\n    networks: [host]\n    secrets: [mail]\n    deploy:\n      update_config: {{monitor: 100ms}}\n{further}secrets:\n  mail:\n    file: secrets/mail\nnetworks:\n  host: {{external: true, name: host}}\n"
            ),
        );
    }

    /// The name in the Swarm of the secret of `mail` at the checked-out commit.
    pub(crate) fn mail_secret(&self) -> String {
        let blob = self.desk.git(&["rev-parse", "HEAD:secrets/mail"]);
        format!("mail_mail-{}", &blob[..32])
    }

    /// Starts the service.
    pub(crate) fn serve(&self) -> Service {
        self.start(self.command())
    }

    /// Starts a service with its own state directory and another daemon.
    pub(crate) fn serve_beside(&self, docker_host: &str, state: &str) -> Service {
        let mut command = self.command();
        command.env("DOCKER_HOST", docker_host);
        command.args(["--state", state]);
        self.start(command)
    }

    /// The command that starts the service.
    pub(crate) fn command(&self) -> Command {
        let top = self.desk.sandbox.path("");
        let mut command = self.desk.sandbox.command(&top, "hs-secrets");
        self.add_arguments(&mut command, "serve.toml");
        command
    }

    /// Starts a service whose file sizes can be limited later. Exceeding the limit is an error for it rather than a fatal
    /// signal.
    pub(crate) fn serve_within_limits(&self) -> Service {
        let top = self.desk.sandbox.path("");
        let mut shell = self.desk.sandbox.command(&top, "sh");
        shell.args(["-c", "trap '' XFSZ; exec hs-secrets \"$@\"", "sh"]);
        self.add_arguments(&mut shell, "serve.toml");
        self.start(shell)
    }

    /// Starts a receiver in front of an updater. `further` are more settings.
    pub(crate) fn receive(&self, updater: SocketAddr, further: &str) -> Service {
        self.set_receiver(updater, further);
        self.serve_by("receiver.toml")
    }

    /// Starts a service with the settings in this file. If the name is empty, all settings come from the environment.
    pub(crate) fn serve_by(&self, settings: &str) -> Service {
        let top = self.desk.sandbox.path("");
        let mut command = self.desk.sandbox.command(&top, "hs-secrets");
        self.add_arguments(&mut command, settings);
        self.start(command)
    }

    /// Sets an environment variable for all programs that are run from now on.
    pub(crate) fn set_variable(&self, name: &str, value: &str) {
        let mut variables = self.variables.lock().expect("variables");
        variables.retain(|(known, _)| known != name);
        variables.push((name.to_owned(), value.to_owned()));
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.variables.lock().expect("variables").clone()
    }

    /// Writes the settings of a receiver to `receiver.toml`.
    pub(crate) fn set_receiver(&self, updater: SocketAddr, further: &str) {
        let text = format!(
            "listen = \"127.0.0.1:0\"\npage = \"127.0.0.1:0\"\nforward = \"http://{updater}\"\n{further}\n[repositories.lab]\nsecret-files = [\"hook\"]\n"
        );
        let path = self.desk.sandbox.path("receiver.toml");
        fs::write(path, text).expect("the settings");
    }

    fn add_arguments(&self, command: &mut Command, settings: &str) {
        command.env("DOCKER_HOST", &self.docker_host);
        // The service reads the hours of windows in its local time zone.
        command.env("TZ", "UTC").envs(self.variables());
        command.arg("serve");
        if !settings.is_empty() {
            command.args(["--config", settings]);
        }
    }

    fn start(&self, mut command: Command) -> Service {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program under test can be run");
        let log = Arc::new(Log::default());
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        let heard = Arc::clone(&log);
        let hearer = std::thread::spawn(move || heard.collect(lines));
        let line = log.wait_for("listening at ");
        let mut addresses = line
            .split(' ')
            .filter_map(|word| word.trim_end_matches(',').parse().ok());
        let mut address = || addresses.next().unwrap_or_else(|| panic!("{line}"));
        Service {
            forges: address(),
            page: address(),
            child,
            log,
            hearer: Some(hearer),
        }
    }
}

/// The stack `web` with two services, one of which runs this command.
pub(crate) fn web(command: &str) -> String {
    format!(
        "version: '3.7'
x-common: &common
  image: {IMAGE}
  stop_grace_period: 0s
services:
  app:
    <<: *common
    secrets: [token]
    command: [sh, -c, '{command}']
    deploy:
      update_config: {{monitor: 500ms, failure_action: rollback}}
      rollback_config: {{monitor: 200ms}}
      restart_policy: {{delay: 100ms}}
  idle:
    <<: *common
    deploy:
      update_config: {{monitor: 200ms}}
secrets:
  token:
    file: secrets/token
"
    )
}

/// The service under test, killed when dropped.
pub(crate) struct Service {
    pub(crate) forges: SocketAddr,
    pub(crate) page: SocketAddr,
    child: Child,
    pub(crate) log: Arc<Log>,
    hearer: Option<JoinHandle<()>>,
}

impl Service {
    /// Delivers a push of this commit as GitHub does, and returns the response.
    pub(crate) fn deliver(&self, delivery: &str, commit: &str, query: &str) -> Reply {
        let body = github_push("ada/home-lab", "main", commit);
        let headers = github_headers(delivery, &body);
        post(
            self.forges,
            &format!("/hooks/github{query}"),
            &headers,
            &body,
        )
    }

    /// Waits until the newest run of a stack satisfies `enough`, and returns the run.
    #[track_caller]
    pub(crate) fn wait_for_run(
        &self,
        stack: &str,
        enough: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        let started = Instant::now();
        loop {
            let runs = get(self.page, "/runs").expect(200).json();
            let runs = runs["runs"].as_array().expect("runs").clone();
            let newest = runs.into_iter().find(|run| run["stack"] == stack);
            // The listing does not have the output of the runs.
            let newest = newest.map(|run| {
                let whole = format!("/runs/{}", run["run"]);
                get(self.page, &whole).expect(200).json()
            });
            if let Some(newest) = newest.clone().filter(|run| enough(run)) {
                return newest;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "the newest run of {stack} is still {newest:?}\n{}",
                self.log.text_so_far()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until a page satisfies `enough`, and returns it. Other threads of the service may just now change what it shows.
    #[track_caller]
    pub(crate) fn wait_for_page(&self, path: &str, enough: impl Fn(&str) -> bool) -> Reply {
        let started = Instant::now();
        loop {
            let page = get(self.page, path).expect(200);
            if enough(&page.body) {
                return page;
            }
            assert!(started.elapsed() < PATIENCE, "{path} is still {page:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills the service with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Asks the service to end (SIGTERM), and returns its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process id"), Signal::TERM).expect("it runs");
        let code = self.child.wait().expect("it ends").code();
        if let Some(hearer) = self.hearer.take() {
            hearer.join().expect("its log is text");
        }
        code
    }

    /// Stops the service, and returns everything that it has logged. A running service may have lines that it has not yet
    /// written.
    #[track_caller]
    pub(crate) fn whole_log(self) -> String {
        let log = Arc::clone(&self.log);
        assert_eq!(self.stop(), Some(0));
        log.text_so_far()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Limits the size of the files that the service writes. `None` removes the limit.
    pub(crate) fn limit_files(&self, bytes: Option<u64>) {
        let limit = Rlimit {
            current: bytes,
            maximum: None,
        };
        let pid = Pid::from_child(&self.child);
        prlimit(Some(pid), Resource::Fsize, limit).expect("it is ours");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The log of the service.
#[derive(Default)]
pub(crate) struct Log {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

impl Log {
    fn collect(&self, lines: impl BufRead) {
        for line in lines.lines().map_while(Result::ok) {
            self.lines.lock().expect("lines").push(line);
            self.more.notify_all();
        }
    }

    /// Waits for a line that contains these words.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str) -> String {
        let mut lines = self.lines.lock().expect("lines");
        let started = Instant::now();
        loop {
            if let Some(line) = lines.iter().find(|line| line.contains(words)) {
                return line.clone();
            }
            assert!(started.elapsed() < PATIENCE, "no `{words}` in {lines:#?}");
            lines = self.more.wait_timeout(lines, PATIENCE).expect("lines").0;
        }
    }

    /// Stops reading the log until the returned guard is dropped.
    pub(crate) fn unread(&self) -> MutexGuard<'_, Vec<String>> {
        self.lines.lock().expect("lines")
    }

    /// What has been read by now. Checks of the log use [`Log::wait_for`] or [`Service::whole_log`] instead.
    fn text_so_far(&self) -> String {
        self.lines.lock().expect("lines").join("\n")
    }
}
