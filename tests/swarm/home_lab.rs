//! Deploys all stacks of the home lab from a bare clone. Test images stand in for the real ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::harness::engine::{Engine, IMAGE};
use crate::harness::sandbox::{Run, Sandbox, run};

const STACKS: [&str; 6] = ["dns", "docker", "logging", "monitoring", "web", "webhooks"];

struct HomeLab {
    sandbox: Sandbox,
    repository: PathBuf,
    bare: PathBuf,
    engine: Engine,
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn six_stacks_from_a_bare_clone_and_a_change_that_updates_whom_it_concerns() {
    let lab = HomeLab::new();
    let deployed = lab.deploy(&STACKS).succeeds().text();
    for network in ["web", "monitoring", "logging"] {
        assert!(deployed.contains(&format!("created network {network} (overlay, attachable; ")));
    }
    let services = lab.docker(&["service", "ls", "--format", "{{.Name}} {{.Replicas}}"]);
    for service in services.lines() {
        let (name, replicas) = service.split_once(' ').expect("two columns");
        let (running, wanted) = replicas.split_once('/').expect("n/m");
        assert_eq!(running, wanted, "{service}");
        assert!(deployed.contains(&format!("converged service {name} (")));
    }
    let locks = lab.docker(&["config", "ls", "--filter", "label=hs-secrets.lock"]);
    assert_eq!(locks.lines().count(), 1, "{locks}");

    // Change one encrypted file that three services use.
    let before = lab.tasks();
    fs::write(
        lab.repository.join("web/secret/rest.metrics.password"),
        "another\n",
    )
    .expect("the file is ours");
    lab.commit("A new password for the metrics");
    let again = lab.deploy(&["web"]).succeeds();
    assert!(
        again.stderr.contains("A new password for the metrics"),
        "{}",
        again.stderr
    );
    let after = lab.tasks();
    let changed: Vec<&str> = after
        .iter()
        .filter(|(task, _)| !before.contains_key(*task))
        .map(|(_, service)| service.as_str())
        .collect();
    let mut changed: Vec<&str> = changed
        .iter()
        .map(|name| name.split('.').next().expect("a name"))
        .collect();
    changed.sort_unstable();
    changed.dedup();
    let users = [
        "web_comments-api",
        "web_images-api",
        "web_repos-api",
        "web_weather-api",
    ];
    assert_eq!(changed, users, "{}", again.stderr);
    for user in users {
        let says = format!("service {user} will be updated: secret rest-metrics-password");
        assert!(again.stderr.contains(&says), "{}", again.stderr);
    }
    assert_eq!(again.stderr.matches(" will be updated: ").count(), 4);
}

impl HomeLab {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let repository = sandbox.home_lab("home-lab");
        for stack in STACKS {
            let path = repository.join(stack).join("stack.yml");
            let text = fs::read_to_string(&path).expect("a stack file");
            let lines = text.lines().map(|line| match line.split_once("image: ") {
                Some((indent, _)) if indent.trim().is_empty() => {
                    format!("{indent}image: {IMAGE}\n")
                }
                _ => format!("{line}\n"),
            });
            fs::write(path, lines.collect::<String>()).expect("the file is ours");
        }
        let lab = Self {
            bare: sandbox.path("lab.git"),
            engine: Engine::with_networks(),
            repository,
            sandbox,
        };
        lab.sandbox.hs(&lab.repository, ["init"]).succeeds();
        lab.commit("The home lab");
        let root = lab.sandbox.path("");
        lab.sandbox
            .git(&root, ["clone", "--quiet", "--bare", "home-lab", "lab.git"])
            .succeeds();
        lab.sandbox
            .run(&lab.bare, "mkdir", ["-p", "git-crypt/keys"], b"")
            .succeeds();
        lab.sandbox
            .hs(
                &lab.repository,
                ["export-key", "../lab.git/git-crypt/keys/default"],
            )
            .succeeds();
        // Create the external objects that the stacks expect.
        for (kind, name) in [
            ("config", "home-ca-bundle"),
            ("secret", "backup-target"),
            ("secret", "home-lab-key"),
        ] {
            lab.engine
                .docker_with_input([kind, "create", name, "-"], b"made by hand")
                .succeeds();
        }
        lab
    }

    fn commit(&self, message: &str) {
        self.sandbox
            .git(&self.repository, ["add", "--all"])
            .succeeds();
        let commit = ["commit", "--quiet", "--message", message];
        self.sandbox.git(&self.repository, commit).succeeds();
        if self.bare.exists() {
            let fetch = ["fetch", "--quiet", "../home-lab", "+main:main"];
            self.sandbox.git(&self.bare, fetch).succeeds();
        }
    }

    fn deploy(&self, stacks: &[&str]) -> Run {
        let mut command = self.sandbox.command(&self.bare, "hs-secrets");
        command
            .arg("deploy")
            .args(stacks)
            .args(["--rev", "main", "--timeout", "100s", "--"])
            .args(["--resolve-image", "never"])
            .env("DOCKER_HOST", self.engine.host())
            .env("DOCKER_SOCKET", self.engine.socket());
        run(command, b"")
    }

    fn docker(&self, arguments: &[&str]) -> String {
        self.engine.docker(arguments).succeeds().text()
    }

    /// The ids and names of all running tasks. On a busy machine a task may end; until docker starts its successor, there is
    /// none.
    fn tasks(&self) -> BTreeMap<String, String> {
        let mut tasks = BTreeMap::new();
        for stack in STACKS {
            let format = "{{.ID}} {{.Name}}";
            let listed = self.docker(&["stack", "ps", stack, "--format", format]);
            tasks.extend(listed.lines().map(|line| {
                let (id, name) = line.split_once(' ').expect("two columns");
                // docker draws a branch before the name of a task that replaced another one.
                (id.to_owned(), name.trim_start_matches(r" \_ ").to_owned())
            }));
        }
        tasks
    }
}
