//! Private keys in their usual forms, and git-crypt's own.

use super::settings::value::contains;
use crate::format::is_base64;

/// Minimum length of a line in the body of a key. A sample has shorter lines.
const SHORTEST_BODY: usize = 40;

/// Maximum length of the first line of a key.
const LONGEST_HEADING: usize = 100;

/// The label of an OpenVPN static key, which both ends of a connection have.
const OPENVPN: &[u8] = b"OpenVPN Static key V1";

/// Length of a line in an OpenVPN static key.
const OPENVPN_LINE: usize = 32;

/// The first bytes of a git-crypt key file, as they are and in base64.
pub(crate) const KEY_FILE_BEGINNINGS: [&str; 2] = ["\0GITCRYPTKEY", "AEdJVENSWVBUS0VZ"];

/// The end of the first line of the private key whose `-----BEGIN ` stands at `start`.
pub(crate) fn pem_key_at(content: &[u8], start: usize) -> Option<usize> {
    let rest = &content[start..(start + 4096).min(content.len())];
    let line = rest
        .iter()
        .take(LONGEST_HEADING)
        .position(|&byte| byte == b'\n' || byte == b'\\')
        .unwrap_or(rest.len().min(LONGEST_HEADING));
    let heading = &rest[..line];
    let label_end = [&b"PRIVATE KEY"[..], OPENVPN].iter().find_map(|label| {
        let mut places = heading.windows(label.len());
        Some(places.position(|window| window == *label)? + label.len())
    })?;
    let is_openvpn = heading[..label_end].ends_with(OPENVPN);
    let behind = &rest[label_end..];
    let dashes = behind
        .strip_prefix(b" BLOCK")
        .unwrap_or(behind)
        .strip_prefix(b"-----")?;
    // The body may be written in one line with `\n`, or its lines may be indented or quoted.
    let mut longest = 0;
    let mut current = 0;
    for &byte in &dashes[..dashes.len().min(600)] {
        current = if is_base64(byte) { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    let shortest = if is_openvpn {
        OPENVPN_LINE
    } else {
        SHORTEST_BODY
    };
    (longest >= shortest).then_some(start + rest.len() - dashes.len())
}

/// The first bytes of a private key in PuTTY's form.
pub(crate) const PUTTY_BEGINNING: &str = "PuTTY-User-Key-File-";

/// The end of the first line of the PuTTY key at `start`.
pub(crate) fn putty_key_at(content: &[u8], start: usize) -> Option<usize> {
    let rest = &content[start..(start + 8192).min(content.len())];
    let line = rest.iter().position(|&byte| byte == b'\n')?;
    let behind = &rest[line..];
    let is_key = behind.starts_with(b"\nEncryption:") && contains(behind, b"\nPrivate-Lines:");
    is_key.then_some(start + line)
}

/// The end of the age identity whose prefix stands at `start`.
pub(crate) fn age_key_at(content: &[u8], start: usize) -> Option<usize> {
    let body = &content[start + AGE_PREFIX.len()..];
    let length = body
        .iter()
        .take(59)
        .take_while(|byte| BECH32.contains(byte))
        .count();
    (length == 58).then_some(start + AGE_PREFIX.len() + length)
}

/// The characters of bech32, chosen so that none is easily mistaken for another.
const BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// The first bytes of an age identity.
pub(crate) const AGE_PREFIX: &str = "AGE-SECRET-KEY-1";

/// True for a key of git-crypt 0.3 and older: 96 bytes without any structure.
pub(crate) fn is_legacy_key(content: &[u8]) -> bool {
    if content.len() != 96 {
        return false;
    }
    let mut seen = [false; 256];
    content
        .iter()
        .for_each(|&byte| seen[usize::from(byte)] = true);
    let distinct = seen.iter().filter(|&&seen| seen).count();
    // 96 random bytes have 80 distinct values on average.
    distinct >= 64 && std::str::from_utf8(content).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_without_a_body_is_no_key() {
        let key = |body: &str| format!("-----BEGIN RSA {} KEY-----\n{body}\n-----END", "PRIVATE");
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        assert!(pem_key_at(key(body).as_bytes(), 0).is_some());
        assert!(pem_key_at(key(body).replace('\n', "\\n").as_bytes(), 0).is_some());
        assert_eq!(pem_key_at(key("...").as_bytes(), 0), None);
        assert_eq!(
            pem_key_at(
                key("put your key here, and nothing else but your key, please").as_bytes(),
                0
            ),
            None
        );
        assert_eq!(
            pem_key_at(key(body).replace("PRIVATE", "PUBLIC").as_bytes(), 0),
            None
        );
    }

    #[test]
    fn ninety_six_random_bytes_are_a_legacy_key() {
        let random: Vec<u8> = (0..96u8)
            .map(|index| index.wrapping_mul(167).wrapping_add(91))
            .collect();
        assert!(is_legacy_key(&random));
        assert!(!is_legacy_key(&random[1..]));
        assert!(!is_legacy_key(&[b'a'; 96]));
    }
}
