//! Names of stacks, secrets and configs. Each is checked when it is created.

use std::fmt;

use thiserror::Error;

use crate::repository::BlobId;

/// Maximum length of the name of a secret or config in a Swarm.
pub(crate) const LONGEST_NAME: usize = 64;

/// A name that Docker would refuse.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NameError {
    /// The name is longer than [`LONGEST_NAME`].
    #[error("name `{name}` has {length} characters, {} more than Swarm's limit of {LONGEST_NAME}", length - LONGEST_NAME)]
    TooLong {
        /// The refused name.
        name: String,
        length: usize,
    },
    /// The name has characters outside `[a-zA-Z0-9-_.]`, an end that is no letter or digit, or no character.
    #[error(
        "name `{name}` is not valid: only [a-zA-Z0-9-_.], starting and ending with a letter or digit"
    )]
    BadCharacters {
        /// The refused name.
        name: String,
    },
    /// Like [`BadCharacters`](Self::BadCharacters), for a name with variables. Their values are not shown, since they may be
    /// secret.
    #[error(
        "name `{written}`, with the values of its variables, is not valid: only [a-zA-Z0-9-_.], starting and ending with a letter or digit"
    )]
    BadValues {
        /// The name before interpolation.
        written: String,
    },
}

impl NameError {
    /// Replaces the name in the error by the name as written: its variables may have secret values.
    pub(crate) fn with_name(self, written: &str) -> Self {
        let written = written.to_owned();
        match self {
            Self::TooLong { length, .. } => Self::TooLong {
                name: written,
                length,
            },
            Self::BadCharacters { .. } if written.contains('$') => Self::BadValues { written },
            Self::BadCharacters { .. } | Self::BadValues { .. } => {
                Self::BadCharacters { name: written }
            }
        }
    }
}

/// The name of a secret or config in the Swarm: 1–64 characters of `[a-zA-Z0-9-_.]`, with a letter or digit at
/// both ends (Swarm's own rule, `manager/controlapi/common.go` of swarmkit).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName(String);

/// The name of a stack: one or more of `[a-zA-Z0-9-_.]`, with a letter or digit at both ends. `docker stack deploy` accepts
/// more, but the names of a stack's objects begin with its name and have Swarm's rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StackName(String);

impl ObjectName {
    /// Checks `name` against Swarm's rule.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        if name.len() > LONGEST_NAME {
            return Err(NameError::TooLong {
                name: name.to_owned(),
                length: name.len(),
            });
        }
        if well_formed(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NameError::BadCharacters {
                name: name.to_owned(),
            })
        }
    }

    /// The name as Docker shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl StackName {
    /// Checks `name`. The characters allowed are those of an object's name, since the names of a stack's objects begin with
    /// the stack's name.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        if well_formed(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NameError::BadCharacters {
                name: name.to_owned(),
            })
        }
    }

    /// The name that `docker stack deploy` gives the service `key` of this stack.
    pub fn service_name(&self, key: &str) -> String {
        format!("{self}_{key}")
    }

    /// The name of a config that this program keeps for itself about this stack. It contains the stack's name, or a hash of
    /// it if the name would be too long.
    pub(crate) fn own_config(&self, purpose: &str) -> String {
        let name = format!("hs-secrets-{purpose}-{self}");
        if name.len() <= LONGEST_NAME {
            return name;
        }
        let id = BlobId::of_content(self.as_str().as_bytes());
        format!("hs-secrets-{purpose}-{id}")
    }

    /// The name as Docker shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn well_formed(name: &str) -> bool {
    let ends = [name.chars().next(), name.chars().next_back()];
    ends.iter()
        .all(|end| end.is_some_and(|letter| letter.is_ascii_alphanumeric()))
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_of_our_own_has_a_name_that_fits() {
        let name = |stack: &str| {
            StackName::parse(stack)
                .expect("a good name")
                .own_config("lock")
        };
        assert_eq!(name("web"), "hs-secrets-lock-web");
        let long = name(&"w".repeat(60));
        assert!(ObjectName::parse(&long).is_ok(), "{long}");
        assert_ne!(long, name(&"v".repeat(60)));
    }

    #[test]
    fn swarm_s_rule_decides() {
        for good in ["a", "nginx-main_config.v1", &"a".repeat(64)] {
            assert!(ObjectName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "é", "a/b", "."] {
            assert!(
                matches!(ObjectName::parse(bad), Err(NameError::BadCharacters { .. })),
                "{bad}"
            );
        }
        let error = ObjectName::parse(&"a".repeat(70)).expect_err("70 characters are too many");
        assert!(
            error.to_string().contains("70 characters, 6 more"),
            "{error}"
        );
    }
}
