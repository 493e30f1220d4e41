//! The variables in a stack file's values, which the docker client replaces.

use super::interpolate::{Environment, TextPiece, pieces};
use crate::stack::yaml::YamlDocument;

/// A variable that a value of a stack file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StackVariable {
    pub(crate) name: String,
    /// The first line that holds it, from 1.
    pub(crate) line: usize,
    /// Its value; none if it is not set.
    pub(crate) value: Option<String>,
    /// True if each place says what to do without a value, as `${TAG:-latest}` does.
    pub(crate) has_default: bool,
}

/// All variables of the document, each once, in their order in the text. A text that Docker refuses has none.
pub(super) fn variables(
    document: &YamlDocument,
    environment: Environment<'_>,
) -> Vec<StackVariable> {
    let mut found: Vec<StackVariable> = Vec::new();
    for (line, text) in document.texts() {
        for piece in pieces(text).unwrap_or_default() {
            let TextPiece::Variable(variable) = piece else {
                continue;
            };
            let has_default = variable.has_operator();
            match found
                .iter_mut()
                .find(|known| known.name == variable.variable)
            {
                Some(known) => known.has_default &= has_default,
                None => found.push(StackVariable {
                    name: variable.variable.to_owned(),
                    line,
                    value: environment(variable.variable),
                    has_default,
                }),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variable_is_found_once_with_what_becomes_of_it() {
        let text = "a: $X\nb:\n  - '${Y:-none} $$Z'\n  - ${X}\nc: ${Y}\n# $W\n";
        let document = YamlDocument::parse(text).expect("it is YAML");
        let set = |name: &str| (name == "X").then(|| "1".to_owned());
        let found = variables(&document, &set);
        let told: Vec<_> = found
            .iter()
            .map(|it| {
                (
                    it.name.as_str(),
                    it.line,
                    it.value.as_deref(),
                    it.has_default,
                )
            })
            .collect();
        assert_eq!(told, [("X", 1, Some("1"), false), ("Y", 3, None, false)]);
    }
}
