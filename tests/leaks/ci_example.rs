//! The CI example, run: its steps as they stand, in a checkout as GitHub's runner makes it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::sandbox::{Run, Sandbox, run};
use crate::{PASSWORD, commit_all, repository, write};

/// A step of the example that runs commands.
struct Step {
    condition: String,
    commands: String,
    needs_key: bool,
}

/// An event that starts the job.
struct Event<'sandbox> {
    sandbox: &'sandbox Sandbox,
    checkout: PathBuf,
    name: &'static str,
    key: String,
}

#[test]
fn a_push_to_a_clean_repository_passes_with_and_without_the_key() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    for key in [String::new(), exported_key(&sandbox, &repository)] {
        let event = Event::of(&sandbox, &repository, "push", key);
        let failed = event.failed_steps();
        assert!(failed.is_empty(), "{failed:?}");
        let sarif = fs::read(event.checkout.join("leaks.sarif")).expect("what is uploaded");
        let sarif: serde_json::Value = serde_json::from_slice(&sarif).expect("JSON");
        assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    }
}

#[test]
fn a_push_with_a_leak_in_its_history_fails_and_uploads_it() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "oops.md", format!("{PASSWORD}\n"));
    commit_all(&sandbox, &repository, "oops");
    fs::remove_file(repository.join("oops.md")).expect("it was there");
    commit_all(&sandbox, &repository, "removed");
    let key = exported_key(&sandbox, &repository);
    let event = Event::of(&sandbox, &repository, "push", key);
    let failed = event.failed_steps();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].contains("--history"), "{failed:?}");
    let sarif = fs::read_to_string(event.checkout.join("leaks.sarif")).expect("it is uploaded");
    assert!(sarif.contains("oops.md"), "{sarif}");
}

#[test]
fn a_pull_request_is_checked_commit_by_commit_and_annotated() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let branch = ["switch", "--quiet", "-c", "feature"];
    sandbox.git(&repository, branch).succeeds();
    commit_all(&sandbox, &repository, "harmless");
    // A fork does not get the key.
    let event = Event::of(&sandbox, &repository, "pull_request", String::new());
    assert!(event.failed_steps().is_empty());
    write(&repository, "secret/app.env", "");
    write(&repository, "run.sh", "DB_PASSWORD=x7Kp2vQ9mR4t\n");
    commit_all(&sandbox, &repository, "oops");
    fs::remove_file(repository.join("run.sh")).expect("it was there");
    commit_all(&sandbox, &repository, "removed");
    let event = Event::of(&sandbox, &repository, "pull_request", String::new());
    let failed = event.failed_steps();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(
        failed[0].contains("::error file=run.sh,line=1"),
        "{failed:?}"
    );
}

impl<'sandbox> Event<'sandbox> {
    /// A checkout with all of history and a detached `HEAD`, as actions/checkout leaves it.
    fn of(sandbox: &'sandbox Sandbox, from: &Path, name: &'static str, key: String) -> Self {
        let checkout = sandbox.path("checkout");
        if checkout.exists() {
            fs::remove_dir_all(&checkout).expect("the last one");
        }
        let clone = [Path::new("clone"), Path::new("--quiet"), from, &checkout];
        sandbox.git(&sandbox.path(""), clone).succeeds();
        let detach = ["switch", "--quiet", "--detach"];
        sandbox.git(&checkout, detach).succeeds();
        Self {
            sandbox,
            checkout,
            name,
            key,
        }
    }

    /// Runs the steps as the runner does; after a failure none but those with `always()` would follow, so the commands
    /// and output of each failed one are told.
    fn failed_steps(&self) -> Vec<String> {
        let steps = steps();
        assert!(steps.len() >= 4, "the example has lost its steps");
        let mut failed = Vec::new();
        for step in steps.iter().filter(|step| self.is_met(&step.condition)) {
            let run = self.run(step);
            if run.code != 0 {
                let said = format!("{}\n{}{}", step.commands, run.text(), run.stderr);
                assert_eq!(run.code, 3, "{said}");
                failed.push(said);
            }
        }
        failed
    }

    fn is_met(&self, condition: &str) -> bool {
        match condition {
            "" => true,
            "env.HS_SECRETS_KEY != ''" => !self.key.is_empty(),
            "github.event_name == 'pull_request'" => self.name == "pull_request",
            "github.event_name == 'push'" => self.name == "push",
            other => panic!("a condition that this test does not know: {other}"),
        }
    }

    fn run(&self, step: &Step) -> Run {
        let script = self.sandbox.path("step.sh");
        // There is no network here: the program under test is installed already.
        let install = "cargo() { [ \"$1 $2 $3\" = 'install --locked hs-secrets' ]; }\n";
        fs::write(&script, format!("{install}{}\n", step.commands)).expect("a script");
        let mut command = self.sandbox.command(&self.checkout, "bash");
        command.arg("-e").arg(&script);
        command.env("GITHUB_BASE_REF", "main");
        if step.needs_key {
            command.env("HS_SECRETS_KEY", &self.key);
        }
        run(command, b"")
    }
}

/// The steps of the example that run commands.
fn steps() -> Vec<Step> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/leaks/ci-example.yml");
    let text = fs::read_to_string(path).expect("the example");
    let (_, text) = text.split_once("    steps:\n").expect("steps");
    let steps = text.split("      - ").skip(1).map(|step| {
        let lines = step.lines().filter_map(|line| line.trim().split_once(": "));
        let fields: HashMap<&str, &str> = lines
            .map(|(name, value)| (name, value.split(" #").next().unwrap_or(value)))
            .collect();
        let field = |name: &str| fields.get(name).copied().unwrap_or_default().to_owned();
        Step {
            condition: field("if"),
            commands: field("run"),
            needs_key: fields.contains_key("HS_SECRETS_KEY"),
        }
    });
    steps.filter(|step| !step.commands.is_empty()).collect()
}

/// As the example says to make it.
fn exported_key(sandbox: &Sandbox, repository: &Path) -> String {
    let export = "hs-secrets export-key - | base64 -w0";
    let run = sandbox.run(repository, "bash", ["-c", export], b"");
    run.succeeds().text()
}
