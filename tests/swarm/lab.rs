//! A repository with one small stack, and an engine to deploy it to.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use crate::harness::desk::Desk;
use crate::harness::engine::{Engine, IMAGE};
use crate::harness::sandbox::{Run, Sandbox};

/// The repository, its engine and its stack. Tests share an engine, so each has its own stack name.
pub(crate) struct Lab {
    pub(crate) desk: Desk,
    pub(crate) engine: Arc<Engine>,
    pub(crate) stack: &'static str,
}

impl Deref for Lab {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Lab {
    /// A repository with one secret and one config, committed.
    pub(crate) fn new(stack: &'static str) -> Self {
        Self::on(Engine::shared(), stack)
    }

    /// A folder for `PATH` that contains only git.
    pub(crate) fn folder_with_git_only(&self) -> PathBuf {
        let folder = self.sandbox.path("git-only");
        fs::create_dir(&folder).expect("a folder");
        let search = std::env::var_os("PATH").expect("a PATH");
        let git = std::env::split_paths(&search)
            .map(|folder| folder.join("git"))
            .find(|git| git.is_file())
            .expect("git is there: apt-get install git");
        std::os::unix::fs::symlink(git, folder.join("git")).expect("a link");
        folder
    }

    /// Like [`Lab::new`], in a repository of a format, written as in [`Sandbox::of_format`].
    pub(crate) fn of_format(format: &str, stack: &'static str) -> Self {
        let desk = Desk::empty_in(Sandbox::of_format(format), "lab");
        Self::at(desk, Engine::shared(), stack)
    }

    pub(crate) fn on(engine: Arc<Engine>, stack: &'static str) -> Self {
        Self::at(Desk::empty("lab"), engine, stack)
    }

    fn at(desk: Desk, engine: Arc<Engine>, stack: &'static str) -> Self {
        let lab = Self {
            desk,
            engine,
            stack,
        };
        lab.sandbox.hs(&lab.repository, ["init"]).succeeds();
        lab.write(
            ".gitattributes",
            "secrets/* filter=git-crypt diff=git-crypt\n",
        );
        lab.write("secrets/token", "first secret\n");
        lab.write("config/settings", "first settings\n");
        lab.write(
            &format!("{stack}.yml"),
            "version: '3.7'
services:
  app:
    image: app
    secrets: [token]
    configs: [settings]
secrets:
  token:
    file: secrets/token
    labels: {team: edge}
configs:
  settings:
    file: config/settings
",
        );
        lab.commit();
        lab
    }

    /// Replaces a text in the stack file.
    pub(crate) fn edit_stack(&self, from: &str, to: &str) {
        let file = format!("{}.yml", self.stack);
        let text = fs::read_to_string(self.repository.join(&file)).expect("the stack file");
        assert!(text.contains(from), "{text}");
        self.write(&file, text.replace(from, to));
    }

    pub(crate) fn commit(&self) {
        self.desk.commit("change");
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.desk.git(arguments).trim().to_owned()
    }

    /// Runs `hs-secrets VERB STACK ARGUMENTS…` against the engine.
    pub(crate) fn hs(&self, verb: &str, arguments: &[&str]) -> Run {
        let words = [verb, self.stack]
            .into_iter()
            .chain(arguments.iter().copied());
        crate::harness::sandbox::run(self.command(&self.repository, words), b"")
    }

    /// Starts `hs-secrets VERB STACK` with its output piped.
    pub(crate) fn start(&self, verb: &str) -> Child {
        self.command(&self.repository, [verb, self.stack])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program under test can be run")
    }

    pub(crate) fn command<'a>(
        &self,
        directory: &Path,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Command {
        let mut command = self.sandbox.command(directory, "hs-secrets");
        command.env("DOCKER_HOST", self.engine.host()).args(words);
        command
    }

    /// Changes both files, commits and syncs. Returns the name of the new secret.
    pub(crate) fn next_version(&self, word: &str) -> String {
        self.write("secrets/token", format!("{word} secret\n"));
        self.write("config/settings", format!("{word} settings\n"));
        self.commit();
        let created = self.hs("sync", &[]).succeeds().text();
        name_in(&created, "created secret ")
    }

    /// Replaces the stack's only secret by ciphertext, as `docker stack deploy` in a locked work tree would.
    pub(crate) fn publish_ciphertext(&self) -> String {
        let name = self.secrets().remove(0);
        self.engine.docker(["secret", "rm", &name]).succeeds();
        let label = format!("com.docker.stack.namespace={}", self.stack);
        let create = ["secret", "create", "--label", &label, &name, "-"];
        let published = self.engine.docker_with_input(create, b"\0GITCRYPT\0");
        published.succeeds();
        name
    }

    /// Names of this stack's secrets in the Swarm.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.names("secret")
    }

    pub(crate) fn names(&self, kind: &str) -> Vec<String> {
        let filter = format!("label=com.docker.stack.namespace={}", self.stack);
        let arguments = [kind, "ls", "--filter", &filter, "--format", "{{.Name}}"];
        let listed = self.engine.docker(arguments).succeeds().text();
        // The record of a deployment is a config, but not one of the stack's.
        let names = listed
            .lines()
            .filter(|name| !name.starts_with("hs-secrets-"));
        names.map(str::to_owned).collect()
    }

    /// Creates the stack's service, which prints the secret and sleeps.
    pub(crate) fn create_service(&self, secret: &str) {
        let service = format!("{}_app", self.stack);
        let mount = format!("source={secret},target=token");
        let arguments = [
            "service",
            "create",
            "--detach",
            "--quiet",
            "--no-resolve-image",
            "--name",
            &service,
            "--secret",
            &mount,
            "--stop-grace-period",
            "0s",
            "--update-monitor",
            "100ms",
            "--rollback-monitor",
            "100ms",
            IMAGE,
            "sh",
            "-c",
            "cat /run/secrets/token; sleep 1000",
        ];
        self.engine.docker(arguments).succeeds();
    }

    /// Makes the service use another version of the secret, as a deployment would.
    pub(crate) fn update_service(&self, from: &str, to: &str) {
        let service = format!("{}_app", self.stack);
        let mount = format!("source={to},target=token");
        let arguments = [
            "service",
            "update",
            "--detach",
            "--quiet",
            "--no-resolve-image",
            "--secret-rm",
            from,
            "--secret-add",
            &mount,
            &service,
        ];
        self.engine.docker(arguments).succeeds();
        self.wait_for_update("completed");
    }

    pub(crate) fn wait_for_update(&self, state: &str) {
        let service = format!("{}_app", self.stack);
        let status = "{{.UpdateStatus.State}} {{.UpdateStatus.Message}}";
        self.engine.wait_for(
            &["service", "inspect", "--format", status, &service],
            |output| output.starts_with(state),
        );
    }
}

/// The rest of the first line that starts with `beginning`.
#[track_caller]
pub(crate) fn name_in(output: &str, beginning: &str) -> String {
    output
        .lines()
        .find_map(|line| line.strip_prefix(beginning))
        .unwrap_or_else(|| panic!("no `{beginning}…` in {output:?}"))
        .to_owned()
}
