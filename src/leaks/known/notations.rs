//! Finds names and values in a line, in the notations of settings.

use zeroize::Zeroizing;

use crate::leaks::forms::settings::secret_names::is_named_secret;
use crate::leaks::forms::settings::templates::is_attribute;
use crate::leaks::forms::settings::value::is_random;

/// Receives a name (empty if there is none) and a candidate for its value.
pub(crate) type TakesCandidates<'taker> = &'taker mut dyn FnMut(&[u8], &[u8]);

/// Calls `found` with each pair of a name and a value in `line`. A pair may come more than once.
pub(crate) fn candidates_in(line: &[u8], found: TakesCandidates<'_>) {
    if line.starts_with(b"#") || line.starts_with(b"//") || line.starts_with(b";") {
        return;
    }
    if let Some(split) = sign_outside_quotes(line) {
        let behind = &line[split + 1..];
        let behind = behind.strip_prefix(b">").unwrap_or(behind);
        let value = unquoted(behind);
        let is_of_yaml = line[split] == b':' && behind.starts_with(b" ");
        if !is_of_yaml || !is_alias(behind.trim_ascii_start(), value) {
            found(key_of(&line[..split]), value);
        }
    }
    look_at_quoted(line, found);
    look_at_words(line, found);
    look_at_markup(line, found);
}

/// The offset of the first `=` or `:` outside of quoted strings.
fn sign_outside_quotes(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    line.iter().position(|byte| {
        quoted ^= *byte == b'"';
        !quoted && b"=:".contains(byte)
    })
}

/// True for an alias of YAML, as in `password: *login`. A `value` that is `written` in quotes is a text.
fn is_alias(written: &[u8], value: &[u8]) -> bool {
    written.starts_with(value) && is_attribute(value)
}

/// Finds pairs such as `"key": "value"`, also several in a line.
fn look_at_quoted(line: &[u8], found: TakesCandidates<'_>) {
    let mut before: &[u8] = b"";
    let mut rest = line;
    let mut key: &[u8] = b"";
    while let Some(start) = rest.iter().position(|byte| b"\"'".contains(byte)) {
        let quote = rest[start];
        let inside = &rest[start + 1..];
        let Some(end) = closing_quote(inside, quote) else {
            return;
        };
        let between = rest[..start].trim_ascii();
        match between.last() {
            // The key is quoted, or stands unquoted before its sign.
            Some(b':' | b'=') if between.len() == 1 => key = before,
            Some(b':' | b'=') => key = key_of(&between[..between.len() - 1]),
            _ => {}
        }
        before = &inside[..end];
        match unescaped(before) {
            Some(value) => found(key, &value),
            None => found(key, before),
        }
        rest = &inside[end + 1..];
    }
}

/// Finds pairs of words such as `machine registry.home login viktor password …`, as in netrc and the settings of many daemons.
fn look_at_words(line: &[u8], found: TakesCandidates<'_>) {
    let mut name: &[u8] = b"";
    for word in line.split(u8::is_ascii_whitespace) {
        let written = word.strip_suffix(b";").unwrap_or(word);
        let word = unquoted(written);
        if word.is_empty() {
            continue;
        }
        let padded = without_padding(word);
        let plain = !padded.iter().any(|byte| b"=:\"'<>{}".contains(byte));
        let is_alias = name.ends_with(b":") && is_alias(written, word);
        if plain && !is_alias && (is_random(word) || is_named_secret(name)) {
            found(name, word);
        }
        name = word;
    }
}

/// Finds XML elements such as `<password>…</password>`.
fn look_at_markup(line: &[u8], found: TakesCandidates<'_>) {
    for element in line.split(|&byte| byte == b'<').skip(1) {
        if let Some(end) = element.iter().position(|&byte| byte == b'>') {
            let tag = element[..end]
                .split(u8::is_ascii_whitespace)
                .next()
                .unwrap_or_default();
            found(tag, element[end + 1..].trim_ascii());
        }
    }
}

/// The last word before the sign: `API_KEY` in `export API_KEY=`, `name` in `- name:`, `key` in `"key":`.
fn key_of(before: &[u8]) -> &[u8] {
    let before = before.trim_ascii();
    let start = before
        .iter()
        .rposition(|byte| byte.is_ascii_whitespace() || b",{(".contains(byte))
        .map_or(0, |blank| blank + 1);
    unquoted(&before[start..])
}

/// The value without quotes, without a comma or semicolon after it, and without a trailing comment.
pub(crate) fn unquoted(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    if let Some(quote @ (b'"' | b'\'')) = value.first()
        && let Some(end) = closing_quote(&value[1..], *quote)
    {
        return &value[1..=end];
    }
    let comment = value
        .windows(2)
        .position(|window| window == b" #")
        .unwrap_or(value.len());
    let value = value[..comment].trim_ascii();
    let value = value
        .strip_suffix(b",")
        .or(value.strip_suffix(b";"))
        .unwrap_or(value);
    // The closing bracket belongs to a list or mapping in flow style around the value.
    let closes = |open: u8, close: u8| value.ends_with(&[close]) && !value.contains(&open);
    if closes(b'[', b']') || closes(b'{', b'}') {
        value[..value.len() - 1].trim_ascii()
    } else {
        value
    }
}

fn without_padding(word: &[u8]) -> &[u8] {
    let padding = word.iter().rev().take_while(|&&byte| byte == b'=').count();
    &word[..word.len() - padding]
}

fn closing_quote(inside: &[u8], quote: u8) -> Option<usize> {
    let mut escaped = false;
    inside.iter().position(|&byte| {
        let closes = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped && quote == b'"';
        closes
    })
}

/// The value with simple escapes decoded; `None` if it has no escapes.
fn unescaped(quoted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut value = Zeroizing::new(Vec::with_capacity(quoted.len()));
    let mut bytes = quoted.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next()? {
                b'u' => {
                    let digits = std::str::from_utf8(bytes.as_slice().get(..4)?).ok()?;
                    let letter = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
                    value.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                    bytes.nth(3);
                }
                next => value.push(Some(*next).filter(|next| b"\\\"/'".contains(next))?),
            },
            _ => value.push(byte),
        }
    }
    quoted.contains(&b'\\').then_some(value)
}
