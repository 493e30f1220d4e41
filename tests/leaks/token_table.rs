//! The table of tokens, line by line: a check finds each token, and none that is one character too short.

use std::collections::BTreeMap;

use hs_secrets::internals::token_examples;

use crate::harness::sandbox::Sandbox;
use crate::{add_all, repository, write};

#[test]
fn each_line_of_the_table_is_found_by_a_check_and_nothing_shorter() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let mut expected = BTreeMap::new();
    for (number, example) in token_examples().iter().enumerate() {
        let path = format!("whole/{number}.txt");
        let text = format!("Somebody has left {} here.\n", example.token);
        write(&repository, &path, text);
        let cut = &example.token[..example.token.len() - 1];
        let text = format!("Somebody has left {cut} here.\n");
        write(&repository, &format!("cut/{number}.txt"), text);
        expected.insert(path, format!("({}: {}…", example.owner, example.anchor));
    }
    assert!(expected.len() > 200, "{}", expected.len());
    add_all(&sandbox, &repository);
    let run = sandbox.hs(&repository, ["check", "--all", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&run.stdout).expect("a report");
    let findings = document["findings"].as_array().expect("a list");
    let text = |finding: &serde_json::Value, name| finding[name].as_str().expect("text").to_owned();
    let told: BTreeMap<String, String> = findings
        .iter()
        .map(|finding| (text(finding, "path"), text(finding, "message")))
        .collect();
    let mut wrong = Vec::new();
    for (path, owner) in &expected {
        let message = told.get(path).map_or("nothing", String::as_str);
        if !message.contains(owner) {
            wrong.push(format!("{path}: {message}, and not {owner}"));
        }
    }
    // Some shortened tokens are still found as values under the name of a secret.
    let others = told.iter().filter(|(path, message)| {
        !expected.contains_key(*path) && !message.contains("under a name")
    });
    wrong.extend(others.map(|(path, message)| format!("{path}: {message}")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}
