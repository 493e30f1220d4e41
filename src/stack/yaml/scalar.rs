//! A scalar: its text and its YAML type.

/// Text in a YAML document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// True if it is written without quotes and not as a block.
    pub(crate) plain: bool,
}

impl Scalar {
    /// An empty value.
    pub(crate) fn null() -> Self {
        let (text, plain) = (String::new(), true);
        Self { text, plain }
    }

    /// True for an empty value, `~` and `null`.
    pub(crate) fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// True if YAML reads it as a string.
    pub(crate) fn is_string(&self) -> bool {
        !self.plain || is_plain_string(&self.text)
    }

    /// True if both have the same value, even if they are written differently.
    pub(crate) fn means(&self, other: &Self) -> bool {
        let are_equal = self.text == other.text
            && (self.plain == other.plain || (self.is_string() && other.is_string()));
        are_equal || (self.is_null() && other.is_null())
    }
}

/// True if YAML reads this plain text as a string rather than as null, a boolean or a number.
pub(crate) fn is_plain_string(plain: &str) -> bool {
    let number_like =
        plain.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    let digits = plain.trim_start_matches(['+', '-']).replace('_', "");
    let radix = |prefix: &str, radix| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|digits| u64::from_str_radix(digits, radix).is_ok())
    };
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => false,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => false,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "-.inf" | ".nan" | ".NaN" | ".NAN" => false,
        _ if !number_like => true,
        _ => {
            let number = digits.parse::<f64>().is_ok();
            !(number || radix("0x", 16) || radix("0o", 8) || radix("0b", 2))
        }
    }
}
