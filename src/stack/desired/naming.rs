//! The name of a managed object: a version between a fixed prefix and a fixed suffix.

use std::fmt::Write;

use super::naming_error::NamingError;
use crate::stack::compose::{Environment, TextPiece, UnsetVariables, is_variable_name, pieces};
use crate::stack::desired::NamePattern;
use crate::stack::desired::steers_programs;
use crate::stack::find::{LONGEST_VERSION, VERSION_LENGTHS};
use crate::stack::names::Version;
use crate::stack::names::{LONGEST_NAME, NameError, ObjectName, StackName};

impl NamePattern {
    /// `<stack>_<key>-<version>`.
    pub(crate) fn by_default(stack: &StackName, key: &str) -> Self {
        Self {
            prefix: format!("{stack}_{key}-"),
            suffix: String::new(),
        }
    }

    /// The name for this version.
    pub(crate) fn name(&self, version: &Version) -> Result<ObjectName, NamingError> {
        let Self { prefix, suffix } = self;
        let name = ObjectName::parse(&format!("{prefix}{version}{suffix}"));
        name.map_err(|source| match fitting_length(&source, version) {
            Some(fits_with) => NamingError::TooLong { source, fits_with },
            None => source.into(),
        })
    }
}

/// How many digits the version has in names of this pattern: the number in `fixed`, or as many as there is room for.
pub(crate) fn version_length(
    pattern: &NamePattern,
    fixed: Option<usize>,
) -> Result<usize, NamingError> {
    let NamePattern { prefix, suffix } = pattern;
    let others = prefix.len() + suffix.len();
    let room = LONGEST_NAME.saturating_sub(others);
    match fixed {
        Some(fixed) => Ok(fixed),
        None if room >= *VERSION_LENGTHS.start() => Ok(room.min(LONGEST_VERSION)),
        None => Err(NamingError::NoRoom {
            name: format!("{prefix}\u{2026}{suffix}"),
            excess: others + VERSION_LENGTHS.start() - LONGEST_NAME,
        }),
    }
}

/// The variable of a file: its base name in upper case, with `_` for each character that a variable's name can't have.
pub(crate) fn file_variable(path: &str) -> String {
    let base = path.rsplit('/').next().unwrap_or(path);
    base.chars()
        .map(|letter| match letter.to_ascii_uppercase() {
            upper if upper.is_ascii_alphanumeric() => upper,
            _ => '_',
        })
        .collect()
}

/// The value of `name:` as written, and the file of its entry.
pub(crate) struct WrittenName<'a> {
    pub(crate) text: &'a str,
    pub(crate) file: &'a str,
    /// The variable of the file.
    pub(crate) variable: &'a str,
    /// How many digits a version has, if the settings fix that.
    pub(crate) fixed_length: Option<usize>,
}

impl WrittenName<'_> {
    /// The text before and after the variable of the file. All other variables are replaced from `environment`, and must be
    /// set.
    pub(crate) fn pattern(&self, environment: Environment<'_>) -> Result<NamePattern, NamingError> {
        let own = self.variable;
        if steers_programs(own) {
            return Err(NamingError::Steering {
                variable: own.to_owned(),
                file: self.file.to_owned(),
            });
        }
        let pieces = pieces(self.text)?;
        let is_own = |piece: &TextPiece<'_>| matches!(piece, TextPiece::Variable(substitution) if substitution.variable == own);
        let has_own = pieces.iter().any(is_own);
        let (mut prefix, mut unset) = (String::new(), UnsetVariables::default());
        let mut suffix = None;
        for piece in &pieces {
            let part = suffix.as_mut().unwrap_or(&mut prefix);
            match piece {
                TextPiece::Literal(literal) => part.push_str(literal),
                TextPiece::Variable(substitution) if is_own(piece) => {
                    substitution.check_meaning()?;
                    if suffix.is_some() {
                        return Err(NamingError::VersionedTwice {
                            name: self.text.to_owned(),
                            variable: own.to_owned(),
                        });
                    }
                    suffix = Some(String::new());
                }
                TextPiece::Variable(substitution) => {
                    let value = substitution.strict_value(environment);
                    part.push_str(&unset.noted(value)?);
                }
            }
        }
        if let Some(variable) = unset
            .only_one()
            .filter(|_| !has_own && is_variable_name(own))
        {
            return Err(self.foreign_variable(&pieces, variable));
        }
        unset.none()?;
        match suffix {
            Some(suffix) => Ok(NamePattern { prefix, suffix }),
            None => Err(self.unversioned(&pieces, prefix.len())),
        }
    }

    /// The error for a name in which a variable that is not set stands in the place of the file's variable.
    fn foreign_variable(&self, pieces: &[TextPiece<'_>], variable: &str) -> NamingError {
        let own = format!("${{{}}}", self.variable);
        let replaced = |piece: &TextPiece<'_>| match piece {
            TextPiece::Variable(substitution) if substitution.variable == variable => own.clone(),
            piece => in_braces(piece),
        };
        NamingError::ForeignVariable {
            variable: variable.to_owned(),
            file: self.file.to_owned(),
            own: self.variable.to_owned(),
            change_to: pieces.iter().map(replaced).collect(),
        }
    }

    /// The error for a name without its file's variable. With its other variables replaced, the name has `length`
    /// characters.
    fn unversioned(&self, pieces: &[TextPiece<'_>], length: usize) -> NamingError {
        let name = self.text.to_owned();
        if !is_variable_name(self.variable) {
            return NamingError::NoVariable { name };
        }
        let shortest = self.fixed_length.unwrap_or(*VERSION_LENGTHS.start());
        // A hyphen is put before the version.
        let excess = (length + 1 + shortest).saturating_sub(LONGEST_NAME);
        let mut change_to: String = pieces.iter().map(in_braces).collect();
        write!(change_to, "-${{{}}}", self.variable).expect("writing to a string can't fail");
        if excess > 0 {
            NamingError::UnversionedTooLong { name, excess }
        } else {
            NamingError::Unversioned { name, change_to }
        }
    }
}

