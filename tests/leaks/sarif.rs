//! SARIF 2.1.0: the requirements of the standard (section 3) and of GitHub.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::sandbox::{Run, Sandbox};
use crate::{PASSWORD, add_all, commit_all, repository, write};

#[test]
fn whatever_is_found_or_not_read_the_document_is_as_the_standard_has_it() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let sarif = |arguments: &[&str]| -> (Run, Value) {
        let words = [&["check", "--format", "sarif"], arguments].concat();
        let run = sandbox.hs(&repository, words);
        let document = serde_json::from_slice(&run.stdout).expect("JSON");
        (run, document)
    };
    let uris = |document: &Value| -> Vec<String> {
        assert_standard(document);
        let results = list(&document["runs"][0]["results"]).iter();
        let uri = |result: &Value| {
            let location = &result["locations"][0]["physicalLocation"];
            text(&location["artifactLocation"]["uri"]).to_owned()
        };
        results.map(uri).collect()
    };

    let (run, document) = sarif(&["--all"]);
    run.succeeds();
    assert_eq!(uris(&document), [""; 0]);

    write(&repository, "a b#ü%.yml", format!("ü: {PASSWORD}\n"));
    write(
        &repository,
        "stack.yml",
        "configs:\n  app:\n    file: secret/app.env\n",
    );
    commit_all(&sandbox, &repository, PASSWORD);
    sandbox
        .git(&repository, ["tag", "-a", "v&1", "-m", PASSWORD])
        .succeeds();
    let (run, document) = sarif(&["--history"]);
    run.ends_with(3);
    let head = sandbox.git(&repository, ["rev-parse", "HEAD"]).text();
    let mut found = uris(&document);
    found.sort();
    let message = format!(".git/commit/{}", head.trim());
    let in_files = ["a%20b%23%C3%BC%25.yml", "secret/app.env"];
    assert_eq!(
        found,
        [&[message.as_str(), ".git/tag/v%261"][..], &in_files].concat()
    );
    let results = list(&document["runs"][0]["results"]);
    let levels: BTreeSet<&str> = results
        .iter()
        .map(|result| text(&result["level"]))
        .collect();
    assert_eq!(levels, BTreeSet::from(["error", "warning"]));

    write(&repository, "message", PASSWORD);
    let (run, document) = sarif(&["--message", "message"]);
    run.ends_with(3);
    assert_eq!(uris(&document), [".git/COMMIT_EDITMSG"]);

    write(&repository, "stack.yml", "configs: [\n");
    add_all(&sandbox, &repository);
    let (_, document) = sarif(&["stack.yml"]);
    uris(&document);
    let invocation = &document["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let unread = &invocation["toolExecutionNotifications"];
    assert!(text(&unread[0]["message"]["text"]).contains("stack.yml"));
}

#[track_caller]
fn assert_standard(document: &Value) {
    has_only(document, &["$schema", "version", "runs"]);
    assert_eq!(document["version"], "2.1.0");
    assert!(text(&document["$schema"]).ends_with("/sarif-2.1.0.json"));
    let [run] = list(&document["runs"]) else {
        panic!("one run: {document}");
    };
    has_only(run, &["tool", "invocations", "columnKind", "results"]);
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    has_only(&run["tool"], &["driver"]);
    let driver = &run["tool"]["driver"];
    has_only(driver, &["name", "version", "rules"]);
    assert_eq!(driver["name"], "hs-secrets");
    text(&driver["version"]);
    let mut rules = BTreeSet::new();
    for rule in list(&driver["rules"]) {
        let known = ["id", "shortDescription", "help", "defaultConfiguration"];
        has_only(rule, &known);
        assert!(rules.insert(text(&rule["id"])), "{rule} is there twice");
        is_message(&rule["shortDescription"]);
        is_message(&rule["help"]);
        has_only(&rule["defaultConfiguration"], &["level"]);
        is_level(&rule["defaultConfiguration"]["level"]);
    }
    for invocation in list(&run["invocations"]) {
        let known = ["executionSuccessful", "toolExecutionNotifications"];
        has_only(invocation, &known);
        assert!(invocation["executionSuccessful"].is_boolean());
        for notification in list(&invocation["toolExecutionNotifications"]) {
            has_only(notification, &["level", "message"]);
            is_level(&notification["level"]);
            is_message(&notification["message"]);
        }
    }
    for result in list(&run["results"]) {
        is_result(result, &rules);
    }
}

#[track_caller]
fn is_result(result: &Value, rules: &BTreeSet<&str>) {
    let known = [
        "ruleId",
        "level",
        "message",
        "partialFingerprints",
        "locations",
        "properties",
    ];
    has_only(result, &known);
    assert!(rules.contains(text(&result["ruleId"])), "{result}");
    is_level(&result["level"]);
    is_message(&result["message"]);
    let fingerprints = result["partialFingerprints"].as_object();
    fingerprints.expect("an object").values().for_each(|one| {
        text(one);
    });
    // The standard allows a result without a location, but GitHub then rejects the whole document.
    let [location] = list(&result["locations"]) else {
        panic!("one location: {result}");
    };
    has_only(location, &["physicalLocation"]);
    let place = &location["physicalLocation"];
    has_only(place, &["artifactLocation", "region"]);
    has_only(&place["artifactLocation"], &["uri"]);
    let uri = text(&place["artifactLocation"]["uri"]);
    let in_reference = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
    assert!(
        !uri.starts_with('/') && uri.bytes().all(in_reference),
        "{uri}"
    );
    has_only(&place["region"], &["startLine", "startColumn"]);
    for number in ["startLine", "startColumn"] {
        assert!(
            place["region"][number]
                .as_u64()
                .is_some_and(|from| from >= 1)
        );
    }
}

/// The schema allows only properties that it knows.
#[track_caller]
fn has_only(object: &Value, known: &[&str]) {
    let object = object.as_object().expect("an object");
    for name in object.keys() {
        assert!(known.contains(&name.as_str()), "{name} in {object:?}");
    }
}

#[track_caller]
fn is_message(message: &Value) {
    has_only(message, &["text"]);
    text(&message["text"]);
}

#[track_caller]
fn is_level(level: &Value) {
    assert!(["none", "note", "warning", "error"].contains(&text(level)));
}

#[track_caller]
fn text(value: &Value) -> &str {
    let text = value.as_str().expect("text");
    assert!(!text.is_empty());
    text
}

#[track_caller]
fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}
