//! The patterns in `.gitattributes` that encrypt files, each with a sample path that it matches.

use crate::format::KeyName;
use crate::repository::PathBytes;

/// A pattern that assigns a key to files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EncryptingPattern {
    /// The pattern, from the top of the repository.
    pub(crate) shown: PathBytes,
    /// A path that this pattern matches and that no other pattern names.
    pub(crate) sample: PathBytes,
    /// A text in lower case that every matching path contains; `None` if no part of the pattern is fixed.
    fixed_part: Option<Vec<u8>>,
}

/// The text that a sample has in place of each wildcard.
const ANYTHING: &[u8] = b"hs-secrets-sample";

impl EncryptingPattern {
    /// The patterns in the `.gitattributes` at `path` that may encrypt files, also by one of these `macros`.
    pub(crate) fn all_in(path: &PathBytes, content: &[u8], macros: &[Vec<u8>]) -> Vec<Self> {
        let folder = path.as_bytes().strip_suffix(b".gitattributes");
        let folder = folder.unwrap_or_default();
        lines(content)
            .filter(|line| !line.starts_with(b"#") && !line.starts_with(b"[attr]"))
            .filter_map(|line| {
                let (pattern, attributes) = pattern_of(line)?;
                let any = words(attributes).any(|word| encrypts(word, macros));
                let escaped = line.contains(&b'\\');
                any.then(|| Self::new(folder, &pattern, escaped))
            })
            .collect()
    }

    /// True if the pattern may match `path`.
    pub(crate) fn may_match(&self, path: &PathBytes) -> bool {
        let Some(part) = &self.fixed_part else {
            return true;
        };
        let mut windows = path.as_bytes().windows(part.len());
        windows.any(|window| window.eq_ignore_ascii_case(part))
    }

    /// A pattern in the `.gitattributes` of `folder`. In an `escaped` one, no part is taken for fixed.
    fn new(folder: &[u8], pattern: &[u8], escaped: bool) -> Self {
        let pattern = pattern.strip_prefix(b"/").unwrap_or(pattern);
        let sample = sample(pattern);
        let open = escaped || pattern.contains(&b'[');
        let fixed = pattern.split(|byte| b"*?/".contains(byte));
        let fixed = fixed.max_by_key(|part| part.len()).unwrap_or_default();
        Self {
            shown: PathBytes::new([folder, pattern].concat()),
            sample: PathBytes::new([folder, &sample[..]].concat()),
            fixed_part: (!open && !fixed.is_empty()).then(|| fixed.to_ascii_lowercase()),
        }
    }
}

/// The lines that set a filter, directly or by one of these `macros`. Files in which these lines are equal encrypt the same paths.
pub(crate) fn lines_about_filters<'a>(
    content: &'a [u8],
    macros: &[Vec<u8>],
) -> impl Iterator<Item = &'a [u8]> {
    let names = |line: &[u8], word: &[u8]| line.windows(word.len()).any(|part| part == word);
    lines(content).filter(move |line| {
        !line.starts_with(b"#")
            && (names(line, b"filter") || macros.iter().any(|name| names(line, name)))
    })
}

/// The macros, defined in the topmost `.gitattributes`, that may encrypt files. A macro may use other macros.
pub(crate) fn encrypting_macros(content: &[u8]) -> Vec<Vec<u8>> {
    let definitions = lines(content).filter_map(|line| line.strip_prefix(b"[attr]"));
    let definitions: Vec<&[u8]> = definitions.collect();
    let mut macros = Vec::new();
    loop {
        let known = macros.len();
        for definition in &definitions {
            let mut parts = words(definition);
            let Some(name) = parts.next() else { continue };
            if parts.any(|word| encrypts(word, &macros))
                && !macros.iter().any(|known| known == name)
            {
                macros.push(name.to_vec());
            }
        }
        if macros.len() == known {
            return macros;
        }
    }
}

fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    content.split(|&byte| byte == b'\n').map(trim)
}

fn trim(line: &[u8]) -> &[u8] {
    let blank = |byte: &&u8| is_blank(byte);
    let (before, behind) = (
        line.iter().take_while(blank).count(),
        line.iter().rev().take_while(blank).count(),
    );
    line.get(before..line.len() - behind).unwrap_or_default()
}

/// True for characters that Git takes for blanks in `.gitattributes`.
fn is_blank(byte: &u8) -> bool {
    b" \t\r".contains(byte)
}

