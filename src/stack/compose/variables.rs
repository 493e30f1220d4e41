//! The variables in the values of a stack file, which the docker client replaces.

use std::collections::BTreeSet;

use super::interpolate::{Environment, TextPiece, pieces};
use super::reader::Reader;
use crate::stack::yaml::{DocumentError, NodeId, YamlDocument};

/// A variable that occurs in a stack file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StackVariable {
    pub(crate) name: String,
    /// The first line in which it occurs, from 1.
    pub(crate) line: usize,
    /// True if it has a value.
    pub(crate) is_set: bool,
    /// True if each occurrence says what to do without a value, as `${TAG:-latest}` does.
    pub(crate) has_default: bool,
}

/// All variables of the document, each once, in their order in the text. Values that Docker refuses are skipped.
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
                    is_set: !matches!(environment(variable.variable), Ok(None)),
                    has_default,
                }),
            }
        }
    }
    found
}

impl Reader<'_> {
    /// The names of the variables anywhere in a value.
    pub(super) fn variables_below(
        &self,
        value: NodeId,
        names: &mut BTreeSet<String>,
    ) -> Result<(), DocumentError> {
        if let Some((text, _)) = self.document.scalar(value) {
            let pieces = pieces(text).unwrap_or_default().into_iter();
            names.extend(pieces.filter_map(|piece| match piece {
                TextPiece::Variable(variable) => Some(variable.variable.to_owned()),
                TextPiece::Literal(_) => None,
            }));
        } else if let Some(items) = self.document.items(value)? {
            for &item in items {
                self.variables_below(item, names)?;
            }
        } else {
            for pair in self.document.pairs(value)?.unwrap_or_default() {
                self.variables_below(pair.value, names)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variable_is_found_once_with_what_becomes_of_it() {
        let text = "a: $X\nb:\n  - '${Y:-none} $$Z'\n  - ${X}\nc: ${Y}\n# $W\n";
        let document = YamlDocument::parse(text).expect("it is YAML");
        let set = |name: &str| Ok((name == "X").then(|| "1".to_owned()));
        let found = variables(&document, &set);
        let told: Vec<_> = found
            .iter()
            .map(|variable| {
                (
                    variable.name.as_str(),
                    variable.line,
                    variable.is_set,
                    variable.has_default,
                )
            })
            .collect();
        assert_eq!(told, [("X", 1, true, false), ("Y", 3, false, false)]);
    }
}
