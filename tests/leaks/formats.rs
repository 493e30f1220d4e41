//! JSON, SARIF and GitHub's annotations.

use crate::harness::sandbox::Sandbox;
use crate::{PASSWORD, add_all, repository, write};

#[test]
fn json_and_sarif_say_where_what_and_how_to_fix() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "a b.yml", format!("x: 1\ny: {PASSWORD}\n"));
    add_all(&sandbox, &repository);
    let parse = |format: &str| -> serde_json::Value {
        let run = sandbox
            .hs(&repository, ["check", "--format", format])
            .ends_with(3);
        serde_json::from_slice(&run.stdout).expect("JSON")
    };
    let json = parse("json");
    let finding = &json["findings"][0];
    assert_eq!(
        (&finding["path"], &finding["line"], &finding["column"]),
        (&"a b.yml".into(), &2.into(), &4.into())
    );
    assert_eq!(finding["rule"], "known-secret");
    assert_eq!(finding["source"]["path"], "secret/app.env");
    assert_eq!(finding["severity"], "error");

    let sarif = parse("sarif");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let result = &run["results"][0];
    assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "a%20b.yml");
    assert_eq!(location["region"]["startLine"], 2);
    assert_eq!(
        result["partialFingerprints"]["hsSecrets/v1"],
        finding["fingerprint"]
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn github_gets_one_annotation_a_line_whatever_the_path() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(&repository, "a,b:c%.yml", format!("{PASSWORD}\n"));
    add_all(&sandbox, &repository);
    let run = sandbox
        .hs(&repository, ["check", "--format", "github"])
        .ends_with(3);
    let text = run.text();
    assert!(
        text.starts_with("::error file=a%2Cb%3Ac%25.yml,line=1,col=1,title=known-secret::"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn a_warning_is_said_and_does_not_fail() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    write(
        &repository,
        "stack.yml",
        "configs:\n  app:\n    file: secret/app.env\n",
    );
    add_all(&sandbox, &repository);
    let run = sandbox.hs(&repository, ["check"]).succeeds();
    assert!(
        run.text()
            .starts_with("secret/app.env: warning: [secret-as-config] "),
        "{}",
        run.text()
    );
}
