//! A small stack to deploy, on an engine with networks.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, Weak};

use crate::harness::desk::Desk;
use crate::harness::engine::{Engine, IMAGE};
use crate::harness::sandbox::{Run, Sandbox};
use crate::lab::Lab;

static NETWORKED: Mutex<Weak<Engine>> = Mutex::new(Weak::new());

/// An engine with networks, which the stack needs. These tests share it.
fn engine() -> Arc<Engine> {
    let mut shared = NETWORKED
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    shared.upgrade().unwrap_or_else(|| {
        let engine = Arc::new(Engine::with_networks());
        *shared = Arc::downgrade(&engine);
        engine
    })
}

/// A stack with two services, of which one uses the secret, and with an `env_file`.
pub(crate) fn lab(stack: &'static str) -> Lab {
    let lab = Lab::on(engine(), stack);
    lab.write("secrets/app.env", "VALUE=kept-in-memory\n");
    lab.write(
        &format!("{stack}.yml"),
        format!(
            "version: '3.7'
x-common: &common
  image: {IMAGE}
  stop_grace_period: 0s
services:
  app:
    <<: *common
    env_file: [./secrets/app.env]
    secrets: [token]
    command: [sh, -c, 'echo $$VALUE; cat /run/secrets/token; sleep 1000']
    deploy:
      update_config: {{monitor: 500ms, failure_action: rollback}}
      rollback_config: {{monitor: 500ms}}
      restart_policy: {{delay: 200ms}}
  idle:
    <<: *common
    deploy:
      update_config: {{monitor: 500ms}}
secrets:
  token:
    file: secrets/token
"
        ),
    );
    lab.commit();
    lab
}

impl Lab {
    pub(crate) fn deploy(&self, arguments: &[&str]) -> Run {
        let docker = ["--", "--resolve-image", "never"];
        self.hs("deploy", &[arguments, &docker].concat())
    }

    pub(crate) fn start_deploy(&self) -> Child {
        self.start_deploy_with(&[], &[])
    }

    /// Starts a deployment with further arguments and variables.
    pub(crate) fn start_deploy_with(
        &self,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Child {
        let (stack, docker) = (["deploy", self.stack], ["--", "--resolve-image", "never"]);
        let words = [&stack, arguments, &docker].concat();
        self.command(&self.repository, words)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program under test can be run")
    }

    pub(crate) fn tasks(&self, service: &str) -> String {
        let service = format!("{}_{service}", self.stack);
        let running = ["--quiet", "--filter", "desired-state=running"];
        let arguments = [&["service", "ps"][..], &running, &[&service]].concat();
        self.engine.docker(arguments).succeeds().text()
    }

    pub(crate) fn logs_of_app(&self, enough: &str) {
        let service = format!("{}_app", self.stack);
        self.engine
            .wait_for(&["service", "logs", "--raw", &service], |logs| {
                logs.contains(enough)
            });
    }

    /// The current spec of a service.
    pub(crate) fn spec(&self, service: &str) -> String {
        let service = format!("{}_{service}", self.stack);
        let inspect = ["service", "inspect", "--format", "{{json .Spec}}", &service];
        self.engine.docker(inspect).succeeds().text()
    }

    /// The name of the secret's version at a revision.
    pub(crate) fn token_at(&self, revision: &str) -> String {
        let blob = self.git(&["rev-parse", &format!("{revision}:secrets/token")]);
        format!("{}_token-{}", self.stack, &blob[..32])
    }

    /// An unlocked bare clone.
    pub(crate) fn bare_clone(&self) -> PathBuf {
        let bare = self.sandbox.path("bare.git");
        let words = ["clone", "--quiet", "--bare", "lab", "bare.git"];
        self.sandbox.git(&self.sandbox.path(""), words).succeeds();
        fs::create_dir_all(bare.join("git-crypt/keys")).expect("a place for keys");
        let export = ["export-key", "../bare.git/git-crypt/keys/default"];
        self.sandbox.hs(&self.repository, export).succeeds();
        bare
    }
}

/// An unlocked clone.
pub(crate) fn clone_of(lab: &Lab) -> Lab {
    let sandbox = Sandbox::new();
    let from = lab.repository.display().to_string();
    sandbox
        .git(&sandbox.path(""), ["clone", "--quiet", &from, "clone"])
        .succeeds();
    let desk = Desk {
        repository: sandbox.path("clone"),
        sandbox,
    };
    let clone = Lab {
        desk,
        engine: Arc::clone(&lab.engine),
        stack: lab.stack,
    };
    let key = clone.sandbox.path("key").display().to_string();
    let export = ["export-key", &key];
    lab.sandbox.hs(&lab.repository, export).succeeds();
    clone.desk.hs(["unlock", &key]).succeeds();
    clone
}
