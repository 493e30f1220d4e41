//! The name of a managed object: its version between two fixed parts.

use std::fmt::Write;

use thiserror::Error;

use crate::stack::compose::InterpolationError;
use crate::stack::compose::{Environment, TextPiece, is_variable_name, pieces};
use crate::stack::desired::NamePattern;
use crate::stack::find::VERSION_LENGTHS;
use crate::stack::names::Version;
use crate::stack::names::{LONGEST_NAME, NameError, ObjectName, StackName};

/// Why an entry has no usable name.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NamingError {
    /// Swarm would refuse it.
    #[error(transparent)]
    Invalid(#[from] NameError),
    /// Swarm would refuse it, and a shorter version would help.
    #[error("{source}")]
    TooLong {
        /// By how much.
        source: NameError,
        /// The `version-length` with which it fits.
        fits_with: usize,
    },
    /// A variable in it.
    #[error("its name: {0}")]
    Interpolation(#[from] InterpolationError),
    /// The variable of its file tells programs what to do.
    #[error(
        "its name has the variable `{variable}` of {file}, which steers programs; rename the file (and the variable with it), or leave `name:` out"
    )]
    Steering {
        /// The variable.
        variable: String,
        /// The file that it is made from.
        file: String,
    },
    /// The version of its file is not in it.
    #[error("its name `{name}` has no version; change it to `{change_to}`, or leave `name:` out")]
    Unversioned {
        /// As it stands.
        name: String,
        /// With the variable.
        change_to: String,
    },
    /// The version of its file is not in it, and can't be.
    #[error(
        "its name `{name}` has no version, and its file's name gives no variable; leave `name:` out"
    )]
    NoVariable {
        /// As it stands.
        name: String,
    },
    /// The version of its file is in it more than once.
    #[error("its name `{name}` has the variable `{variable}` twice; once is enough")]
    VersionedTwice {
        /// As it stands.
        name: String,
        /// The variable.
        variable: String,
    },
}

/// A name, and what those of its other versions look like.
#[derive(Debug)]
pub(crate) struct VersionedName {
    pub(crate) name: ObjectName,
    pub(crate) pattern: NamePattern,
}

impl VersionedName {
    /// `<stack>_<key>-<version>`.
    pub(crate) fn by_default(
        stack: &StackName,
        key: &str,
        version: &Version,
    ) -> Result<Self, NamingError> {
        Self::new(format!("{stack}_{key}-"), String::new(), version)
    }

    fn new(prefix: String, suffix: String, version: &Version) -> Result<Self, NamingError> {
        let name = ObjectName::parse(&format!("{prefix}{version}{suffix}")).map_err(|source| {
            match fitting_length(&source, version) {
                Some(fits_with) => NamingError::TooLong { source, fits_with },
                None => source.into(),
            }
        })?;
        let pattern = NamePattern { prefix, suffix };
        Ok(Self { name, pattern })
    }
}

/// The variable of a file: its base name in upper case, with `_` for what a variable's name can't have.
pub(crate) fn file_variable(path: &str) -> String {
    let base = path.rsplit('/').next().unwrap_or(path);
    base.chars()
        .map(|letter| match letter.to_ascii_uppercase() {
            upper if upper.is_ascii_alphanumeric() => upper,
            _ => '_',
        })
        .collect()
}

/// Puts `version` where `written`, a `name:`, has the `own` variable of its file; other variables come from the
/// `environment`, and must be set.
pub(crate) fn name_object(
    written: &str,
    own: &str,
    version: &Version,
    environment: Environment<'_>,
) -> Result<VersionedName, NamingError> {
    let mut prefix = String::new();
    let mut suffix = None;
    for piece in pieces(written)? {
        let part = suffix.as_mut().unwrap_or(&mut prefix);
        match piece {
            TextPiece::Literal(literal) => part.push_str(literal),
            TextPiece::Variable(substitution) if substitution.variable == own => {
                substitution.check_meaning()?;
                if suffix.is_some() {
                    return Err(NamingError::VersionedTwice {
                        name: written.to_owned(),
                        variable: own.to_owned(),
                    });
                }
                suffix = Some(String::new());
            }
            TextPiece::Variable(substitution) => {
                part.push_str(&substitution.strict_value(environment)?);
            }
        }
    }
    match suffix {
        Some(suffix) => VersionedName::new(prefix, suffix, version),
        None => Err(unversioned(written, own)),
    }
}

