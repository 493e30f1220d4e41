//! The variables from the files that a stack's settings name. They are used to replace variables in its stack files.

use std::collections::BTreeMap;

use thiserror::Error;
use zeroize::Zeroizing;

use super::error::SourceError;
use super::sources::Sources;
use crate::stack::compose::{InterpolationError, is_variable_name};
use crate::stack::desired::steers_programs;

/// Variables with their values, decrypted in memory. This type is neither `Debug` nor `Clone`, so that values are not
/// printed or copied.
#[derive(Default)]
pub(crate) struct StackVariables {
    values: BTreeMap<String, Zeroizing<String>>,
    /// The variables with secret values, each with the file that sets it.
    secret: BTreeMap<String, String>,
    /// The paths of the files, each with its blob id.
    pub(crate) files: BTreeMap<String, String>,
    /// True if a file could not be read completely: it may set more variables.
    is_partial: bool,
}

/// Why a file of variables can't be used. The message never shows a value.
#[derive(Debug, Error)]
pub enum VariablesError {
    /// The file can't be read or decrypted.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The file is not text.
    #[error("{path} is not UTF-8 text, and can be no file of variables")]
    NotText {
        /// The file.
        path: String,
    },
    /// A line does not set a variable.
    #[error("{path}:{line}: this line is not NAME=VALUE")]
    NotAssignment {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
    },
    /// A variable controls what programs run or trust, as `PATH` does.
    #[error(
        "{path}:{line}: {variable} steers programs, and no file of a repository may set it; give the variable another name, here and in the stack file"
    )]
    Steering {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// The variable.
        variable: String,
    },
}

impl StackVariables {
    /// Reads the files as far as possible. If several files set the same variable, the last file counts. Also returns all
    /// errors in the files.
    pub(crate) fn read(sources: &Sources<'_>, paths: &[String]) -> (Self, Vec<VariablesError>) {
        let mut variables = Self::default();
        let mut problems = Vec::new();
        for path in paths {
            let read = variables.read_file(sources, path, &mut problems);
            problems.extend(read.err());
        }
        variables.is_partial = !problems.is_empty();
        (variables, problems)
    }

    fn read_file(
        &mut self,
        sources: &Sources<'_>,
        path: &str,
        problems: &mut Vec<VariablesError>,
    ) -> Result<(), VariablesError> {
        let id = sources.blob_of(path)?.to_string();
        let mut content = sources.plaintext_of(path)?;
        let text = std::str::from_utf8(content.expose());
        let path = path.to_owned();
        let text = text.map_err(|_| VariablesError::NotText { path: path.clone() })?;
        let is_secret = !sources.is_plaintext_in_git(&path)?;
        problems.extend(self.add(&path, text, is_secret));
        self.files.insert(path, id);
        Ok(())
    }

    /// Adds the variables of a file. Returns the errors in its lines.
    fn add(&mut self, path: &str, text: &str, is_secret: bool) -> Vec<VariablesError> {
        let mut problems = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            let written = line.trim();
            if written.is_empty() || written.starts_with('#') {
                continue;
            }
            let written = written.strip_prefix("export ").unwrap_or(written);
            let assignment = written.split_once('=');
            let assignment = assignment
                .map(|(name, value)| (name.trim(), value))
                .filter(|(name, _)| is_variable_name(name));
            let Some((name, value)) = assignment else {
                problems.push(VariablesError::NotAssignment {
                    path: path.to_owned(),
                    line: line_number,
                });
                continue;
            };
            if steers_programs(name) {
                problems.push(VariablesError::Steering {
                    path: path.to_owned(),
                    line: line_number,
                    variable: name.to_owned(),
                });
                continue;
            }
            self.values.insert(name.to_owned(), value_of(value));
            if is_secret {
                self.secret.insert(name.to_owned(), path.to_owned());
            } else {
                self.secret.remove(name);
            }
        }
        problems
    }

    /// Removes the variables for which `is_set` is true: the caller's environment overrides the files.
    pub(crate) fn without(mut self, is_set: &dyn Fn(&str) -> bool) -> Self {
        self.values.retain(|name, _| !is_set(name));
        self
    }

    /// The value of a variable.
    pub(crate) fn expose_value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.as_str())
    }

    /// True if a file that can't be read may set this variable.
    pub(crate) fn is_unread(&self, name: &str) -> bool {
        self.is_partial && !self.has(name)
    }

    /// The value of a variable for a text that is shown in plaintext, such as a name. An error if the value is secret or
    /// unknown.
    pub(crate) fn value_to_show(&self, name: &str) -> Result<Option<&str>, InterpolationError> {
        match self.secret_file_of(name) {
            None if self.is_unread(name) => Err(InterpolationError::Unread {
                variable: name.to_owned(),
            }),
            Some(file) => Err(InterpolationError::Secret {
                variable: name.to_owned(),
                file: file.to_owned(),
            }),
            None => Ok(self.expose_value(name)),
        }
    }

    /// The file that sets this variable, if the value is secret.
    pub(crate) fn secret_file_of(&self, name: &str) -> Option<&str> {
        self.expose_value(name)?;
        self.secret.get(name).map(String::as_str)
    }

    /// True if one of the files sets this variable.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
}

/// A value without its quotes and without the comment after it. Variables in the value are not replaced.
fn value_of(written: &str) -> Zeroizing<String> {
    let written = written.trim();
    for quote in ['\'', '"'] {
        let inner = written.strip_prefix(quote);
        if let Some((value, behind)) = inner.and_then(|inner| inner.rsplit_once(quote))
            && (behind.trim().is_empty() || behind.trim_start().starts_with('#'))
        {
            return Zeroizing::new(value.to_owned());
        }
    }
    let value = written.split(" #").next().unwrap_or_default();
    Zeroizing::new(value.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<StackVariables, VariablesError> {
        let mut variables = StackVariables::default();
        match variables.add("web.env", text, true).pop() {
            None => Ok(variables),
            Some(problem) => Err(problem),
        }
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        let text = "# a comment\n\nA=1\nexport B = two words # why\nC='# $D'\nD=\"q\" # r\nE=\nF=a=b#c\nA=3\n";
        let variables = read(text).expect("it is good");
        let expected = [
            ("A", "3"),
            ("B", "two words"),
            ("C", "# $D"),
            ("D", "q"),
            ("E", ""),
            ("F", "a=b#c"),
        ];
        for (name, value) in expected {
            assert_eq!(variables.expose_value(name), Some(value), "{name}");
        }
        let variables = variables.without(&|name| name == "A");
        assert!(!variables.has("A") && variables.has("B"));
        assert_eq!(variables.value_to_show("A"), Ok(None));
        assert!(variables.value_to_show("B").is_err());
    }

    #[test]
    fn errors_name_the_line_and_show_no_value() {
        for (text, line) in [
            ("A=1\nhunter2\n", "web.env:2:"),
            ("1A=hunter2", "web.env:1:"),
        ] {
            let error = read(text).map(drop).expect_err(text).to_string();
            assert!(
                error.starts_with(line) && !error.contains("hunter2"),
                "{error}"
            );
        }
        for name in ["PATH", "DOCKER_HOST", "LD_PRELOAD", "http_proxy"] {
            let error = read(&format!("{name}=hunter2")).map(drop);
            let error = error.expect_err("it steers programs").to_string();
            assert!(
                error.contains(name) && !error.contains("hunter2"),
                "{error}"
            );
        }
    }
}
