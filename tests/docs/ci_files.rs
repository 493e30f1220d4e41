//! The files for CI systems in `fixtures/ci`, run: their steps as they stand, in a checkout as a runner makes it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::engine::{Engine, IMAGE};
use crate::harness::sandbox::{Run, Sandbox, run};
use crate::yaml;

/// A password that is known, since `web/secret/password` holds it encrypted.
const PASSWORD: &str = "velvet-harbor-quince-58";

/// What these steps install is there already.
const INSTALLED: &str = "apt-get() { :; }\n\
    pipx() { [ \"$*\" = 'install hs-secrets' ]; }\n\
    pip() { [ \"$*\" = 'install --quiet hs-secrets' ]; }\n";

/// The systems, by the names of their files.
const SYSTEMS: [&str; 3] = ["github", "forgejo", "gitlab"];

const PUSH: &str = "push";
const CHANGE: &str = "pull_request";

/// A step that runs commands.
struct Step {
    condition: String,
    commands: String,
    has_key: bool,
}

/// A repository, and a runner with a checkout of it.
struct Runner {
    sandbox: Sandbox,
    repository: PathBuf,
}

#[test]
fn a_push_to_a_clean_repository_passes_with_and_without_the_key() {
    for system in SYSTEMS {
        let runner = Runner::new();
        for key in ["", &runner.key()] {
            let failed = runner.checks(system, PUSH, key);
            assert!(failed.is_none(), "{system}: {failed:?}");
        }
        if system != "forgejo" {
            let sarif = fs::read(runner.checkout().join("leaks.sarif")).expect("it is uploaded");
            let sarif: Value = serde_json::from_slice(&sarif).expect("JSON");
            assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
        }
    }
}

#[test]
fn a_push_with_a_leak_in_its_history_fails_and_names_it() {
    for system in SYSTEMS {
        let runner = Runner::new();
        runner.leaks_and_mends("notes.md", PASSWORD);
        let failed = runner.checks(system, PUSH, &runner.key());
        let failed = failed.unwrap_or_else(|| panic!("{system}: the leak is not found"));
        assert!(failed.contains("--history"), "{system}: {failed}");
        let sarif = fs::read_to_string(runner.checkout().join("leaks.sarif"));
        let named = sarif.unwrap_or_default() + &failed;
        assert!(named.contains("notes.md"), "{system}: {named}");
    }
}

#[test]
fn a_change_is_checked_commit_by_commit_without_the_key() {
    for system in SYSTEMS {
        let runner = Runner::new();
        runner.git(&["switch", "--quiet", "-c", "feature"]);
        runner.commits("harmless.md", "nothing\n");
        let failed = runner.checks(system, CHANGE, "");
        assert!(failed.is_none(), "{system}: {failed:?}");
        runner.leaks_and_mends("run.sh", "DB_PASSWORD=x7Kp2vQ9mR4t"); // hs-secrets: allow password-assignment
        let failed = runner.checks(system, CHANGE, "");
        let failed = failed.unwrap_or_else(|| panic!("{system}: the leak is not found"));
        let place = if system == "github" {
            "::error file=run.sh,line=1"
        } else {
            "run.sh:1"
        };
        assert!(failed.contains(place), "{system}: {failed}");
    }
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_push_is_deployed_and_leaves_no_key_on_the_runner() {
    let runner = Runner::new();
    let engine = Engine::with_networks();
    // Their steps are the same: what the first has brought, the others find.
    for system in SYSTEMS {
        runner.check_out(PUSH);
        let failed = runner.runs(system, "deploy", PUSH, &runner.key(), Some(&engine));
        assert!(failed.is_none(), "{system}: {failed:?}");
        let secrets = engine.docker(["secret", "ls", "--quiet"]).text();
        assert_eq!(secrets.lines().count(), 1, "{secrets}");
        let left = fs::read(runner.checkout().join("web/secret/password")).expect("a file");
        assert!(left.starts_with(b"\0GITCRYPT\0"), "{system}: {left:?}");
        let keys = runner.checkout().join(".git/git-crypt/keys/default");
        assert!(!keys.exists(), "{system}");
    }
}

#[test]
fn the_page_shows_the_steps_of_the_deploying_job() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(top.join("docs/ci.md")).expect("the page");
    let block = page.split("```sh\n").nth(1).expect("a block of shell");
    let shown = block.lines().take_while(|line| *line != "```");
    let shown: Vec<&str> = shown
        .map(|line| line.split("  #").next().unwrap_or(line).trim_end())
        .collect();
    for system in SYSTEMS {
        let steps = steps(system, "deploy");
        let steps: Vec<&str> = steps.iter().map(|step| step.commands.as_str()).collect();
        assert_eq!(shown, steps, "{system}");
    }
}

#[test]
fn the_page_names_every_file() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(top.join("docs/ci.md")).expect("the page");
    for file in fs::read_dir(top.join("fixtures/ci")).expect("the files") {
        let name = file.expect("a file").file_name();
        let name = name.to_str().expect("UTF-8");
        assert!(page.contains(&format!("../fixtures/ci/{name}")), "{name}");
        assert!(SYSTEMS.contains(&name.trim_end_matches(".yml")), "{name}");
    }
}

