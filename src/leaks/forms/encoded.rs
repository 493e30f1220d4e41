//! Texts encoded in base64: private keys, logins, or anything else. Only one layer of base64 is decoded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::private_keys::pem_key_at;
use super::settings::placeholders::is_placeholder;
use crate::format::is_base64;

/// The heading of a key, `-----BEGIN `, in base64.
pub(crate) const PEM_IN_BASE64: &str = "LS0tLS1CRUdJTi";
/// Maximum length of an encoded text.
pub(super) const LONGEST_ENCODED: usize = 64 << 10;
/// Maximum number of base64 characters that are decoded to read the heading of a key.
const LONGEST_HEADING: usize = 160;
/// Maximum number of base64 characters that are decoded to tell a real key from a sample.
const LONGEST_BEGINNING: usize = 8 << 10;
/// Minimum length of a line of base64 that may continue in the next line.
const SHORTEST_WRAPPED: usize = 60;
/// Minimum length of a password. Shorter ones are samples.
const SHORTEST_PASSWORD: usize = 6;

/// The end of the private key whose heading in base64 stands at `start`.
pub(crate) fn encoded_key_at(content: &[u8], start: usize) -> Option<usize> {
    if !content[start..].starts_with(PEM_IN_BASE64.as_bytes()) {
        return None;
    }
    // Most headings are those of certificates, so only a little is decoded to find that out.
    let (heading, _) = encoded_at(content, start, LONGEST_HEADING);
    let label = b"PRIVATE KEY";
    let heading = decoded(&heading)?;
    if !heading.windows(label.len()).any(|words| words == label) {
        return None;
    }
    let (beginning, _) = encoded_at(content, start, LONGEST_BEGINNING);
    pem_key_at(&decoded(&beginning)?, 0)?;
    Some(encoded_at(content, start, LONGEST_ENCODED).1)
}

/// The plain text that `value` encodes; `None` if it does not encode text.
pub(crate) fn encoded_text(value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = value.len().is_multiple_of(4).then(|| decoded(value))??;
    let is_text = |byte: &u8| (b' '..=b'~').contains(byte) || b"\r\n\t".contains(byte);
    (!text.is_empty() && text.iter().all(is_text)).then_some(text)
}

/// True if a decoded `text` is a user, a colon, and a password or a placeholder for one.
pub(crate) fn is_login(text: &[u8]) -> bool {
    let user = text.split(|&byte| byte == b':').next().unwrap_or(text);
    let is_word = !user.iter().any(|byte| b" \t\r\n{}[]<>=\"".contains(byte));
    user.len() < text.len() && is_word
}

/// True if the password in the login `text` may be a real one.
pub(crate) fn has_password(text: &[u8]) -> bool {
    let colon = text.iter().position(|&byte| byte == b':');
    colon.is_some_and(|colon| {
        let password = text[colon + 1..].trim_ascii();
        colon > 0 && password.len() >= SHORTEST_PASSWORD && !is_placeholder(password)
    })
}

/// The base64 text at `start`, which may continue in the next lines, and where it ends. Reads at most `longest` bytes.
pub(super) fn encoded_at(
    content: &[u8],
    start: usize,
    longest: usize,
) -> (Zeroizing<Vec<u8>>, usize) {
    let mut letters = Zeroizing::new(Vec::new());
    let rest = &content[start..(start + longest).min(content.len())];
    let (mut place, mut end) = (0, 0);
    loop {
        let run = rest[place..].iter();
        let run = run
            .take_while(|&&byte| is_base64(byte) || byte == b'=')
            .count();
        letters.extend_from_slice(&rest[place..place + run]);
        place += run;
        if run > 0 {
            end = place;
        }
        let blank = rest[place..].iter();
        let blank = blank.take_while(|byte| byte.is_ascii_whitespace()).count();
        let goes_on = run >= SHORTEST_WRAPPED && rest[place..place + blank].contains(&b'\n');
        if !goes_on || letters.ends_with(b"=") {
            return (letters, start + end);
        }
        place += blank;
    }
}

/// Decodes `letters`, without an incomplete group at their end.
pub(super) fn decoded(letters: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let whole = &letters[..letters.len() / 4 * 4];
    STANDARD.decode(whole).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_certificates() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        let pem = |label: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        for (label, expected) in [
            (concat!("RSA PRIVATE", " KEY"), true),
            ("CERTIFICATE", false),
            ("PUBLIC KEY", false),
        ] {
            let encoded = STANDARD.encode(pem(label));
            let found = encoded_key_at(format!("{encoded}\nnext: 1").as_bytes(), 0);
            assert_eq!(found, expected.then_some(encoded.len()), "{label}");
            let lines: Vec<String> = encoded
                .as_bytes()
                .chunks(76)
                .map(|line| String::from_utf8_lossy(line).into_owned())
                .collect();
            let wrapped = lines.join("\n    ");
            let found = encoded_key_at(format!("{wrapped}\n  next: 1").as_bytes(), 0);
            assert_eq!(found.is_some(), expected, "{label}, wrapped");
        }
    }

    #[test]
    fn logins_are_told_from_samples() {
        let encoded = |text: &str| is_login(text.as_bytes()) && has_password(text.as_bytes());
        assert!(encoded("deploy:summerhouse"));
        for other in [
            "username:password",
            "user:${PASSWORD}",
            "no login at all",
            ":x",
            "a:b",
        ] {
            assert!(!encoded(other), "{other}");
        }
    }
}
