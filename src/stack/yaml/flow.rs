//! Writes a part of a document in flow style, with aliases replaced by what they refer to.

use super::document::YamlDocument;
use super::error::DEEPEST;
use super::node::{Content, NodeId};
use super::scalar::Scalar;

/// Maximum length in bytes of everything that one writer writes. A stack file has the same maximum.
const LONGEST_TEXT: usize = 4 << 20;

/// Writes nodes up to a total length, which limits what repeated aliases can produce.
pub(crate) struct FlowWriter<'a> {
    document: &'a YamlDocument,
    left: usize,
}

impl<'a> FlowWriter<'a> {
    pub(crate) fn new(document: &'a YamlDocument) -> Self {
        Self {
            document,
            left: LONGEST_TEXT,
        }
    }

    /// The node in flow style. `None` if it is too long or nested too deeply, if it has a tag, or if quotes would change its
    /// meaning.
    pub(crate) fn node(&mut self, id: NodeId) -> Option<String> {
        let mut text = String::new();
        self.write(id, 0, &mut text)?;
        Some(text)
    }

    fn write(&mut self, id: NodeId, depth: usize, text: &mut String) -> Option<()> {
        let node = self.document.node(self.document.resolve(id));
        if node.tagged || depth > DEEPEST {
            return None;
        }
        match &node.content {
            Content::Scalar(scalar) => self.push(text, &written(scalar)?),
            Content::Sequence(items) => {
                self.push(text, "[")?;
                for (index, &item) in items.iter().enumerate() {
                    self.push(text, if index > 0 { ", " } else { "" })?;
                    self.write(item, depth + 1, text)?;
                }
                self.push(text, "]")
            }
            Content::Mapping { pairs, .. } => {
                self.push(text, "{ ")?;
                for (index, &(key, value)) in pairs.iter().enumerate() {
                    self.push(text, if index > 0 { ", " } else { "" })?;
                    if self.document.is_null(key) {
                        return None;
                    }
                    self.write(key, depth + 1, text)?;
                    self.push(text, ": ")?;
                    self.write(value, depth + 1, text)?;
                }
                self.push(text, " }")
            }
            Content::Alias(_) => None,
        }
    }

    fn push(&mut self, text: &mut String, piece: &str) -> Option<()> {
        self.left = self.left.checked_sub(piece.len() + 1)?;
        text.push_str(piece);
        Some(())
    }
}

/// A scalar in flow style. Plain text stays plain if that is possible; otherwise it is quoted. `None` if it is not a string,
/// since quotes would make it one.
fn written(scalar: &Scalar) -> Option<String> {
    if scalar.is_null() {
        return Some("null".to_owned());
    }
    if scalar.plain && may_stand_plain(&scalar.text) {
        return Some(scalar.text.clone());
    }
    scalar.is_string().then(|| double_quoted(&scalar.text))
}

/// True if every parser reads this plain text within braces as one scalar with this text.
fn may_stand_plain(text: &str) -> bool {
    let begins_well = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphanumeric() || "_./+-".contains(first))
    };
    let inner = |letter: char| letter.is_ascii_alphanumeric() || "_./+-=@".contains(letter);
    text == "<<" || (begins_well(text) && text != "-" && text.chars().all(inner))
}

/// The text in double quotes. Characters that would end the quotes or control a terminal are escaped.
pub(crate) fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            ' '..='~' => quoted.push(letter),
            _ if letter.is_alphanumeric() => quoted.push(letter),
            _ => quoted.push_str(&format!("\\U{:08X}", u32::from(letter))),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_flow(text: &str) -> Option<String> {
        let document = YamlDocument::parse(text).expect(text);
        FlowWriter::new(&document).node(document.root())
    }

    #[test]
    fn a_document_is_written_out() {
        let text = "a: &a\n  - x\n  - 'y, z'\n  - 0400\n  - \nb: {<<: {k: *a}, \"q\": >-\n    folded\n    text}\n";
        let expected = r#"{ a: [x, "y, z", 0400, null], b: { <<: { k: [x, "y, z", 0400, null] }, "q": "folded text" } }"#;
        let text = text.replace(">-\n    folded\n    text", "folded text");
        assert_eq!(in_flow(&text).as_deref(), Some(expected));
        assert_eq!(in_flow("a: !!str 1\n"), None, "a tag");
        assert_eq!(
            in_flow("- \"\\e\\u2028é\"\n").as_deref(),
            Some("[\"\\U0000001B\\U00002028é\"]")
        );
    }

    #[test]
    fn aliases_that_multiply_are_not_written_out() {
        let mut bomb = String::from("m0: &m0 [x]\n");
        for level in 1..40 {
            let below = format!("*m{},", level - 1).repeat(9);
            bomb += &format!("m{level}: &m{level} [{below}]\n");
        }
        assert_eq!(in_flow(&bomb), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in any::<String>()) {
            let document = YamlDocument::parse(&double_quoted(&text)).expect("quoted");
            let (read, plain) = document.scalar(document.root()).expect("a scalar");
            prop_assert_eq!((read, plain), (text.as_str(), false));
        }
    }
}
