//! Docker's interpolation of `$VARIABLE` in a stack file.
//!
//! The rules are those of the docker client (`cli/compose/template`), including the surprising ones. A variable without
//! braces can have an operator, too. A default extends to the next `}`. To find the operator, the client searches for `:-`,
//! `-`, `:?` and `?`, in this order, anywhere after the `$`. (Docker 20.10 does not accept an operator with nothing after
//! it.)

use super::interpolation_error::{InterpolationError, LONGEST_RESULT};

/// Looks up a variable by its name. `None` if the variable is not set. An error if its value is secret or unknown.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Result<Option<String>, InterpolationError>;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextPiece<'text> {
    /// Text without a variable.
    Literal(&'text str),
    /// A variable that is replaced by its value.
    Variable(Substitution<'text>),
}

/// A variable in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Substitution<'text> {
    /// The variable as written, `$` included.
    written: &'text str,
    /// The variable's name.
    pub(crate) variable: &'text str,
    /// The operator and the text after it, as written.
    rest: &'text str,
    braced: bool,
}

/// The operator of a substitution, as Docker reads it.
enum Operator {
    DefaultIfBlank,
    DefaultIfUnset,
    RequiredNotBlank,
    RequiredSet,
}

/// Replaces the variables in `text` exactly as Docker does. A variable that is not set becomes empty text.
pub(crate) fn interpolate(
    text: &str,
    environment: Environment<'_>,
) -> Result<String, InterpolationError> {
    filled(text, |variable| {
        Ok(variable.value(environment)?.unwrap_or_default())
    })
}

/// Replaces the variables in a text such as a name or a path, in which an empty value would go unnoticed.
///
/// Every variable must have a value. An expression is refused if Docker reads it differently from what the writer most
/// likely means.
pub(crate) fn interpolate_strictly(
    text: &str,
    environment: Environment<'_>,
) -> Result<String, InterpolationError> {
    filled(text, |variable| variable.strict_value(environment))
}

fn filled(
    text: &str,
    value: impl Fn(Substitution<'_>) -> Result<String, InterpolationError>,
) -> Result<String, InterpolationError> {
    let (mut result, mut unset) = (String::new(), UnsetVariables::default());
    for piece in pieces(text)? {
        match piece {
            TextPiece::Literal(literal) => result.push_str(literal),
            TextPiece::Variable(variable) => result.push_str(&unset.noted(value(variable))?),
        }
        if result.len() > LONGEST_RESULT {
            return Err(InterpolationError::TooLong);
        }
    }
    unset.none()?;
    Ok(result)
}

/// The variables of one text that must have a value and have none. They are collected so that one error names them all.
#[derive(Default)]
pub(crate) struct UnsetVariables(Vec<String>);

impl UnsetVariables {
    /// The value of a variable. If it is not set, notes its name and returns an empty value.
    pub(crate) fn noted(
        &mut self,
        value: Result<String, InterpolationError>,
    ) -> Result<String, InterpolationError> {
        match value {
            Err(InterpolationError::Unset { variables }) => {
                let new = variables.into_iter().filter(|name| !self.0.contains(name));
                self.0.extend(new.collect::<Vec<_>>());
                Ok(String::new())
            }
            other => other,
        }
    }

    /// The variable that is not set, if there is exactly one.
    pub(crate) fn only_one(&self) -> Option<&str> {
        match self.0.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// An error if any variable was noted.
    pub(crate) fn none(self) -> Result<(), InterpolationError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(InterpolationError::Unset { variables: self.0 })
    }
}

/// Splits `text` into literal text and variables.
pub(crate) fn pieces(text: &str) -> Result<Vec<TextPiece<'_>>, InterpolationError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        let (literal, from_dollar) = rest.split_at(dollar);
        if !literal.is_empty() {
            pieces.push(TextPiece::Literal(literal));
        }
        let behind = &from_dollar[1..];
        let substitution = match behind.chars().next() {
            Some('$') => {
                pieces.push(TextPiece::Literal(&behind[..1]));
                rest = &behind[1..];
                continue;
            }
            Some('{') => braced(from_dollar),
            _ => unbraced(from_dollar),
        };
        let Some(substitution) = substitution else {
            return Err(InterpolationError::InvalidFormat {
                text: text.to_owned(),
            });
        };
        rest = &from_dollar[substitution.written.len()..];
        pieces.push(TextPiece::Variable(substitution));
    }
    if !rest.is_empty() {
        pieces.push(TextPiece::Literal(rest));
    }
    Ok(pieces)
}

