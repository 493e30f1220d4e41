//! Removes user names and passwords from addresses.

/// The text, without a user name or a password in any of its addresses.
pub(crate) fn without_userinfo(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let is_behind_host = |letter: char| letter == '/' || letter.is_whitespace();
        let host = &behind[..behind.find(is_behind_host).unwrap_or(behind.len())];
        rest = &behind[host.rfind('@').map_or(0, |sign| sign + 1)..];
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_left_in_any_address() {
        for (text, expected) in [
            ("https://git.example.org/a/b", "https://git.example.org/a/b"),
            ("git@git.example.org:a/b.git", "git@git.example.org:a/b.git"),
            ("https://ada:p'a@ss@h/a@b", "https://h/a@b"),
            (
                "could not read Password for 'http://t0ken@h': and http://ada:x@h:80",
                "could not read Password for 'http://h': and http://h:80",
            ),
        ] {
            assert_eq!(without_userinfo(text), expected);
        }
    }
}