impl Runner {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let repository = sandbox.repository("repository");
        let runner = Self {
            sandbox,
            repository,
        };
        let attributes = "**/secret/** filter=git-crypt diff=git-crypt merge=git-crypt\n";
        let stack = format!(
            "version: '3.7'\nservices:\n  app:\n    image: {IMAGE}\n    secrets: [password]\n\
             secrets:\n  password:\n    file: ./secret/password\n"
        );
        let init = runner.sandbox.hs(&runner.repository, ["init"]);
        init.succeeds();
        runner.writes(".gitattributes", attributes);
        runner.writes("web/stack.yml", &stack);
        runner.commits("web/secret/password", &format!("{PASSWORD}\n"));
        runner
    }

    fn checkout(&self) -> PathBuf {
        self.sandbox.path("checkout")
    }

    fn writes(&self, path: &str, content: &str) {
        let path = self.repository.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) {
        self.sandbox.git(&self.repository, arguments).succeeds();
    }

    #[track_caller]
    fn commits(&self, path: &str, content: &str) {
        self.writes(path, content);
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "-m", path]);
    }

    /// One commit with a leak, and one without it.
    fn leaks_and_mends(&self, path: &str, leak: &str) {
        self.commits(path, &format!("{leak}\n"));
        self.git(&["rm", "--quiet", path]);
        self.git(&["commit", "--quiet", "-m", "mended"]);
    }

    /// The key as the files say to export it.
    fn key(&self) -> String {
        let export = ["export-key", "--base64", "-"];
        let run = self.sandbox.hs(&self.repository, export).succeeds();
        run.text().trim_end().to_owned()
    }

    /// A new checkout with all of history and a detached `HEAD`, as runners leave it.
    fn check_out(&self, event: &str) {
        let checkout = self.checkout();
        if checkout.exists() {
            fs::remove_dir_all(&checkout).expect("the last one");
        }
        let clone = [
            Path::new("clone"),
            "--quiet".as_ref(),
            &self.repository,
            &checkout,
        ];
        self.sandbox.git(&self.sandbox.path(""), clone).succeeds();
        let branch = if event == CHANGE { "feature" } else { "main" };
        let remote = format!("origin/{branch}");
        let detach = ["switch", "--quiet", "--detach", &remote];
        self.sandbox.git(&checkout, detach).succeeds();
    }

    /// Runs the job `check` in a new checkout. What the first failed step has said, which has found something.
    fn checks(&self, system: &str, event: &str, key: &str) -> Option<String> {
        self.check_out(event);
        let run = self.runs(system, "check", event, key, None)?;
        assert_eq!(run.code, 3, "{system}: {run:?}");
        Some(format!("{}\n{}{}", run.command, run.text(), run.stderr))
    }

    /// Runs the steps of a job as the runner does: after one that failed, only those with `always()`.
    fn runs(
        &self,
        system: &str,
        job: &str,
        event: &str,
        key: &str,
        engine: Option<&Engine>,
    ) -> Option<Run> {
        let mut failed: Option<Run> = None;
        for step in steps(system, job) {
            let is_due = failed.is_none() || step.condition.contains("always()");
            if !is_due || !is_met(&step.condition, event) {
                continue;
            }
            let mut run = self.step(&step, event, key, engine);
            run.command = step.commands;
            if run.code != 0 && failed.is_none() {
                failed = Some(run);
            }
        }
        failed
    }

    fn step(&self, step: &Step, event: &str, key: &str, engine: Option<&Engine>) -> Run {
        let mut command = self.sandbox.command(&self.checkout(), "bash");
        command.args(["-e", "-c", &format!("{INSTALLED}{}\n", step.commands)]);
        if step.has_key {
            command.env("HS_SECRETS_KEY", key);
        }
        if event == CHANGE {
            let base = ["merge-base", "HEAD", "origin/main"];
            let base = self.sandbox.git(&self.checkout(), base).succeeds().text();
            command
                .env("GITHUB_BASE_REF", "main")
                .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.trim_end());
        }
        if let Some(engine) = engine {
            command.env("DOCKER_HOST", engine.host());
        }
        run(command, b"")
    }
}

fn is_met(condition: &str, event: &str) -> bool {
    condition.split(" && ").all(|part| match part {
        "" | "always()" => true,
        "github.event_name == 'pull_request'" => event == CHANGE,
        "github.event_name == 'push'" => event == PUSH,
        other => panic!("a condition that this test does not know: {other}"),
    })
}

/// The steps of a job that run commands.
fn steps(system: &str, job: &str) -> Vec<Step> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = top.join(format!("fixtures/ci/{system}.yml"));
    let file = yaml::read(&fs::read_to_string(path).expect("the file"));
    let steps: Vec<Step> = if system == "gitlab" {
        let lines = |name: &str| list(&file[job][name]);
        let step = |condition: &str, commands: &Value| Step {
            condition: condition.to_owned(),
            commands: text(commands),
            has_key: true,
        };
        let script = lines("script");
        let afterwards = lines("after_script");
        let script = script.iter().map(|line| step("", line));
        let afterwards = afterwards.iter().map(|line| step("always()", line));
        script.chain(afterwards).collect()
    } else {
        let steps = list(&file["jobs"][job]["steps"]);
        let runs = steps.iter().filter(|step| !step["run"].is_null());
        let read = runs.map(|step| Step {
            condition: text(&step["if"]),
            commands: text(&step["run"]),
            has_key: text(&step["env"]["HS_SECRETS_KEY"]) == "${{ secrets.HS_SECRETS_KEY }}",
        });
        read.collect()
    };
    assert!(steps.len() >= 4, "{system} has lost its steps");
    steps
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