impl Substitution<'_> {
    /// The value that Docker would put here. `None` if the variable has no operator and is not set.
    fn value(&self, environment: Environment<'_>) -> Result<Option<String>, InterpolationError> {
        let Some((variable, operator, argument)) = self.as_docker_reads_it() else {
            return environment(self.variable);
        };
        let value = environment(variable)?;
        let not_blank = value.as_ref().is_some_and(|value| !value.is_empty());
        let (satisfied, required) = match operator {
            Operator::DefaultIfBlank => (not_blank, false),
            Operator::DefaultIfUnset => (value.is_some(), false),
            Operator::RequiredNotBlank => (not_blank, true),
            Operator::RequiredSet => (value.is_some(), true),
        };
        match value {
            Some(value) if satisfied => Ok(Some(value)),
            _ if required => Err(InterpolationError::Required {
                variable: variable.to_owned(),
                message: argument.to_owned(),
            }),
            _ => Ok(Some(argument.to_owned())),
        }
    }

    /// The value, which must not be empty. Refuses an expression that Docker reads differently from what the writer most
    /// likely means.
    pub(crate) fn strict_value(
        &self,
        environment: Environment<'_>,
    ) -> Result<String, InterpolationError> {
        self.check_meaning()?;
        let variable = || self.variable.to_owned();
        match self.value(environment)? {
            None => Err(InterpolationError::Unset {
                variables: vec![variable()],
            }),
            Some(value) if value.is_empty() => Err(InterpolationError::Blank {
                variable: variable(),
            }),
            Some(value) => Ok(value),
        }
    }

    /// True if the expression has an operator: a default, or an error message for a missing value.
    pub(crate) fn has_operator(&self) -> bool {
        !self.rest.is_empty()
    }

    /// The variable in braces, so that text after it can't become a part of its name.
    pub(crate) fn in_braces(&self) -> String {
        if self.braced {
            self.written.to_owned()
        } else {
            format!("${{{}{}}}", self.variable, self.rest)
        }
    }

    /// Refuses an expression that Docker reads differently from what the writer most likely means.
    pub(crate) fn check_meaning(&self) -> Result<(), InterpolationError> {
        let Some((variable, _, argument)) = self.as_docker_reads_it() else {
            return Ok(());
        };
        let written = self.written.to_owned();
        if !self.braced {
            return Err(InterpolationError::UnbracedOperator {
                written,
                variable: self.variable.to_owned(),
                otherwise: argument.to_owned(),
                rest: self.rest.to_owned(),
            });
        }
        if argument.contains('$') {
            return Err(InterpolationError::NestedVariable { written });
        }
        if variable != self.variable {
            return Err(InterpolationError::MistakenOperator {
                written,
                variable: variable.to_owned(),
                otherwise: argument.to_owned(),
            });
        }
        Ok(())
    }

    /// Name, operator and argument as Docker finds them. `None` if there is no operator.
    fn as_docker_reads_it(&self) -> Option<(&str, Operator, &str)> {
        if self.rest.is_empty() {
            return None;
        }
        let name_start = if self.braced { 2 } else { 1 };
        let inner = &self.written[name_start..][..self.variable.len() + self.rest.len()];
        let split_at = |sign, operator| {
            inner
                .split_once(sign)
                .map(|(name, argument)| (name, operator, argument))
        };
        split_at(":-", Operator::DefaultIfBlank)
            .or_else(|| split_at("-", Operator::DefaultIfUnset))
            .or_else(|| split_at(":?", Operator::RequiredNotBlank))
            .or_else(|| split_at("?", Operator::RequiredSet))
    }
}

/// `${NAME…}` at the beginning of `text`.
fn braced(text: &str) -> Option<Substitution<'_>> {
    let inner = &text[2..];
    let (variable, rest) = name_and_rest(inner)?;
    let length = variable.len() + rest.len();
    inner[length..].starts_with('}').then(|| Substitution {
        written: &text[..2 + length + 1],
        variable,
        rest,
        braced: true,
    })
}

/// `$NAME…` at the beginning of `text`.
fn unbraced(text: &str) -> Option<Substitution<'_>> {
    let (variable, rest) = name_and_rest(&text[1..])?;
    Some(Substitution {
        written: &text[..1 + variable.len() + rest.len()],
        variable,
        rest,
        braced: false,
    })
}

