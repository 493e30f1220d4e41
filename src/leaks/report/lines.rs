//! A report in the forms that people and machines read.

use serde_json::{Value, json};

use super::finding::{Finding, printable};
use super::outcome::Report;
use crate::leaks::rule::Severity;

impl Report {
    /// A paragraph for each finding: where, what and why, how to fix it.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut fixed: Vec<&str> = Vec::new();
        for finding in &self.findings {
            let severity = match finding.rule.severity() {
                Severity::Error => "",
                Severity::Warning => "warning: ",
            };
            lines.push(format!(
                "{}: {severity}[{}] {}",
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

    /// One document with everything in it.
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

    /// Workflow commands that show up as annotations in GitHub Actions.
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

impl Finding {
    /// Why this matters, and what it is.
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
