//! Values that begin in the line below their name: lists, long strings, continued lines.

use super::written::{Form, LONGEST_VALUE, Text, Written};

impl Text<'_> {
    /// The string at the beginning of the line at `start`, if it is not a name itself.
    pub(super) fn in_next_line(&self, start: usize) -> Option<Written> {
        let start = self.blank(start);
        let quote = *self.line(start).first().filter(|byte| is_quote(byte))?;
        let written = self.quoted(start, quote)?;
        let behind = self.content.get(self.blank(written.place.end + 1));
        let is_name = matches!(behind, Some(b':' | b'='));
        (!is_name).then_some(written)
    }

    /// The first string of the list that begins at `start`.
    pub(super) fn one_in_list(&self, start: usize) -> Option<Written> {
        let rest = self.content.get(start + 1..)?;
        let gap = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
        let first = start + 1 + gap.count();
        let quote = *self.line(first).first().filter(|byte| is_quote(byte))?;
        self.quoted(first, quote)
    }

    /// The first line of the string in triple quotes that begins at `start`.
    pub(super) fn in_three_quotes(&self, start: usize, quote: u8) -> Option<Written> {
        let inside = start + 3;
        let rest = self.content.get(inside..)?;
        let gap = rest.iter().take_while(|byte| b"\\\r\n".contains(byte));
        let first = inside + gap.count();
        let line = self.line(first);
        let ends = |&byte: &u8| byte == quote || b"\\\r".contains(&byte);
        let length = line.iter().position(ends).unwrap_or(line.len());
        (length < LONGEST_VALUE).then(|| Written {
            place: first..first + length,
            form: Form::Delimited,
        })
    }

    /// The default for a missing value: `NAME || "value"`, with the operator at `at`.
    pub(super) fn instead(&self, at: usize) -> Option<Written> {
        let rest = self.content.get(at..)?;
        let sign = [&b"|| "[..], b"?? ", b"?: ", b"or "]
            .into_iter()
            .find(|sign| rest.starts_with(sign))?;
        let start = self.blank(at + sign.len());
        let quote = *self.line(start).first().filter(|byte| is_quote(byte))?;
        let written = self.quoted(start, quote)?;
        let behind = self.content.get(self.blank(written.place.end + 1));
        // The string is compared, or part of a longer text.
        let is_part = matches!(behind, Some(b'=' | b'!' | b'.' | b'+'));
        (!is_part).then_some(written)
    }
}

fn is_quote(byte: &u8) -> bool {
    b"\"'`".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::super::dialect::Dialect;
    use super::super::written::value_of;

    fn found(text: &str) -> Option<&str> {
        let start = text.find("token").expect("a name");
        let end = start + "token".len();
        let written = value_of(text.as_bytes(), &(start..end), Dialect::Program)?;
        Some(&text[written.place])
    }

    #[test]
    fn values_below_their_names_are_read() {
        for text in [
            "token = \\\n    'summerhouse'\n",
            "token =\n    \"summerhouse\";\n",
            "token = (\n    \"summerhouse\"\n)\n",
            "token = [\n    \"summerhouse\",\n    \"wickerbasket\"\n]\n",
            "token = \"\"\"\nsummerhouse\n\"\"\"\n",
            "token = \"\"\"\\\nsummerhouse\\\nwickerbasket\"\"\"\n",
            "env.token || 'summerhouse'",
            "os.environ.get(\"token\") or \"summerhouse\"",
            "$_ENV['token'] ?? 'summerhouse'",
        ] {
            assert_eq!(found(text), Some("summerhouse"), "{text}");
        }
        for text in [
            "token:\n  \"type\": \"string\"\n",
            "token:\n\n  'summerhouse'\n",
            "token = [\n  summerhouse\n]\n",
            "env.token || summerhouse",
            "if (!token || 'summerhouse' === name)",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
