//! `plan --diff` shows which fields of services a deployment changes. It shows no value of a variable.

use crate::deploy_lab::lab;
use crate::harness::engine::IMAGE;

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn what_changes_in_the_services_is_shown_by_its_fields() {
    let lab = lab("fielded");
    lab.edit_stack(
        "  idle:\n    <<: *common\n    deploy:\n",
        "  idle:
    <<: *common
    environment: {KEPT: hunter2, OTHER: hunter2, NUMBER: 3, 'OF_CALLER': }
    volumes: ['data:/data', './config:/config:ro', '/tmp:/host', {type: tmpfs, target: /scratch}]
    ports: ['8080:80', {target: 81, published: 8081, protocol: udp, mode: host}]
    deploy:
      replicas: 1
      resources: {limits: {cpus: '0.50', memory: 64M}}
",
    );
    lab.edit_stack(
        "secrets:\n  token:\n",
        "volumes: {data: {}}\nsecrets:\n  token:\n",
    );
    lab.commit();
    lab.deploy(&[]).succeeds();
    // Every field has the same form in the stack file and in the Swarm.
    let same = lab.hs("plan", &["--diff"]).succeeds();
    assert_eq!(same.text(), "nothing to do\n", "{}", same.stderr);
    assert!(!same.stderr.contains("not compared"), "{}", same.stderr);

    lab.write("secrets/app.env", "VALUE=other-value\nMORE=hunter2\n");
    for (from, to) in [
        (
            "KEPT: hunter2, OTHER: hunter2",
            "KEPT: hunter3, NEW: hunter2",
        ),
        ("'data:/data'", "'data:/data:ro'"),
        ("8080:80", "8090:80"),
        ("replicas: 1", "replicas: 3"),
        ("memory: 64M", "memory: 96M"),
    ] {
        lab.edit_stack(from, to);
    }
    lab.edit_stack(
        "  app:\n    <<: *common\n",
        "  app:\n    <<: *common\n    image: 'other:${TAG:-1}'\n",
    );
    lab.commit();
    let planned = lab.hs("plan", &["--diff"]).ends_with(3);
    let expected = "\
change service fielded_app
  image: hs-secrets-test:1 -> other:1
  environment: + a variable of secrets/app.env
  environment: ~ VALUE
change service fielded_idle
  replicas: 1 -> 3
  memory limit: 64 MiB -> 96 MiB
  environment: - OTHER
  environment: + NEW
  environment: ~ KEPT
  mounts: - volume fielded_data at /data
  mounts: + volume fielded_data at /data (read-only)
  ports: - 8080:80/tcp
  ports: + 8090:80/tcp
";
    assert!(planned.text().ends_with(expected), "{}", planned.text());
    let others = "other fields may change: fielded_app, fielded_idle\n";
    assert!(planned.stderr.contains(others), "{}", planned.stderr);
    let json = lab.hs("plan", &["--diff", "--json"]).ends_with(3);
    let json: serde_json::Value = serde_json::from_str(&json.text()).expect("JSON");
    let first = &json[0]["diff"]["changed"][0];
    assert_eq!(first["service"], "fielded_app");
    assert_eq!(first["changes"][0]["change"], "replaced");
    for told in [planned.text(), planned.stderr, json.to_string()] {
        assert!(
            !told.contains("hunter") && !told.contains("other-value"),
            "{told}"
        );
    }

    // A locked clone can't read the `env_file`, and says so.
    let key = lab.sandbox.path("key").display().to_string();
    lab.desk.hs(["export-key", &key]).succeeds();
    lab.desk.hs(["lock"]).succeeds();
    let locked = lab.hs("plan", &["--diff"]).ends_with(3);
    let unknown = "not compared: environment of fielded_app\n";
    assert!(locked.stderr.contains(unknown), "{}", locked.stderr);
    assert!(!locked.text().contains("MORE"), "{}", locked.text());
    lab.desk.hs(["unlock", &key]).succeeds();

    // A change that was made by hand in the Swarm is shown, too.
    lab.git(&["checkout", "--quiet", "HEAD~1"]);
    lab.engine
        .docker(["service", "scale", "--detach", "fielded_idle=2"])
        .succeeds();
    assert_eq!(lab.hs("plan", &[]).succeeds().text(), "nothing to do\n");
    let scaled = lab.hs("plan", &["--diff"]).ends_with(3).text();
    assert_eq!(scaled, "change service fielded_idle\n  replicas: 2 -> 1\n");
}

#[test]
#[ignore = "needs root and a Docker engine: tests/run.sh"]
fn an_image_that_was_changed_by_hand_is_said_to_go_back_and_does() {
    let lab = lab("handmade");
    lab.deploy(&[]).succeeds();
    let unchanged = lab.hs("plan", &["--diff"]).succeeds();
    assert_eq!(unchanged.text(), "nothing to do\n", "{}", unchanged.stderr);
    lab.engine.docker(["tag", IMAGE, "handmade:2"]).succeeds();
    let words = "service update --detach --no-resolve-image --image handmade:2 handmade_idle";
    lab.engine.docker(words.split(' ')).succeeds();
    let planned = lab.hs("plan", &["--diff"]).ends_with(3).text();
    let expected = format!(
        "change service handmade_idle\n  image: handmade:2 -> {IMAGE} (was changed by hand; `--resolve-image never` and \
         `changed` leave it so)\n"
    );
    assert_eq!(planned, expected);
    let json = lab.hs("plan", &["--diff", "--json"]).ends_with(3).text();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let change = &json[0]["diff"]["changed"][0]["changes"][0];
    assert_eq!(change["change"], "restored");

    // The forecast matches what docker does.
    lab.deploy(&[]).succeeds();
    assert!(lab.spec("idle").contains("\"Image\":\"handmade:2\""));
    lab.hs("deploy", &[]).succeeds();
    let spec = lab.spec("idle");
    assert!(!spec.contains("handmade:2"), "{spec}");
    assert_eq!(
        lab.hs("plan", &["--diff"]).succeeds().text(),
        "nothing to do\n"
    );
}