/// Docker's `[_a-z][_a-z0-9]*(?::?[-?][^}]*)?` at the beginning of `text`.
fn name_and_rest(text: &str) -> Option<(&str, &str)> {
    let name_len = text
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .unwrap_or(text.len());
    let (name, behind) = text.split_at(name_len);
    if !is_variable_name(name) {
        return None;
    }
    let sign_len = usize::from(behind.starts_with(':'));
    let rest = if behind[sign_len..].starts_with(['-', '?']) {
        let end = behind.find('}').unwrap_or(behind.len());
        &behind[..end]
    } else {
        ""
    };
    Some((name, rest))
}

/// True if both a shell and Docker accept `name` as the name of a variable.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `V` has a value, `E` is blank, all others are unset.
    fn environment(name: &str) -> Result<Option<String>, InterpolationError> {
        Ok(match name {
            "V" => Some("vv".to_owned()),
            "E" => Some(String::new()),
            _ => None,
        })
    }

    fn as_docker(text: &str) -> Result<String, InterpolationError> {
        interpolate(text, &environment)
    }

    fn refused_in_a_name(text: &str) -> String {
        interpolate_strictly(text, &environment)
            .expect_err(text)
            .to_string()
    }

    #[test]
    fn the_docker_client_gives_the_same() {
        // Each line was measured with `docker stack config` of Docker 28.2, with V=vv and an empty E.
        let measured = [
            ("$V", "vv"),
            ("${V}x", "vvx"),
            ("c-$V-prod", "c-vv"),
            ("c-$U-prod", "c-prod"),
            ("${U-d}", "d"),
            ("${U:-d}", "d"),
            ("${E-d}", ""),
            ("${E:-d}", "d"),
            ("${U?a-b}", "b"),
            ("${U:?a:-b}", "b"),
            ("${U:-${V}}", "${V}"),
            ("${V:-${U}}", "vv}"),
            ("$$V", "$V"),
            ("${U:-a}b}", "ab}"),
            ("$V}", "vv}"),
            ("a$Vb-", "a"),
            ("x-$U-", "x-"),
            ("${V:-}", "vv"),
            ("${U-}", ""),
            ("${U:-é}", "é"),
            ("${V:?gone}", "vv"),
        ];
        for (text, expected) in measured {
            assert_eq!(as_docker(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["$", "a $ $V", "$1", "${V+x}", "${V-", "y-${U", "${}"] {
            let invalid = InterpolationError::InvalidFormat {
                text: text.to_owned(),
            };
            assert_eq!(as_docker(text), Err(invalid), "{text}");
        }
        assert_eq!(
            as_docker("${U:?say so}")
                .expect_err("U is unset")
                .to_string(),
            "required variable `U` is missing a value: say so"
        );
        assert!(as_docker("${E?may be blank}").is_ok());
    }

    #[test]
    fn names_need_values_and_plain_meanings() {
        assert_eq!(
            interpolate_strictly("a-${V}-${U:-d}$$", &environment).as_deref(),
            Ok("a-vv-d$")
        );
        assert_eq!(
            refused_in_a_name("a-$U"),
            "variable `U` is not set in the environment"
        );
        assert_eq!(
            refused_in_a_name("a-${U}.${W}${U}.$V"),
            "variables `U`, `W` are not set in the environment"
        );
        assert_eq!(refused_in_a_name("a-${E}"), "variable `E` is blank");
        assert_eq!(refused_in_a_name("a-${E-d}"), "variable `E` is blank");
        assert_eq!(
            refused_in_a_name("c-$V-prod"),
            "to Docker `$V-prod` is `$V` or else `prod`; write `${V}-prod` if that is meant"
        );
        assert!(refused_in_a_name("${V:-${U}}").contains("can't hold another variable"));
        assert!(refused_in_a_name("${V?not-set}").contains("with the default `set`"));
    }

    proptest! {
        #[test]
        fn text_is_taken_apart_without_loss(text in "[$AZ_{}:?a0é -]{0,24}") {
            if let Ok(pieces) = pieces(&text) {
                let together: String = pieces
                    .iter()
                    .map(|piece| match piece {
                        TextPiece::Literal("$") => "$$",
                        TextPiece::Literal(literal) => literal,
                        TextPiece::Variable(substitution) => substitution.written,
                    })
                    .collect();
                prop_assert_eq!(together, text);
            }
        }

        #[test]
        fn escaped_text_comes_back(text in ".{0,24}") {
            prop_assert_eq!(as_docker(&text.replace('$', "$$")), Ok(text));
        }
    }
}
