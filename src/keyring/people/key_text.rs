//! Recognises a secret key that a user typed where something else was expected. No message may repeat it.

use std::ffi::OsStr;

use crate::format::is_base64;

/// The beginning of a secret key, in lower case: identities of age and its plugins, a PEM private key, a key file in
/// base64, in hexadecimal, and as a shell passes it (without NUL bytes).
const BEGINNINGS: [&[u8]; 6] = [
    b"age-secret-key-",
    b"age-plugin-",
    b"-----begin",
    b"aedjvenswvbu",
    b"0047495443525950544b4559",
    b"gitcryptkey",
];
/// The beginning of an SSH public key in base64.
const SSH_PUBLIC_KEYS: [&[u8]; 5] = [
    b"AAAAB3NzaC1",
    b"AAAAC3NzaC1",
    b"AAAAE2VjZHNh",
    b"AAAAGnNrLXNzaC1",
    b"AAAAInNrLWVjZHNh",
];
/// Minimum length of a word that is taken for a line of a key in base64.
const SHORTEST_LINE: usize = 40;
/// Minimum number of hexadecimal digits that are taken for a key: more than a fingerprint or an id has.
const SHORTEST_HEX: usize = 96;

/// True if `text` contains a secret key in one of its forms, or a line of one (a shell splits a key into words).
pub(crate) fn looks_like_key(text: &OsStr) -> bool {
    let text = text.as_encoded_bytes();
    let begins_as_key = |text: &[u8]| {
        BEGINNINGS.iter().any(|beginning| {
            let start = text.get(..beginning.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
        })
    };
    let is_key = |word: &[u8]| begins_as_key(word) || is_line_of_base64(word) || is_long_hex(word);
    // Check the value of `--option=KEY`, too.
    let value = text.iter().position(|&byte| byte == b'=');
    let value = value.map_or(&text[..0], |equals| &text[equals + 1..]);
    text.split(u8::is_ascii_whitespace)
        .chain([value.trim_ascii()])
        .any(is_key)
}

/// True if `told` repeats a part of an argument that looks like a key.
pub(crate) fn repeats_key<'arguments>(
    told: &str,
    arguments: impl IntoIterator<Item = &'arguments OsStr>,
) -> bool {
    let keys = arguments
        .into_iter()
        .filter(|argument| looks_like_key(argument));
    let mut words = keys.flat_map(|key| words_of(key.as_encoded_bytes()));
    words.any(|word| told.contains(&word))
}

/// The parts of a key that a message could repeat, even if it quotes or shortens the key, or removes a `/` at its end.
fn words_of(key: &[u8]) -> Vec<String> {
    let key = String::from_utf8_lossy(key).into_owned();
    let is_long = |word: &&str| word.len() >= 8;
    let is_of_base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/".contains(letter);
    let lines = key.split(|letter| !is_of_base64(letter));
    let lines = lines.map(|line| line.trim_matches('/'));
    let words = key.split(|letter: char| !letter.is_ascii_alphanumeric());
    lines
        .chain(words)
        .filter(is_long)
        .map(str::to_owned)
        .collect()
}

/// True for a line of a key in base64: long, with upper-case letters, lower-case letters and digits.
fn is_line_of_base64(text: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| text.iter().any(is);
    let of_base64 = |letter: &u8| is_base64(*letter) || b"-_".contains(letter);
    text.len() >= SHORTEST_LINE
        && (!text.starts_with(b"/") || has_long_part(text))
        && !text.starts_with(b"-")
        && !SSH_PUBLIC_KEYS
            .iter()
            .any(|public| text.starts_with(public))
        && text.iter().all(of_base64)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

/// True if a part between slashes is longer and more mixed than folder names usually are. It is used for text that
/// begins with a slash: this may be a path, or a line of base64.
fn has_long_part(text: &[u8]) -> bool {
    /// Minimum length of such a part.
    const LONG_PART: usize = 16;
    text.split(|&byte| byte == b'/').any(|part| {
        part.len() >= LONG_PART
            && part.iter().all(|&letter| is_base64(letter))
            && part.iter().any(u8::is_ascii_uppercase)
            && part.iter().any(u8::is_ascii_lowercase)
            && part.iter().any(u8::is_ascii_digit)
    })
}

fn is_long_hex(text: &[u8]) -> bool {
    text.len() >= SHORTEST_HEX && text.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AEdJVENSWVBUS0VZAAAAAgAAAAAAAAABAAAABAAAAAAAAAADAAAAIOx3Z0qQ";

    fn looks(text: &str) -> bool {
        looks_like_key(text.as_ref())
    }

    #[test]
    fn every_form_of_a_key_is_seen() {
        for text in [
            KEY,
            &format!("  {KEY}\nAAECAwQFBgcICQoLDA0ODw=="),
            &format!("--format={KEY}"),
            &format!("-k={KEY}"),
            "AEdJVENSWVBUS0VZ",
            "7HdnSpCd3Xk2mQ1vYh0aZ5uTf8Wb4LsRjE6NcPqGiKoD",
            "7HdnSpCd3Xk2mQ1vYh0aZ5uTf8Wb4LsRjE6NcPqGiK_-",
            "/HdnSpCd3Xk2mQ1vYh0aZ5uTf8Wb4LsRjE6NcPqGiKoD",
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZ",
            "age-secret-key-1gfpyysjz",
            "AGE-SECRET-KEY-PQ-1GFPYY",
            "AGE-PLUGIN-YUBIKEY-1Q",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=",
            "# created: today\nAGE-SECRET-KEY-1GFPYYSJZ",
            "GITCRYPTKEY\u{2}",
            "0047495443525950544B4559",
            &"0123456789abcdef".repeat(6),
        ] {
            assert!(looks(text), "{text}");
        }
    }

    #[test]
    fn names_paths_and_public_keys_are_none() {
        for text in [
            "",
            "alice@example.org",
            "web",
            "--key-name",
            "--identity=/home/alice/.ssh/id_ed25519",
            "/home/Alice1/some/long/path/to/a/place/where/keys/lie",
            "stacks/web/secret/nginx.main.config.that.is.long.indeed",
            "F6DF181C79D3630000852F30F1FE2DF6C578C21C",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN bob",
            "AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN",
        ] {
            assert!(!looks(text), "{text}");
        }
    }

    #[test]
    fn a_message_repeats_a_key_whatever_it_puts_around_it() {
        let arguments = ["lock".as_ref(), KEY.as_ref()];
        let told = format!("unexpected argument '{KEY}' found");
        assert!(repeats_key(&told, arguments));
        assert!(!repeats_key("key `lock` is not here", arguments));
        assert!(!repeats_key(&told, ["lock".as_ref()]));
        let folder = format!("{KEY}/");
        let told = format!("name `{KEY}` is not valid");
        assert!(repeats_key(&told, [folder.as_ref()]));
        let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n";
        assert!(repeats_key("`… b3BlbnNzaC1rZXk=`", [pem.as_ref()]));
    }
}
