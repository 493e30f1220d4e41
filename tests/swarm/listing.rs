//! `plan` and `ls` show what the Swarm has and what is missing.

use crate::harness::sandbox::run;
use crate::lab::Lab;
use crate::prune::four_versions_third_running;

/// The output of `plan` if secrets and configs are complete.
const NOTHING: &str = "nothing to do for secrets and configs\n";

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_plan_needs_no_key_and_tells_by_its_exit_code() {
    let lab = Lab::new("planned");
    lab.sandbox
        .hs(&lab.repository, ["lock", "--discard-key"])
        .succeeds();
    let planned = lab.hs("plan", &[]).ends_with(3).text();
    let blob = lab.git(&["rev-parse", "HEAD:secrets/token"]);
    let line = format!(
        "create secret planned_token-{} (secrets/token)\n",
        &blob[..32]
    );
    assert!(planned.contains(&line), "{planned}");
    let json = lab.hs("plan", &["--json"]).ends_with(3).text();
    let json: serde_json::Value = serde_json::from_str(&json).expect("it prints JSON");
    assert_eq!(json[0]["create"][0]["version"], blob[..32]);
    lab.hs("sync", &[]).fails_saying(&["locked"]);
    let created = lab.secrets().len() + lab.names("config").len();
    assert_eq!(created, 0, "nothing is created by halves");

    let key = lab.sandbox.path("key");
    let key = key.to_str().expect("a path in ASCII");
    assert!(!std::path::Path::new(key).exists());
    let lab = Lab::new("planned2");
    lab.hs("sync", &[]).succeeds();
    lab.sandbox
        .hs(&lab.repository, ["lock", "--discard-key"])
        .succeeds();
    let planned = lab.hs("plan", &[]).ends_with(3).text();
    assert_eq!(planned, "create service planned2_app\n");
    assert_eq!(lab.hs("sync", &[]).succeeds().text(), "nothing to do\n");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_plan_names_the_services_that_would_restart_and_why() {
    let lab = Lab::new("restart");
    lab.hs("sync", &[]).succeeds();
    let first = lab.secrets().remove(0);
    lab.create_service(&first);
    lab.edit_stack("    configs: [settings]\n", "");
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), NOTHING);
    let second = lab.next_version("second");
    let planned = lab.hs("plan", &[]).ends_with(3).text();
    let version = |name: &str| name["restart_token-".len()..][..12].to_owned();
    assert_eq!(
        planned,
        format!(
            "restart service restart_app: secret token (secrets/token) {} -> {}\n  commit {} change\n",
            version(&first),
            version(&second),
            &lab.git(&["rev-parse", "HEAD"])[..7]
        )
    );
    let json = lab.hs("plan", &["--json"]).ends_with(3).text();
    let json: serde_json::Value = serde_json::from_str(&json).expect("it prints JSON");
    let restart = &json[0]["restart"][0];
    assert_eq!(restart["after"], second);
    assert_eq!(restart["commits"][0]["id"], lab.git(&["rev-parse", "HEAD"]));
    assert_eq!(restart["commits"][0]["summary"], "change");
    assert_eq!(json[0]["present"].as_array().map(Vec::len), Some(2));
    lab.update_service(&first, &second);
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), NOTHING);
    lab.edit_stack("image: app", "image: other");
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), NOTHING);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_plan_shows_all_and_fails_where_something_is_in_the_way() {
    let lab = Lab::new("blocked");
    lab.edit_stack(
        "configs:\n  settings:",
        "configs:\n  lost:\n    external: true\n  settings:",
    );
    let planned = lab.hs("plan", &[]);
    assert_eq!(planned.text().lines().count(), 3, "{}", planned.text());
    planned.fails_saying(&["external config lost", "blocked.yml"]);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn every_version_has_its_state() {
    let lab = Lab::new("states");
    let names = four_versions_third_running(&lab);
    let label = "com.docker.stack.namespace=states";
    let create = ["secret", "create", "--label", label, "states_unknown", "-"];
    lab.engine.docker_with_input(create, b"?").succeeds();
    let json = lab.hs("ls", &["--json"]).succeeds().text();
    let json: serde_json::Value = serde_json::from_str(&json).expect("it prints JSON");
    let listed = json.as_array().expect("a list");
    let of_name = |name: &str| {
        let mut listed = listed.iter();
        listed.find(|object| object["name"] == name).expect(name)
    };
    let [first, second, third, fourth] = names.each_ref().map(|name| of_name(name));
    let states = [first, second, third, fourth].map(|object| object["state"].clone());
    assert_eq!(states, ["kept", "previous", "used", "current"]);
    assert_eq!(
        second["used_by"],
        serde_json::json!(["states_app (previous)"])
    );
    assert_eq!(third["used_by"], serde_json::json!(["states_app"]));
    assert_eq!(fourth["used_by"], serde_json::json!([]));
    assert_eq!(fourth["key"], "token");
    assert_eq!(fourth["commit"], lab.git(&["rev-parse", "HEAD"]));
    assert_eq!(of_name("states_unknown")["state"], "foreign");

    let table = lab.hs("ls", &[]).succeeds().text();
    let line_of = |name: &str| {
        let version = &name["states_token-".len()..][..12];
        let mut lines = table.lines();
        lines.find(|line| line.contains(version)).expect(name)
    };
    assert!(line_of(&names[2]).contains(" running "), "{table}");
    assert!(line_of(&names[3]).contains(" wanted"), "{table}");
    let header: Vec<&str> = table
        .lines()
        .next()
        .expect("a header")
        .split_whitespace()
        .collect();
    assert_eq!(
        header,
        [
            "KIND", "KEY", "VERSION", "AGE", "COMMIT", "STATE", "USED", "BY"
        ]
    );
    assert_eq!(table.lines().count(), 1 + 4 + 4 + 1);
    assert!(
        table
            .lines()
            .all(|line| line.len() == line.trim_end().len())
    );
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn all_stacks_are_meant_where_none_is_named() {
    let lab = Lab::new("every");
    lab.write(
        "another.yml",
        "version: '3.7'\nservices: {}\nconfigs:\n  c:\n    file: config/settings\n",
    );
    lab.commit();
    let synced = run(lab.command(&lab.repository, ["sync"]), b"")
        .succeeds()
        .text();
    assert_eq!(synced.lines().count(), 3, "{synced}");
    let listed = run(lab.command(&lab.repository, ["ls"]), b"")
        .succeeds()
        .text();
    assert!(listed.starts_with("STACK"), "{listed}");
    // A stack that was removed from the repository is still listed.
    lab.git(&["rm", "-q", "another.yml"]);
    lab.commit();
    let listed = run(lab.command(&lab.repository, ["ls"]), b"")
        .succeeds()
        .text();
    let of_gone = listed.lines().find(|line| line.starts_with("another"));
    assert!(
        of_gone.is_some_and(|line| line.contains(" gone")),
        "{listed}"
    );
    let planned = run(lab.command(&lab.repository, ["plan"]), b"");
    let told = "in the Swarm, and not in this repository: ";
    let told = planned.stderr.lines().find(|line| line.contains(told));
    assert!(
        told.is_some_and(|line| line.contains("another")),
        "{}",
        planned.stderr
    );
    let words = ["ls", "--file", "every.yml"];
    run(lab.command(&lab.repository, words), b"").ends_with(2);
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn settings_that_make_other_names_are_said_with_their_commit() {
    let lab = Lab::new("settled");
    lab.hs("sync", &[]).succeeds();
    let made_at = lab.git(&["rev-parse", "HEAD"]);
    let told = |verb: &str| lab.hs(verb, &[]).stderr;
    assert!(!told("plan").contains("hs-secrets.toml"));
    lab.write(".hs-secrets.toml", "version = \"md5\"\n");
    lab.commit();
    let first = lab.git(&["rev-parse", "HEAD"]);
    lab.write(
        ".hs-secrets.toml",
        "version = \"md5\"\nversion-length = 12\nkeep = 0\n",
    );
    let uncommitted = told("plan");
    assert!(
        uncommitted.contains("set by a change that is not committed"),
        "{uncommitted}"
    );
    lab.commit();
    let second = lab.git(&["rev-parse", "HEAD"]);
    for verb in ["plan", "sync"] {
        let told = told(verb);
        for (setting, now, before, by) in [
            ("version", "\"md5\"", "\"blob\"", &first),
            ("version-length", "12", "not fixed", &second),
            ("keep", "0", "1", &second),
        ] {
            let line = format!(
                "warning: .hs-secrets.toml: `{setting}` is {now}, and was {before} when the newest objects in the Swarm \
                 were made (commit {}): set by commit {}",
                &made_at[..7],
                &by[..7]
            );
            assert!(told.contains(&line), "{verb}: {told}");
        }
    }
    // The newest objects were created with these settings.
    assert!(!told("plan").contains("hs-secrets.toml"));
}
