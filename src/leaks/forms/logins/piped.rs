//! Passwords that are piped into a command: `echo password | docker login --password-stdin`.

use super::commands::words;
use super::is_password;
use crate::leaks::forms::settings::dialect::Dialect;

/// Commands that read a password from their input, with the sign before it in a line of theirs.
pub(crate) const READERS: &[(&str, Option<u8>)] = &[
    ("docker secret create", None),
    ("podman secret create", None),
    ("password-stdin", None),
    ("chpasswd", Some(b':')),
    ("sudo -S", None),
    ("passwd --stdin", None),
    ("vncpasswd -f", None),
    ("cryptsetup", None),
];

/// Maximum length of the part of a line before the reader.
const LONGEST: usize = 400;

/// The password that is written to the reader which stands at `hit`.
pub(crate) fn password_piped_into(
    content: &[u8],
    hit: usize,
    sign: Option<u8>,
    dialect: Dialect,
) -> Option<(usize, usize)> {
    let from = hit.saturating_sub(LONGEST);
    let line = &content[from..hit];
    let line_start = line
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(from, |end| from + end + 1);
    let pipe = line_start
        + content[line_start..hit]
            .iter()
            .rposition(|&byte| byte == b'|')?;
    let before = &content[line_start..pipe];
    let writer = [&b"echo "[..], b"printf ", b"printf\t"]
        .iter()
        .find_map(|name| {
            let place = before
                .windows(name.len())
                .rposition(|window| window == *name)?;
            Some(line_start + place + name.len())
        })?;
    let mut word = words(&content[..pipe], writer).pop()?;
    if let Some(sign) = sign {
        let place = content[word.clone()]
            .iter()
            .position(|&byte| byte == sign)?;
        word.start += place + 1;
    }
    // The line's own end, as `printf` is told it.
    if content[word.clone()].ends_with(b"\\n") {
        word.end -= 2;
    }
    is_password(&content[word.clone()], dialect).then_some((word.start, word.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        READERS.iter().find_map(|(reader, sign)| {
            let hit = text.find(reader)?;
            let (start, end) = password_piped_into(text.as_bytes(), hit, *sign, Dialect::Settings)?;
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
        ] {
            assert_eq!(found(text), Some("summerhouse"), "{text}");
        }
        for text in [
            "cat /run/secrets/x | docker login -u ci --password-stdin",
            "echo \"$PASSWORD\" | docker login --password-stdin",
            "echo \"root:${ROOT_PW}\" | chpasswd",
            "docker login --password-stdin < file",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