/// The piece in a form that keeps its meaning whatever text follows.
fn in_braces(piece: &TextPiece<'_>) -> String {
    match piece {
        TextPiece::Literal("$") => "$$".to_owned(),
        TextPiece::Literal(literal) => (*literal).to_owned(),
        TextPiece::Variable(substitution) => substitution.in_braces(),
    }
}

/// The maximum length of a version with which the name is not too long.
fn fitting_length(error: &NameError, version: &Version) -> Option<usize> {
    let NameError::TooLong { length, .. } = error else {
        return None;
    };
    let excess = length - LONGEST_NAME;
    let length = version.as_str().len().checked_sub(excess)?;
    (length >= *VERSION_LENGTHS.start()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::compose::InterpolationError;

    fn version() -> Version {
        Version::from_hex(&"0123456789abcdef".repeat(2), 32).unwrap()
    }

    fn environment(name: &str) -> Result<Option<String>, InterpolationError> {
        Ok(match name {
            "ENV" => Some("prod".to_owned()),
            "BLANK" => Some(String::new()),
            // A value left over from an earlier `hs-secrets env --export` is ignored: the file gives the version.
            "NGINX_CONF" => Some("stale".to_owned()),
            _ => None,
        })
    }

    fn pattern(written: &str, own: &str) -> Result<NamePattern, NamingError> {
        let written = WrittenName {
            text: written,
            file: "nginx.conf",
            variable: own,
            fixed_length: None,
        };
        written.pattern(&environment)
    }

    fn named(written: &str) -> Result<String, NamingError> {
        let pattern = pattern(written, "NGINX_CONF")?;
        let name = pattern.name(&version())?;
        let NamePattern { prefix, suffix } = &pattern;
        assert_eq!(name.as_str(), format!("{prefix}{}{suffix}", version()));
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
        let error = pattern("x", "01_CONF").unwrap_err();
        assert!(error.to_string().contains("leave `name:` out"));
        assert_eq!(
            refused("x_${NGINX_HASH}"),
            "its name has the variable `NGINX_HASH`, which is not set, and not that of its file nginx.conf, which is \
             `NGINX_CONF`; change it to `x_${NGINX_CONF}`"
        );
    }

    #[test]
    fn what_is_suggested_is_accepted() {
        for written in [
            "nginx-v3",
            "x$ENV",
            "$ENV-$$",
            "x_$UNSET",
            "${UNSET}_$ENV",
            "$UNSET-${ENV:-a}",
        ] {
            let error = pattern(written, "NGINX_CONF").unwrap_err();
            let change_to = match &error {
                NamingError::Unversioned { change_to, .. }
                | NamingError::ForeignVariable { change_to, .. } => change_to,
                // This error's suggestion covers one variable only, not the whole name.
                NamingError::Interpolation(InterpolationError::UnbracedOperator { .. }) => continue,
                other => panic!("{other:?}"),
            };
            pattern(change_to, "NGINX_CONF").expect(change_to);
        }
        let long = "n".repeat(52);
        let error = pattern(&long, "NGINX_CONF").unwrap_err();
        assert!(
            error.to_string().contains("make it 1 character shorter"),
            "{error}"
        );
    }

    #[test]
    fn a_version_has_the_digits_that_its_name_leaves_room_for() {
        for (others, length) in [
            (1, Ok(32)),
            (32, Ok(32)),
            (33, Ok(31)),
            (52, Ok(12)),
            (53, Err(1)),
        ] {
            let pattern = NamePattern {
                prefix: "n".repeat(others - 1),
                suffix: "x".to_owned(),
            };
            let found = version_length(&pattern, None).map_err(|error| match error {
                NamingError::NoRoom { excess, .. } => excess,
                other => panic!("{other:?}"),
            });
            assert_eq!(found, length, "{others}");
            assert_eq!(version_length(&pattern, Some(40)), Ok(40));
        }
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
