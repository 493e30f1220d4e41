//! Passwords that a command reads from stdin: `echo password | docker login --password-stdin`, `chpasswd <<< user:password`.

use std::ops::Range;

use super::commands::words;
use super::is_password;
use crate::leaks::forms::settings::dialect::Dialect;

/// Commands that read a password from stdin. If a character is given, it separates the user from the password in each line.
pub(crate) const READERS: &[(&str, Option<u8>)] = &[
    ("docker secret create", None),
    ("podman secret create", None),
    ("password-stdin", None),
    ("chpasswd", Some(b':')),
    ("sudo -S", None),
    ("passwd --stdin", None),
    ("vncpasswd", None),
    ("cryptsetup", None),
];

/// Maximum number of bytes that are read before and after the reader.
const LONGEST: usize = 400;

/// The password that the command at `reader` is given: through a pipe, in a word after `<<<`, or in the line below `<<`.
pub(crate) fn password_read_by(
    content: &[u8],
    reader: Range<usize>,
    sign: Option<u8>,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let word = piped_into(content, reader.start);
    let word = word.or_else(|| redirected_to(content, reader.end, sign.is_some()));
    let mut word = word?;
    if let Some(sign) = sign {
        let place = content[word.clone()]
            .iter()
            .position(|&byte| byte == sign)?;
        word.start += place + 1;
    }
    // `printf` is often given a `\n` at the end of the password.
    if content[word.clone()].ends_with(b"\\n") {
        word.end -= 2;
    }
    is_password(&content[word.clone()], dialect).then_some((word.start, word.end))
}

/// The last word of `echo` or `printf` before the pipe to `reader`.
fn piped_into(content: &[u8], reader: usize) -> Option<Range<usize>> {
    let from = reader.saturating_sub(LONGEST);
    let line = &content[from..reader];
    let line = line.iter().rposition(|&byte| byte == b'\n');
    let line_start = line.map_or(from, |end| from + end + 1);
    let before = &content[line_start..reader];
    let pipe = before.iter().rposition(|&byte| byte == b'|')?;
    let before = &before[..pipe];
    let writer = [&b"echo "[..], b"printf ", b"printf\t"]
        .iter()
        .find_map(|name| {
            let place = before
                .windows(name.len())
                .rposition(|window| window == *name)?;
            Some(line_start + place + name.len())
        })?;
    words(&content[..line_start + pipe], writer).pop()
}

/// The word after `<<<`, or the line below `<<`, for a reader that ends at `from`.
///
/// With `has_users`, each line of the reader's input has a user and a password.
fn redirected_to(content: &[u8], from: usize, has_users: bool) -> Option<Range<usize>> {
    let rest = &content[from..(from + LONGEST).min(content.len())];
    let line_end = rest.iter().position(|&byte| byte == b'\n');
    let line = &rest[..line_end.unwrap_or(rest.len())];
    let sign = line.windows(2).position(|window| window == b"<<")?;
    if line[sign..].starts_with(b"<<<") {
        return words(&content[..from + line.len()], from + sign + 3)
            .into_iter()
            .next();
    }
    let end_mark = line[sign + 2..].trim_ascii();
    let end_mark = end_mark.strip_prefix(b"-").unwrap_or(end_mark).trim_ascii();
    let end_mark = match end_mark {
        [b'"' | b'\'', inside @ .., _] => inside,
        _ => end_mark,
    };
    let below = from + line_end? + 1;
    let mut lines = rest[line_end? + 1..].splitn(3, |&byte| byte == b'\n');
    let text = lines.next()?;
    // The first line of a longer text is no password, unless each line is a `user:password`.
    let is_whole = lines.next()?.trim_ascii() == end_mark;
    let start = below + text.len() - text.trim_ascii_start().len();
    (is_whole || has_users).then(|| start..start + text.trim_ascii().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        READERS.iter().find_map(|(reader, sign)| {
            let hit = text.find(reader)?;
            let place = hit..hit + reader.len();
            let (start, end) = password_read_by(text.as_bytes(), place, *sign, Dialect::Settings)?;
            Some(&text[start..end])
        })
    }

    #[test]
    fn passwords_that_are_piped_are_told_from_variables_and_files() {
        for text in [
            "echo summerhouse | docker login -u ci --password-stdin",
            "printf 'summerhouse' | docker secret create db -",
            "printf '%s' 'summerhouse' | docker secret create db -",
            "printf 'summerhouse\\n' | sudo -S true",
            "  - echo \"berta:summerhouse\" | chpasswd",
            "vncpasswd -f <<< summerhouse > ~/.vnc/passwd",
            "chpasswd <<<'berta:summerhouse'",
            "chpasswd <<EOF\nberta:summerhouse\nEOF\n",
            "docker secret create db - <<-'END'\n\tsummerhouse\n\tEND\n",
        ] {
            assert_eq!(found(text), Some("summerhouse"), "{text}");
        }
        for text in [
            "cat /run/secrets/x | docker login -u ci --password-stdin",
            "echo \"$PASSWORD\" | docker login --password-stdin",
            "echo \"root:${ROOT_PW}\" | chpasswd",
            "docker login --password-stdin < file",
            "chpasswd <<< \"root:$ROOT_PW\"",
            "chpasswd <<EOF\nroot:$ROOT_PW\nEOF\n",
            "docker secret create app - <<EOF\n{ \"port\": 8080 }\nEOF\n",
            "docker secret create app - <<EOF\nserver:\n  listen: 8080\nEOF\n",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
