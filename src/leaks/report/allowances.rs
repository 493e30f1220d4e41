//! What a repository has decided to live with: the `[check]` table of its settings.

use serde::Deserialize;

use super::baseline::Baseline;
use super::finding::Finding;
use super::glob;
use crate::leaks::LeakError;
use crate::leaks::rule::Rule;
use crate::stack::Settings;

/// The `[check]` table.
#[derive(Debug, Default)]
pub struct CheckSettings {
    /// Findings that are no leaks, each with its reason.
    pub allow: Vec<Allowance>,
    /// Where the baseline lies, from the top of the repository, if not in the usual place.
    pub baseline: Option<String>,
}

/// One `[[check.allow]]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The rule whose findings are meant.
    pub rule: Rule,
    /// The files: a path or folder from the top of the repository, with `*`, `**` and `?`.
    pub path: String,
    /// Why they are no leaks.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckTable {
    #[serde(default)]
    allow: Vec<AllowEntry>,
    baseline: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowEntry {
    rule: String,
    path: String,
    #[serde(default)]
    reason: String,
}

impl CheckSettings {
    /// Reads the text of a settings file.
    pub fn parse(text: &str) -> Result<Self, LeakError> {
        let Some(table) = Settings::parse(text)?.check else {
            return Ok(Self::default());
        };
        let table: CheckTable =
            table
                .try_into()
                .map_err(|error: toml::de::Error| LeakError::CheckTable {
                    reason: error.message().replace('\n', " "),
                })?;
        let allow = table
            .allow
            .into_iter()
            .map(Allowance::checked)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            allow,
            baseline: table.baseline,
        })
    }

    /// Where the baseline lies, from the top of the repository.
    pub fn baseline_path(&self) -> &str {
        self.baseline.as_deref().unwrap_or(Baseline::FILE)
    }

    /// The place of the first entry that allows `finding`.
    pub(crate) fn allowing(&self, finding: &Finding) -> Option<usize> {
        let path = finding.place.path.as_ref()?;
        self.allow.iter().position(|allowance| {
            allowance.rule == finding.rule
                && glob::matches(allowance.path.as_bytes(), path.as_bytes())
        })
    }
}

impl Allowance {
    fn checked(entry: AllowEntry) -> Result<Self, LeakError> {
        let AllowEntry {
            rule: name,
            path,
            reason,
        } = entry;
        let Some(rule) = Rule::named(&name) else {
            return Err(LeakError::UnknownRule { name });
        };
        if reason.trim().is_empty() {
            return Err(LeakError::NoReason { rule: name, path });
        }
        Ok(Self { rule, path, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_needs_a_rule_that_exists_and_a_reason() {
        let entry = |rule: &str, reason: &str| {
            CheckSettings::parse(&format!(
                "[check]\nbaseline = \"b\"\n[[check.allow]]\nrule = \"{rule}\"\npath = \"docs/**\"\n{reason}"
            ))
        };
        let settings = entry("token", "reason = \"invented\"").expect("complete");
        assert_eq!(settings.allow[0].rule, Rule::Token);
        assert!(matches!(
            entry("tokens", "reason = \"x\""),
            Err(LeakError::UnknownRule { .. })
        ));
        assert!(matches!(
            entry("token", ""),
            Err(LeakError::NoReason { .. })
        ));
        assert!(matches!(
            entry("token", "reasons = \"x\""),
            Err(LeakError::CheckTable { .. })
        ));
        assert!(matches!(
            CheckSettings::parse("[check"),
            Err(LeakError::Settings(_))
        ));
    }
}
