//! Writes a report in the forms that people and other programs read.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::finding::{Finding, FindingId, Location, printable};
use super::outcome::Report;
use crate::leaks::rule::Severity;

/// Maximum number of other places of a value that are listed.
const OTHER_PLACES: usize = 2;

impl Report {
    /// A paragraph for each finding: where it is, what it is and why it matters, how to fix it. All places of a value share one.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut fixed: Vec<&str> = Vec::new();
        let mut places = self.places_of_values();
        for finding in &self.findings {
            let others = match &finding.value {
                Some(value) => match places.remove(value) {
                    Some(places) => other_places(&places[1..]),
                    None => continue,
                },
                None => String::new(),
            };
            let severity = match finding.rule.severity() {
                Severity::Error => "",
                Severity::Warning => "warning: ",
            };
            lines.push(format!(
                "{}: {severity}[{}] {}{others}",
                finding.place,
                finding.rule,
                finding.message()
            ));
            if !fixed.contains(&finding.fix()) {
                fixed.push(finding.fix());
                lines.push(format!("    fix: {}", finding.fix()));
            }
        }
        lines
    }

    /// For each value, all places where it was found, in the order of the findings.
    fn places_of_values(&self) -> HashMap<&FindingId, Vec<&Location>> {
        let mut places: HashMap<&FindingId, Vec<&Location>> = HashMap::new();
        for finding in &self.findings {
            if let Some(value) = &finding.value {
                places.entry(value).or_default().push(&finding.place);
            }
        }
        places
    }

    /// The whole report as one JSON document.
    pub(crate) fn to_json(&self) -> Value {
        let finding = |finding: &Finding| {
            json!({
                "rule": finding.rule.name(),
                "severity": finding.rule.severity().to_string(),
                "path": finding.place.path.as_ref().map(printable),
                "line": finding.place.position.map(|(line, _)| line),
                "column": finding.place.position.map(|(_, column)| column),
                "commit": finding.place.commit.map(|commit| commit.to_string()),
                "tag": finding.place.tag.as_ref().map(printable),
                "reference": finding.place.reference.as_ref().map(printable),
                "message": finding.message(),
                "fix": finding.fix(),
                "source": finding.source.as_ref().map(|source| json!({ "path": printable(&source.path), "line": source.line })),
                "fingerprint": finding.fingerprint.to_string(),
            })
        };
        json!({
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "unread": self.gaps.iter().map(|gap| json!({ "what": gap.what, "reason": gap.reason })).collect::<Vec<_>>(),
            "notes": self.notes,
            "unused": self.unused,
            "looked_at": self.looked_at,
            "allowed": self.allowed,
        })
    }

    /// Workflow commands that GitHub Actions shows as annotations.
    pub(crate) fn github_lines(&self) -> Vec<String> {
        let findings = self.findings.iter().map(|finding| {
            let mut properties = Vec::new();
            if let Some(path) = &finding.place.path {
                properties.push(format!("file={}", escaped_property(&printable(path))));
            }
            if let Some((line, column)) = finding.place.position {
                properties.push(format!("line={line},col={column}"));
            }
            properties.push(format!("title={}", finding.rule));
            let text = format!("{}. Fix: {}", finding.message(), finding.fix());
            format!(
                "::{} {}::{}",
                finding.rule.severity(),
                properties.join(","),
                escaped(&text)
            )
        });
        let unread = self.gaps.iter().map(|gap| {
            let text = format!("could not check {}: {}", gap.what, gap.reason);
            format!("::error title=not checked::{}", escaped(&text))
        });
        let notes = self
            .notes
            .iter()
            .map(|note| format!("::notice::{}", escaped(note)));
        findings.chain(unread).chain(notes).collect()
    }
}

/// The end of a sentence: the other places of the same value.
fn other_places(places: &[&Location]) -> String {
    let named = &places[..places.len().min(OTHER_PLACES)];
    let named: Vec<String> = named.iter().map(ToString::to_string).collect();
    let named = named.join(", ");
    match places.len() {
        0 => String::new(),
        1..=OTHER_PLACES => format!("; also at {named}"),
        more => format!("; and {more} more places: {named}, …"),
    }
}

impl Finding {
    /// Why this matters, with the description of what was found.
    pub(crate) fn message(&self) -> String {
        match self.hint.as_str() {
            "" => self.rule.reason().to_owned(),
            hint => format!("{} ({hint})", self.rule.reason()),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
