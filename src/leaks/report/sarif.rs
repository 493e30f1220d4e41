//! A report as SARIF 2.1.0.

use serde_json::{Value, json};

use super::finding::{Finding, Location};
use super::outcome::Report;
use crate::leaks::rule::Rule;

impl Report {
    /// SARIF 2.1.0, as code scanners upload it.
    pub(crate) fn to_sarif(&self, version: &str) -> Value {
        let rules = Rule::ALL.map(|rule| {
            json!({
                "id": rule.name(),
                "shortDescription": { "text": rule.reason() },
                "help": { "text": rule.fix() },
                "defaultConfiguration": { "level": rule.severity().to_string() },
            })
        });
        let unread = self.gaps.iter().map(|gap| {
            json!({ "level": "error", "message": { "text": format!("could not check {}: {}", gap.what, gap.reason) } })
        });
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": { "name": "hs-secrets", "version": version, "rules": rules } },
                "invocations": [{
                    "executionSuccessful": self.gaps.is_empty(),
                    "toolExecutionNotifications": unread.collect::<Vec<_>>(),
                }],
                "columnKind": "unicodeCodePoints",
                "results": self.findings.iter().map(result).collect::<Vec<_>>(),
            }],
        })
    }
}

fn result(finding: &Finding) -> Value {
    let (line, column) = finding.place.position.unwrap_or((1, 1));
    let mut result = json!({
        "ruleId": finding.rule.name(),
        "level": finding.rule.severity().to_string(),
        "message": { "text": finding.message() },
        "partialFingerprints": { "hsSecrets/v1": finding.fingerprint.to_string() },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri_of(&finding.place) },
                "region": { "startLine": line, "startColumn": column },
            }
        }],
    });
    if let Some(commit) = finding.place.commit {
        result["properties"] = json!({ "commit": commit.to_string() });
    }
    result
}

/// A place as a relative reference. A message is no file. It gets a reference below `.git`, where no file of a repository can
/// be, since GitHub refuses a whole document in which one result has no place.
fn uri_of(place: &Location) -> String {
    match (&place.path, &place.commit, &place.tag) {
        (Some(path), _, _) => uri(path.as_bytes()),
        (None, Some(commit), _) => format!(".git/commit/{commit}"),
        (None, None, Some(tag)) => format!(".git/tag/{}", uri(tag.as_bytes())),
        (None, None, None) => match &place.reference {
            Some(reference) => format!(".git/{}", uri(reference.as_bytes())),
            None => ".git/COMMIT_EDITMSG".to_owned(),
        },
    }
}

/// Bytes as part of a reference, with those escaped that would mean something in it.
fn uri(path: &[u8]) -> String {
    let mut uri = String::new();
    for &byte in path {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
