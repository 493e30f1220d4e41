//! A report as SARIF 2.1.0.

use serde_json::{Value, json};

use super::finding::{Finding, Location};
use super::outcome::Report;
use crate::leaks::rule::Rule;

impl Report {
    /// SARIF 2.1.0, as uploaded to code scanning services.
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

/// The place as a relative URI reference. A message has no file, but GitHub rejects a document in which a result has no
/// place. A message therefore gets a reference below `.git`, where no file of a repository can be.
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

/// Percent-encodes bytes for a URI reference.
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