fn unversioned(written: &str, own: &str) -> NamingError {
    let name = written.to_owned();
    if !is_variable_name(own) {
        return NamingError::NoVariable { name };
    }
    let mut change_to = name.clone();
    write!(change_to, "-${{{own}}}").expect("writing to a string can't fail");
    NamingError::Unversioned { name, change_to }
}

/// The length of a version with which a name would not be too long.
fn fitting_length(error: &NameError, version: &Version) -> Option<usize> {
    let NameError::TooLong { name } = error else {
        return None;
    };
    let excess = name.len() - LONGEST_NAME;
    let length = version.as_str().len().checked_sub(excess)?;
    (length >= *VERSION_LENGTHS.start()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version() -> Version {
        Version::from_hex(&"0123456789abcdef".repeat(2), 32).unwrap()
    }

    fn named(written: &str) -> Result<String, NamingError> {
        let environment = |name: &str| match name {
            "ENV" => Some("prod".to_owned()),
            "BLANK" => Some(String::new()),
            // Left over from an earlier `hs-secrets env --export`: the file decides.
            "NGINX_CONF" => Some("stale".to_owned()),
            _ => None,
        };
        let named = name_object(written, "NGINX_CONF", &version(), &environment)?;
        let NamePattern { prefix, suffix } = &named.pattern;
        assert_eq!(
            named.name.as_str(),
            format!("{prefix}{}{suffix}", version())
        );
        Ok(format!("{prefix}*{suffix}"))
    }

    fn refused(written: &str) -> String {
        named(written).expect_err(written).to_string()
    }

    #[test]
    fn a_file_s_variable_is_its_base_name() {
        assert_eq!(
            file_variable("config/nginx.main.config"),
            "NGINX_MAIN_CONFIG"
        );
        assert_eq!(file_variable("./a-b_c.1"), "A_B_C_1");
        assert_eq!(file_variable("é.conf"), "__CONF");
    }

    #[test]
    fn the_version_stands_where_the_variable_was() {
        assert_eq!(named("nginx-${NGINX_CONF}").as_deref(), Ok("nginx-*"));
        assert_eq!(named("nginx-$NGINX_CONF").as_deref(), Ok("nginx-*"));
        assert_eq!(
            named("${ENV}-${NGINX_CONF:-dev}.x").as_deref(),
            Ok("prod-*.x")
        );
        assert_eq!(named("${NGINX_CONF:?run hs/secrets}").as_deref(), Ok("*"));
    }

    #[test]
    fn names_that_would_go_wrong_are_refused() {
        assert_eq!(
            refused("nginx-v3"),
            "its name `nginx-v3` has no version; change it to `nginx-v3-${NGINX_CONF}`, or leave `name:` out"
        );
        assert!(refused("$NGINX_CONF-${NGINX_CONF}").contains("to Docker"));
        assert!(refused("${NGINX_CONF}-${NGINX_CONF}").contains("twice; once is enough"));
        assert!(refused("a-${UNSET}-${NGINX_CONF}").contains("`UNSET` is not set"));
        assert!(refused("a-${BLANK}-${NGINX_CONF}").contains("`BLANK` is blank"));
        assert!(refused("a b-${NGINX_CONF}").contains("is not valid"));
        let environment = |_: &str| None;
        let error = name_object("x", "01_CONF", &version(), &environment).unwrap_err();
        assert!(error.to_string().contains("leave `name:` out"));
    }

    #[test]
    fn a_name_too_long_says_what_would_fit() {
        let long = "n".repeat(40);
        let error = named(&format!("{long}-${{NGINX_CONF}}")).unwrap_err();
        assert!(
            error.to_string().contains("73 characters, 9 more"),
            "{error}"
        );
        assert!(matches!(error, NamingError::TooLong { fits_with: 23, .. }));
        let error = named(&format!("{long}{long}-${{NGINX_CONF}}")).unwrap_err();
        assert!(matches!(error, NamingError::Invalid(_)));
    }
}
