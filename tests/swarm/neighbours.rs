//! Objects that another stack of the repository wants are kept. A stack that can't be read prevents only pruning.

use crate::harness::engine::IMAGE;
use crate::harness::sandbox::run;
use crate::lab::{Lab, name_in};

const ALL: [&str; 5] = ["--keep", "0", "--min-age", "0", "--yes"];

/// A stack with two versions of its objects, and the name of its first secret.
fn lab(stack: &'static str) -> (Lab, String) {
    let lab = Lab::new(stack);
    lab.hs("sync", &[]).succeeds();
    let first = lab.secrets().remove(0);
    lab.next_version("second");
    (lab, first)
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_another_stack_names_as_external_stays() {
    let (lab, first) = lab("shared");
    let mon = format!(
        "version: '3.7'\nservices: {{}}\nsecrets:\n  shared: {{external: true, name: {first}}}\n"
    );
    lab.write("mon/stack.yml", &mon);
    lab.commit();
    let keep_none = lab.repository.join(".hs-secrets.toml");
    std::fs::write(keep_none, "keep = 0\n").expect("a file in the sandbox");
    let listed = lab.hs("ls", &[]).succeeds().text();
    assert_eq!(listed.matches("  wanted").count(), 3, "{listed}");
    let removed = lab.hs("prune", &ALL).succeeds().text();
    assert!(removed.starts_with("removed config "), "{removed}");
    assert_eq!(removed.lines().count(), 1, "{removed}");
    assert!(lab.secrets().contains(&first));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_file_that_two_stacks_share_is_listed_and_planned_for_both() {
    let lab = Lab::new("caone");
    let stack = |image: &str| {
        format!(
            "version: '3.7'\nservices:\n  app:\n    image: {image}\n    configs: [ca]\n\
             configs:\n  ca: {{file: ca.pem, name: 'ca-${{CA_PEM}}'}}\n"
        )
    };
    lab.write("caone.yml", stack("one"));
    lab.write("catwo.yml", stack("two"));
    lab.write("ca.pem", "first\n");
    lab.commit();
    let of_two = |verb: &str| run(lab.command(&lab.repository, [verb, "catwo"]), b"");
    let created = lab.hs("sync", &[]).succeeds().text();
    let first = name_in(&created, "created config ");
    assert_eq!(of_two("sync").succeeds().text(), "nothing to do\n");
    let mount = format!("source={first},target=/ca");
    let service = "service create --detach --quiet --no-resolve-image --name catwo_app --config";
    let service: Vec<&str> = service.split(' ').collect();
    let rest = [&mount[..], IMAGE, "sleep", "1000"];
    lab.engine.docker([&service[..], &rest].concat()).succeeds();
    let listed = of_two("ls").succeeds().text();
    assert!(listed.contains("wanted, running"), "{listed}");
    assert!(listed.contains("catwo_app"), "{listed}");

    lab.write("ca.pem", "second\n");
    lab.commit();
    let planned = of_two("plan").ends_with(3).text();
    let old = first.strip_prefix("ca-").expect("the version follows");
    let change = format!("(ca.pem) {} -> ", &old[..12]);
    assert!(planned.contains(&change), "{planned}");
    assert!(of_two("ls").succeeds().text().contains("  running "));
    // The object belongs to the first stack and is in use.
    let prune = ["prune", "catwo", "--keep", "0", "--min-age", "0", "--yes"];
    let pruned = run(lab.command(&lab.repository, prune), b"").succeeds();
    assert_eq!(pruned.text(), "nothing to do\n");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_stack_that_can_not_be_read_stops_pruning_and_nothing_else() {
    let (lab, first) = lab("careful");
    lab.write("mon/stack.yml", "version: '3.7'\nservices: 5\n");
    let parts = [
        "nothing can be pruned while the stack `mon`",
        "mon/stack.yml:2",
    ];
    let refused = lab.hs("prune", &ALL).fails_saying(&parts);
    assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
    lab.write("config/settings", "third settings\n");
    lab.hs("sync", &["--prune"]).fails_saying(&parts);
    assert_eq!(lab.names("config").len(), 2, "nothing is done by halves");
    let planned = lab.hs("plan", &[]).ends_with(3);
    assert!(planned.text().starts_with("create config "));
    assert!(planned.stderr.contains("warning: nothing can be pruned"));
    lab.hs("sync", &[]).succeeds();
    assert!(lab.secrets().contains(&first));
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn a_listing_goes_on_where_a_file_can_not_be_used() {
    let (lab, first) = lab("listing");
    lab.write("secrets/token", "");
    let listed = lab.hs("ls", &["--json"]).succeeds();
    let warning = "warning: listing.yml:9: secret `token`: secrets/token is empty";
    assert!(listed.stderr.contains(warning), "{}", listed.stderr);
    let json: serde_json::Value = serde_json::from_str(&listed.text()).expect("JSON");
    let objects = json.as_array().expect("a list");
    assert_eq!(objects.len(), 4);
    let token = objects.iter().find(|it| it["name"] == first);
    assert_eq!(token.expect("it is listed")["state"], "unknown");
    let of_config = |it: &&serde_json::Value| it["kind"] == "config";
    let states: Vec<_> = objects
        .iter()
        .filter(of_config)
        .map(|it| &it["state"])
        .collect();
    assert_eq!(states, ["current", "kept"]);

    lab.write("listing.yml", "services: [\n");
    let listed = lab.hs("ls", &[]).succeeds();
    assert_eq!(
        listed.text().matches(" unknown").count(),
        4,
        "{}",
        listed.text()
    );
    lab.hs("prune", &ALL).fails_saying(&["listing.yml"]);
}
