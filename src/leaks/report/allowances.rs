//! The findings that a repository accepts, from the `[check]` table of its settings.

use serde::Deserialize;

use super::baseline::Baseline;
use super::finding::Finding;
use super::path_pattern::PathPattern;
use super::staged_text::staged_text;
use crate::leaks::LeakError;
use crate::leaks::rule::Rule;
use crate::repository::{BlobId, PathBytes, Repository};
use crate::stack::{SETTINGS_FILE, Settings};

/// The `[check]` table.
#[derive(Debug, Default)]
pub struct CheckSettings {
    /// Findings that are no leaks, each with its reason.
    pub allow: Vec<Allowance>,
    /// The path of the baseline from the top of the repository, if it is not the usual one.
    pub baseline: Option<String>,
}

/// One `[[check.allow]]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The rule whose findings are accepted.
    pub rule: Rule,
    /// The files: a path or folder from the top of the repository, with `*`, `**` and `?`.
    pub path: PathPattern,
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
        if let Some(path) = &table.baseline
            && let Some(reason) = refusal_of_path(path)
        {
            return Err(refused_baseline(path, reason));
        }
        Ok(Self {
            allow,
            baseline: table.baseline,
        })
    }

    /// Reads the settings in the `index`. `links` are its symbolic links, which the baseline's path must not go through.
    pub(crate) fn of(
        repository: &Repository,
        index: &[(PathBytes, BlobId)],
        links: &[(PathBytes, BlobId)],
    ) -> Result<Self, LeakError> {
        let Some(text) = staged_text(repository, index, SETTINGS_FILE)? else {
            return Ok(Self::default());
        };
        let settings = Self::parse(&text)?;
        let path = settings.baseline_path();
        if links.iter().any(|(link, _)| leads_to(link, path)) {
            let reason = "is, or leads through, a symbolic link";
            return Err(refused_baseline(path, reason));
        }
        Ok(settings)
    }

    /// Reads the baseline in the `index`.
    pub(crate) fn baseline(
        &self,
        repository: &Repository,
        index: &[(PathBytes, BlobId)],
    ) -> Result<Baseline, LeakError> {
        let path = self.baseline_path();
        match staged_text(repository, index, path)? {
            Some(text) => Ok(Baseline::parse(path, &text)?.in_index(index)),
            None => Ok(Baseline::default()),
        }
    }

    /// The path of the baseline from the top of the repository.
    pub fn baseline_path(&self) -> &str {
        self.baseline.as_deref().unwrap_or(Baseline::FILE)
    }

    /// The position in `allow` of the first entry that allows `finding`.
    pub(crate) fn allowing(&self, finding: &Finding) -> Option<usize> {
        let path = finding.place.path.as_ref()?;
        self.allow.iter().position(|allowance| {
            allowance.rule == finding.rule && allowance.path.names(path.as_bytes())
        })
    }
}

/// Why nothing may be written at `path`, which a commit can choose; `None` if it may.
fn refusal_of_path(path: &str) -> Option<&'static str> {
    let mut parts = path.split('/');
    if path.starts_with('/') {
        Some("is not relative to the top of the repository")
    } else if parts.clone().any(|part| part == "..") {
        Some("leads out of the repository")
    } else if parts.clone().any(|part| part.eq_ignore_ascii_case(".git")) {
        Some("lies in Git's own folder")
    } else if parts.any(|part| part.is_empty() || part == ".") || path.contains('\0') {
        Some("names no file")
    } else {
        None
    }
}

/// True if `link` is `path` itself, or a folder above it.
fn leads_to(link: &PathBytes, path: &str) -> bool {
    let rest = path.as_bytes().strip_prefix(link.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

fn refused_baseline(path: &str, reason: &'static str) -> LeakError {
    LeakError::BaselinePath {
        path: path.to_owned(),
        reason,
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
        Ok(Self {
            rule,
            path: PathPattern::new(&path),
            reason,
        })
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
        for path in [
            "/etc/x",
            "../x",
            "a/../../x",
            ".git/config",
            "a/.GIT/x",
            "",
            "a//b",
            ".",
        ] {
            assert!(
                matches!(
                    CheckSettings::parse(&format!("[check]\nbaseline = \"{path}\"")),
                    Err(LeakError::BaselinePath { .. })
                ),
                "{path}"
            );
        }
        assert!(matches!(
            CheckSettings::parse("[check"),
            Err(LeakError::Settings(_))
        ));
    }
}
