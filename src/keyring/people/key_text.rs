//! Text that is a secret key, wherever something else was meant to be typed: no message may repeat it.

use std::ffi::OsStr;

use crate::format::is_base64;

/// The first letters of a secret key's text, in lower case: identities of age and of its plugins, private keys in PEM, a key
/// file in base64, in hexadecimal digits, and as a shell passes it on, without its NULs.
const BEGINNINGS: [&[u8]; 6] = [
    b"age-secret-key-",
    b"age-plugin-",
    b"-----begin",
    b"aedjvenswvbu",
    b"0047495443525950544b4559",
    b"gitcryptkey",
];
/// The first letters of an SSH public key in base64.
const SSH_PUBLIC_KEYS: [&[u8]; 5] = [
    b"AAAAB3NzaC1",
    b"AAAAC3NzaC1",
    b"AAAAE2VjZHNh",
    b"AAAAGnNrLXNzaC1",
    b"AAAAInNrLWVjZHNh",
];
/// Minimum length of a line that only a key in base64 or in hexadecimal digits is taken to have.
const SHORTEST_LINE: usize = 40;
/// Minimum number of hexadecimal digits that are taken for a key: longer than a fingerprint or an id.
const SHORTEST_HEX: usize = 96;

/// True if `text` is a secret key in any of its forms, or one of the lines that a shell has made of one.
pub(crate) fn looks_like_key(text: &OsStr) -> bool {
    let text = text.as_encoded_bytes();
    let begins_as_key = |text: &[u8]| {
        BEGINNINGS.iter().any(|beginning| {
            let start = text.get(..beginning.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
        })
    };
    let is_key = |word: &[u8]| begins_as_key(word) || is_line_of_base64(word) || is_long_hex(word);
    // `--option=KEY`, too.
    let value = text.iter().position(|&byte| byte == b'=');
    let value = value.map_or(&text[..0], |equals| &text[equals + 1..]);
    text.split(u8::is_ascii_whitespace)
        .chain([value.trim_ascii()])
        .any(is_key)
}

/// True if `told` repeats a part of one of `arguments` that looks like a key.
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

/// The parts of a key that a message could repeat, whatever it breaks, quotes or leaves out.
fn words_of(key: &[u8]) -> Vec<String> {
    let key = String::from_utf8_lossy(key).into_owned();
    let is_long = |word: &&str| word.len() >= 8 && !word.starts_with("--");
    let words =
        key.split(|letter: char| !(letter.is_ascii_alphanumeric() || "+/".contains(letter)));
    words.filter(is_long).map(str::to_owned).collect()
}

/// True for one of the lines of a key in base64: long, and with all kinds of letters.
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

/// True if a part between slashes is longer and more mixed than the folders of a path are. A line of base64 can begin with
/// a slash.
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
        let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n";
        assert!(repeats_key("`… b3BlbnNzaC1rZXk=`", [pem.as_ref()]));
    }
}
