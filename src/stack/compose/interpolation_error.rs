//! Why a text with variables is refused.

use thiserror::Error;

/// Maximum length in bytes of a text with its variables replaced. A stack file has the same maximum.
pub(crate) const LONGEST_RESULT: usize = 4 << 20;

/// A text whose variables can't be replaced, or that Docker reads differently from what the writer most likely means.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum InterpolationError {
    /// Docker refuses the text.
    #[error("invalid interpolation format in `{text}`; a `$` that is no variable is written `$$`")]
    InvalidFormat {
        /// The whole text.
        text: String,
    },
    /// `${V?message}` or `${V:?message}` without a value.
    #[error("required variable `{variable}` is missing a value: {message}")]
    Required {
        variable: String,
        /// The message written in the stack file.
        message: String,
    },
    /// Variables that must have a value have none.
    #[error("{} not set in the environment", named(variables))]
    Unset {
        /// The names of the variables, each once, in their order in the text.
        variables: Vec<String>,
    },
    /// A variable that must have a value is empty.
    #[error("variable `{variable}` is blank")]
    Blank { variable: String },
    /// The value of a variable is a secret, and the text is shown in clear.
    #[error(
        "the variable `{variable}` comes from {file}, which Git does not hold in plaintext, and this text is shown in plaintext"
    )]
    Secret {
        variable: String,
        /// The file of variables that sets the value.
        file: String,
    },
    /// The value is unknown, because a file of variables can't be read that may set it.
    #[error("nobody knows the variable `{variable}` while a file of variables can't be read")]
    Unread { variable: String },
    /// The text is too long once its variables are replaced.
    #[error("it has more than {LONGEST_RESULT} bytes once its variables are replaced")]
    TooLong,
    /// `$V-text`, which Docker reads as a variable with a default.
    #[error(
        "to Docker `{written}` is `${variable}` or else `{otherwise}`; write `${{{variable}}}{rest}` if that is meant"
    )]
    UnbracedOperator {
        /// The variable as written.
        written: String,
        variable: String,
        /// The text after the operator.
        otherwise: String,
        /// The operator and the text after it.
        rest: String,
    },
    /// A default that holds a variable, which Docker does not replace.
    #[error(
        "Docker takes the variable in `{written}` literally; a default can't hold another variable"
    )]
    NestedVariable {
        /// The variable as written.
        written: String,
    },
    /// Docker takes a character within an error message or default for the operator of the variable.
    #[error(
        "Docker takes `{written}` for `{variable}` with the default `{otherwise}`; leave `-` out of its message"
    )]
    MistakenOperator {
        /// The variable as written.
        written: String,
        /// The variable's name as Docker reads it.
        variable: String,
        /// The default as Docker reads it.
        otherwise: String,
    },
}

/// The names of some variables, followed by "is" or "are".
fn named(variables: &[String]) -> String {
    let names: Vec<String> = variables.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [one] => format!("variable {one} is"),
        several => format!("variables {} are", several.join(", ")),
    }
}
