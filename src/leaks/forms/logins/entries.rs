//! Files with a login in each of their lines: `.pgpass`, `sasl_passwd`, `chap-secrets`.

use std::ops::Range;

use super::is_password;
use crate::leaks::forms::settings::dialect::Dialect;

/// Names of such files, and where a line of each has the password.
const FILES: [(&str, PasswordPlace); 16] = [
    ("pgpass", PasswordPlace::Colons(4)),
    ("pgpass.conf", PasswordPlace::Colons(4)),
    ("sasl_passwd", PasswordPlace::Login),
    ("sasl-passwd", PasswordPlace::Login),
    ("relay_passwd", PasswordPlace::Login),
    ("chap-secrets", PasswordPlace::Words(2)),
    ("pap-secrets", PasswordPlace::Words(2)),
    ("l2tp-secrets", PasswordPlace::Words(2)),
    ("upsmon.conf", PasswordPlace::Directive("MONITOR", 4)),
    ("msmtprc", PasswordPlace::Directive("password", 1)),
    ("esmtprc", PasswordPlace::Directive("password", 1)),
    ("mbsyncrc", PasswordPlace::Directive("Pass", 1)),
    ("rsyncd.secrets", PasswordPlace::Colons(1)),
    ("passwd.client", PasswordPlace::Colons(2)),
    ("userlist.txt", PasswordPlace::Words(1)),
    (
        "ipsec.secrets",
        PasswordPlace::Behind(&["PSK", "EAP", "XAUTH"]),
    ),
];

/// Where a line has the password.
#[derive(Clone, Copy)]
enum PasswordPlace {
    /// After this number of colons.
    Colons(usize),
    /// After this number of words.
    Words(usize),
    /// After this number of words, in lines that begin with this word.
    Directive(&'static str, usize),
    /// After one of these words.
    Behind(&'static [&'static str]),
    /// After the colon in the second word.
    Login,
}

/// The passwords in `content`, if `path` is one of these files.
pub(crate) fn passwords_in_entries(content: &[u8], path: &[u8]) -> Vec<Range<usize>> {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    let name = name.strip_prefix(b".").unwrap_or(name);
    let Some((_, entry)) = FILES.iter().find(|(file, _)| file.as_bytes() == name) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut start = 0;
    for line in content.split_inclusive(|&byte| byte == b'\n') {
        let text = line.trim_ascii_end();
        let place = entry
            .place_in(text)
            .map(|place| start + place.start..start + place.end);
        let is_password =
            |place: &Range<usize>| is_password(&content[place.clone()], Dialect::Settings);
        found.extend(
            place
                .filter(is_password)
                .filter(|_| !text.starts_with(b"#")),
        );
        start += line.len();
    }
    found
}

impl PasswordPlace {
    fn place_in(self, line: &[u8]) -> Option<Range<usize>> {
        match self {
            Self::Colons(number) => {
                let mut colons = line.iter().enumerate().filter(|(_, byte)| **byte == b':');
                colons
                    .nth(number - 1)
                    .map(|(colon, _)| colon + 1..line.len())
            }
            Self::Words(number) => {
                let word = words(line).nth(number)?;
                Some(without_quotes(line, word))
            }
            Self::Directive(directive, number) => {
                let first = words(line).next()?;
                let is_directive = &line[first] == directive.as_bytes();
                is_directive.then(|| Self::Words(number).place_in(line))?
            }
            Self::Behind(kinds) => {
                let is_kind = |word: &Range<usize>| {
                    let word = &line[word.clone()];
                    kinds.iter().any(|kind| kind.as_bytes() == word)
                };
                let mut words = words(line).skip_while(|word| !is_kind(word));
                Some(without_quotes(line, words.nth(1)?))
            }
            Self::Login => {
                let word = words(line).nth(1)?;
                let colon = line[word.clone()].iter().position(|&byte| byte == b':')?;
                Some(word.start + colon + 1..word.end)
            }
        }
    }
}

/// The range of a word without the quotes around it.
fn without_quotes(line: &[u8], word: Range<usize>) -> Range<usize> {
    match &line[word.clone()] {
        [b'"', .., b'"'] => word.start + 1..word.end - 1,
        _ => word,
    }
}

/// The words of a line.
fn words(line: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    line.split(u8::is_ascii_whitespace).filter_map(move |word| {
        let place = start..start + word.len();
        start = place.end + 1;
        (!word.is_empty()).then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_has_its_password() {
        for (path, line) in [
            ("home/.pgpass", "db:5432:*:app:summerhouse\n"),
            (
                "etc/sasl_passwd",
                "[smtp.lan]:587 berta@lan.example:summerhouse\n",
            ),
            ("etc/chap-secrets", "berta * \"summerhouse\" *\n"),
            (
                "etc/ipsec.secrets",
                ": RSA lan.pem\nberta : EAP \"summerhouse\"\n",
            ),
            ("etc/rsyncd.secrets", "berta:summerhouse\n"),
            ("etc/passwd.client", "*.lan:berta:summerhouse\n"),
            ("pgbouncer/userlist.txt", "\"berta\" \"summerhouse\"\n"),
            ("home/.msmtprc", "host mail.lan\npassword summerhouse\n"),
            (
                "home/.mbsyncrc",
                "IMAPAccount lan\nPass summerhouse\nPassCmd \"pass lan/berta\"\n",
            ),
            (
                "nut/upsmon.conf",
                "MONITOR ups@lan 1 berta summerhouse primary\nNOTIFYMSG ONLINE \"UPS %s on line\"\n",
            ),
        ] {
            let found = passwords_in_entries(line.as_bytes(), path.as_bytes());
            let values: Vec<&str> = found.into_iter().map(|place| &line[place]).collect();
            assert_eq!(values, ["summerhouse"], "{path}");
        }
        assert!(passwords_in_entries(b"db:5432:*:app:summerhouse\n", b"hosts").is_empty());
        assert!(
            passwords_in_entries(b"db:5432:*:app:$PASS\n#a:b:c:d:summerhouse", b".pgpass")
                .is_empty()
        );
    }
}