/// A path that matches `pattern`.
fn sample(pattern: &[u8]) -> Vec<u8> {
    let mut path = Vec::new();
    let mut rest = pattern;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        match byte {
            b'*' => {
                let stars = rest.iter().take_while(|&&byte| byte == b'*').count();
                rest = &rest[stars..];
                path.extend_from_slice(ANYTHING);
            }
            b'?' => path.push(b'x'),
            b'\\' => {
                if let [escaped, behind @ ..] = rest {
                    path.push(*escaped);
                    rest = behind;
                }
            }
            b'[' => match rest.iter().skip(1).position(|&byte| byte == b']') {
                Some(end) => {
                    path.push(one_of(&rest[..=end]));
                    rest = &rest[end + 2..];
                }
                None => path.push(b'['),
            },
            _ => path.push(*byte),
        }
    }
    path
}

/// A byte that matches a bracket expression, given as the `set` between the brackets.
fn one_of(set: &[u8]) -> u8 {
    match set {
        [b'!' | b'^', excluded @ ..] => {
            let free = |byte: &u8| !excluded.contains(byte);
            (b'a'..=b'z').chain(b'0'..=b'9').find(free).unwrap_or(b'_')
        }
        [first, ..] => *first,
        [] => b'x',
    }
}

/// The pattern at the beginning of a line, without quotes, and the attributes after it.
fn pattern_of(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let Some(quoted) = line.strip_prefix(b"\"") else {
        let end = line.iter().position(is_blank)?;
        return Some((line[..end].to_vec(), &line[end..]));
    };
    let mut pattern = Vec::new();
    let mut rest = quoted;
    loop {
        match rest {
            [b'"', behind @ ..] => return Some((pattern, behind)),
            [b'\\', escaped, behind @ ..] => {
                pattern.push(*escaped);
                rest = behind;
            }
            [byte, behind @ ..] => {
                pattern.push(*byte);
                rest = behind;
            }
            [] => return None,
        }
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(is_blank).filter(|word| !word.is_empty())
}

/// True if the attribute assigns a git-crypt key, or is one of these macros.
fn encrypts(attribute: &[u8], macros: &[Vec<u8>]) -> bool {
    let driver = attribute.strip_prefix(b"filter=");
    let driver = driver.and_then(|driver| std::str::from_utf8(driver).ok());
    driver.is_some_and(|driver| KeyName::of_driver(driver).is_some())
        || macros.iter().any(|name| name == attribute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(content: &str) -> Vec<(String, String)> {
        let path = PathBytes::new("web/.gitattributes");
        let all = EncryptingPattern::all_in(
            &path,
            content.as_bytes(),
            &encrypting_macros(content.as_bytes()),
        )
        .into_iter();
        all.map(|pattern| (pattern.shown.to_string(), pattern.sample.to_string()))
            .collect()
    }

    #[test]
    fn each_encrypting_pattern_has_a_path_that_it_matches() {
        let open = "hs-secrets-sample";
        for (line, shown, sample) in [
            (
                "s/** filter=git-crypt diff=git-crypt",
                "web/s/**",
                format!("web/s/{open}"),
            ),
            ("/db filter=git-crypt-low", "web/db", "web/db".to_owned()),
            (
                "*.key\tfilter=git-crypt",
                "web/*.key",
                format!("web/{open}.key"),
            ),
            (
                "**/s/* filter=git-crypt",
                "web/**/s/*",
                format!("web/{open}/s/{open}"),
            ),
            (
                "a[bc]?\\* filter=git-crypt",
                "web/a[bc]?\\*",
                "web/abx*".to_owned(),
            ),
            ("[!ab]x filter=git-crypt", "web/[!ab]x", "web/cx".to_owned()),
            ("\"a b\" filter=git-crypt", "web/a b", "web/a b".to_owned()),
        ] {
            assert_eq!(patterns(line), [(shown.to_owned(), sample)], "{line}");
        }
        let macros = "[attr]private hidden\n[attr]hidden filter=git-crypt diff=git-crypt\nx private\ny text\n";
        assert_eq!(patterns(macros), [("web/x".to_owned(), "web/x".to_owned())]);
        for other in [
            "# s/** filter=git-crypt",
            "s/** !filter",
            "s/** filter=lfs",
            "s/**",
            "",
        ] {
            assert!(patterns(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn paths_without_the_fixed_part_are_not_matched() {
        let path = PathBytes::new(".gitattributes");
        let content = b"**/Secret/** filter=git-crypt\n";
        let pattern = &EncryptingPattern::all_in(&path, content, &[])[0];
        assert!(pattern.may_match(&PathBytes::new("web/secret/db")));
        assert!(!pattern.may_match(&PathBytes::new("web/config/db")));
        let pattern = &EncryptingPattern::all_in(&path, b"* filter=git-crypt", &[])[0];
        assert!(pattern.may_match(&PathBytes::new("any")));
    }
}
