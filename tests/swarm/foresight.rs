//! `plan` predicts what `deploy` will do. Both tell the user if somebody else has deployed something newer.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::deploy_lab::{clone_of, lab};
use crate::harness::engine::IMAGE;
use crate::harness::sandbox::run;
use crate::lab::Lab;

/// The output of `plan` if a deployment would change nothing.
const NOTHING: &str = "nothing to do\n";

fn planned(lab: &Lab) -> String {
    lab.hs("plan", &[]).ends_with(3).text()
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_plan_sees_changes_of_stack_files_variables_and_env_files() {
    let lab = lab("foreseen");
    lab.edit_stack("VALUE; cat", "VALUE ${TAG:-none}; cat");
    lab.commit();
    let first = planned(&lab);
    for service in [
        "create service foreseen_app\n",
        "create service foreseen_idle\n",
    ] {
        assert!(first.contains(service), "{first}");
    }
    lab.deploy(&[]).succeeds();
    let deployed = &lab.git(&["rev-parse", "HEAD"])[..7];
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), NOTHING);
    let update = |what: &str| {
        format!("update stack foreseen: changed since commit {deployed} was deployed: {what}\n")
    };

    let mut command = lab.command(&lab.repository, ["plan", "foreseen"]);
    command.env("TAG", "2");
    let tagged = run(command, b"").ends_with(3).text();
    assert_eq!(tagged, update("the value of $TAG"));

    // Comments and layout change nothing.
    lab.edit_stack("services:\n", "# Our services.\nservices:   \n");
    lab.commit();
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), NOTHING);
    lab.edit_stack("sleep 1000", "sleep 2000");
    assert_eq!(planned(&lab), update("foreseen.yml"));
    let stderr = lab.hs("plan", &[]).stderr;
    let uncommitted = "warning: stack foreseen: not committed: foreseen.yml\n";
    assert!(stderr.contains(uncommitted), "{stderr}");
    lab.edit_stack("sleep 2000", "sleep 1000");

    lab.write("secrets/app.env", "VALUE=another\n");
    assert_eq!(planned(&lab), update("secrets/app.env"));
    lab.commit();
    assert_eq!(planned(&lab), update("secrets/app.env"));
    // The digest for a commit needs no key.
    let key = lab.sandbox.path("key").display().to_string();
    lab.sandbox
        .hs(&lab.repository, ["export-key", &key])
        .succeeds();
    lab.sandbox.hs(&lab.repository, ["lock"]).succeeds();
    assert_eq!(planned(&lab), update("secrets/app.env"));
    lab.sandbox.hs(&lab.repository, ["unlock", &key]).succeeds();
    let said = lab.deploy(&[]).succeeds().stderr;
    let line = update("secrets/app.env").replacen(
        "update stack foreseen:",
        "stack foreseen will be updated:",
        1,
    );
    assert!(said.contains(&line), "{said}");
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), NOTHING);

    let converged = lab.git(&["rev-parse", "--short=7", "HEAD"]);
    // A deployment that did not converge is planned again.
    lab.edit_stack("[sh, -c, ", "[no-such-program, ");
    lab.commit();
    let failed = lab.deploy(&[]).fails_saying(&["no-such-program"]);
    let hint = "`rollback foreseen` deploys what was wanted before";
    assert!(failed.stderr.contains(hint), "{}", failed.stderr);
    let again = planned(&lab);
    assert!(
        again.contains("not all services converged after commit "),
        "{again}"
    );

    // Go back to the last deployment that converged, which need not be the previous commit. The name ends with a slash, as a
    // shell completes a folder's name.
    lab.write("secrets/app.env", "VALUE=third\n");
    lab.commit();
    let mut command = lab.command(&lab.repository, ["rollback", "foreseen/"]);
    command.args(["--", "--resolve-image", "never"]);
    let back = run(command, b"").succeeds();
    let said = format!("going back to commit {converged}");
    assert!(back.stderr.contains(&said), "{}", back.stderr);
    lab.hs("deploy", &["--dry-run"]).ends_with(3);

    let rm = ["stack", "rm", "foreseen"];
    lab.engine.docker(rm).succeeds();
    let config = ["config", "ls", "--format", "{{.Name}}"];
    lab.engine.wait_for(&config, |names| {
        !names.contains("hs-secrets-deployed-foreseen")
    });
    assert!(planned(&lab).contains("create service foreseen_app\n"));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_old_clone_puts_nothing_old_back() {
    let lab = lab("oldclone");
    lab.deploy(&[]).succeeds();
    let clone = clone_of(&lab);
    clone.write("secrets/token", "rotated\n");
    clone.commit();
    clone.deploy(&[]).succeeds();
    let rotated = clone.token_at("HEAD");
    let commit = &clone.git(&["rev-parse", "HEAD"])[..7];

    let told = format!(
        "the Swarm runs secret {rotated} of commit {commit}, which this clone does not have"
    );
    let planned = lab.hs("plan", &[]).ends_with(3);
    assert!(planned.stderr.contains(&told), "{}", planned.stderr);
    assert!(
        planned.stderr.contains("hint: `git pull` first\n"),
        "{}",
        planned.stderr
    );
    let refused = lab.deploy(&[]).fails_saying(&[&told]);
    let hint =
        "hint: `git pull` first; where that commit is gone for good, as after a rebase, `--force`";
    assert!(refused.stderr.contains(hint), "{}", refused.stderr);
    assert!(lab.spec("app").contains(&rotated), "nothing was changed");
    lab.deploy(&["--force"]).succeeds();
    assert!(!lab.spec("app").contains(&rotated));

    // If the clone has the commits, on another branch or ahead of the revision, there is at most a warning, and no refusal.
    let behind = clone.deploy(&["--rev", "HEAD~1"]).succeeds();
    assert!(
        !behind.stderr.contains("does not have"),
        "{}",
        behind.stderr
    );
    clone.deploy(&[]).succeeds();
    let back = clone.deploy(&["--rev", "HEAD~1"]).succeeds();
    let told = format!("of commit {commit}, which the revision in hand does not contain");
    assert!(back.stderr.contains(&told), "{}", back.stderr);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn docker_s_objections_come_first_and_a_client_that_does_nothing_is_not_believed() {
    let lab = lab("objections");
    lab.edit_stack(
        "    secrets: [token]\n",
        "    secrets: [token]\n    imge: x\n",
    );
    let words = [
        "objections.yml:10: docker refuses stack objections: ",
        "imge",
    ];
    lab.hs("plan", &[]).fails_saying(&words);
    let refused = lab.deploy(&[]).fails_saying(&words);
    assert!(
        refused
            .stderr
            .contains("hint: nothing was changed in the Swarm"),
        "{}",
        refused.stderr
    );
    assert_eq!(lab.secrets(), [""; 0]);
    lab.edit_stack(
        "    imge: x\n",
        &format!("    labels: {{a: '${{NEEDED:?say what}}', b: {IMAGE}}}\n"),
    );
    lab.deploy(&[]).fails_saying(&["NEEDED", "say what"]);
    assert_eq!(lab.secrets(), [""; 0]);
    lab.edit_stack("${NEEDED:?say what}", "given");

    lab.hs("deploy", &["--", "--help"]).fails_saying(&[
        "docker stack deploy objections ended without an error, and did not deploy objections_app, objections_idle",
    ]);
    // A docker client that is too old for this daemon.
    let client = lab.sandbox.path("old/docker");
    fs::create_dir(lab.sandbox.path("old")).expect("a folder");
    let script = "#!/bin/sh\necho 'client version 1.24 is too old' >&2\nexit 1\n";
    fs::write(&client, script).expect("a script");
    fs::set_permissions(&client, fs::Permissions::from_mode(0o755)).expect("it is ours");
    lab.write("secrets/token", "newer\n");
    lab.commit();
    let before = lab.secrets();
    let search = std::env::var("PATH").expect("a PATH");
    let path = format!("{}:{search}", lab.sandbox.path("old").display());
    let program = env!("CARGO_BIN_EXE_hs-secrets");
    let mut command = lab.sandbox.command(&lab.repository, program);
    command
        .env("PATH", path)
        .env("DOCKER_HOST", lab.engine.host());
    command.args(["deploy", "objections"]);
    run(command, b"").fails_saying(&["can't talk to the daemon: client version 1.24 is too old"]);
    assert_eq!(lab.secrets(), before);
}
