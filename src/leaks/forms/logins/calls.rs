//! Passwords among the arguments of functions: `login("user", "password")`.

use std::ops::Range;

use crate::leaks::forms::settings::assignments::looks_like_secret;
use crate::leaks::forms::settings::chosen::is_chosen;
use crate::leaks::forms::settings::dialect::Dialect;

/// A function that takes a password.
pub(crate) struct Call {
    /// Its name with the opening parenthesis.
    pub(crate) name: &'static str,
    /// How many arguments stand before the password.
    before: usize,
}

const fn call(name: &'static str, before: usize) -> Call {
    Call { name, before }
}

/// All functions that take a password at a fixed position among their arguments.
pub(crate) const CALLS: &[Call] = &[
    call(".login(", 1),
    call("NetworkCredential(", 1),
    call("DirectoryEntry(", 2),
    call("UsernamePasswordCredentials(", 1),
    call("HTTPBasicAuth(", 1),
    call("HTTPDigestAuth(", 1),
    call("auth=(", 1),
    call("basic_auth(", 1),
    call("SetBasicAuth(", 1),
    call("PlainAuth(", 2),
    call("username_pw_set(", 1),
    call("WiFi.begin(", 1),
    call("WiFi.softAP(", 1),
    call("simple_bind_s(", 1),
    call("ldap_bind(", 2),
    call("ftp_login(", 2),
    call("ssh2_auth_password(", 2),
    call("imap_open(", 2),
    call("mysqli(", 2),
    call("mysqli_connect(", 2),
    call("mysql_connect(", 2),
    call("PDO(", 2),
    call("DriverManager.getConnection(", 2),
];

/// Maximum number of bytes of the arguments that are read.
const LONGEST: usize = 400;

impl Call {
    /// The password among the arguments of the function whose name, parenthesis included, stands at `name`.
    pub(crate) fn password_in(
        &self,
        content: &[u8],
        name: Range<usize>,
        dialect: Dialect,
    ) -> Option<(usize, usize)> {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let goes_before = content[..name.start].last().is_some_and(is_word);
        let is_called = content[name.clone()] == *self.name.as_bytes()
            && (self.name.starts_with('.') || !goes_before);
        if !is_called || matches!(dialect, Dialect::Document | Dialect::Lock) {
            return None;
        }
        let place = self.string_in(content, name.end)?;
        let password = &content[place.clone()];
        (looks_like_secret(password) || is_chosen(password)).then_some((place.start, place.end))
    }

    /// The position of the string literal that the argument at `start` consists of; `None` if the argument is anything else.
    fn string_in(&self, content: &[u8], start: usize) -> Option<Range<usize>> {
        let end = (start + LONGEST).min(content.len());
        let (mut place, mut before) = (start, 0);
        while place < end {
            match content[place] {
                b',' => before += 1,
                b'(' | b')' | b'[' | b'{' | b';' => return None,
                quote @ (b'"' | b'\'' | b'`') => {
                    let inside = &content[place + 1..end];
                    let length = inside.iter().position(|&byte| byte == quote)?;
                    if before == self.before {
                        let behind = inside[length + 1..].trim_ascii_start();
                        let is_whole = matches!(behind.first(), Some(b',' | b')'));
                        return is_whole.then(|| place + 1..place + 1 + length);
                    }
                    place += length + 1;
                }
                _ => {}
            }
            place += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        CALLS.iter().find_map(|call| {
            let start = text.find(call.name)?;
            let name = start..start + call.name.len();
            let (start, end) = call.password_in(text.as_bytes(), name, Dialect::Program)?;
            Some(&text[start..end])
        })
    }

    #[test]
    fn passwords_are_found_by_their_place_among_arguments() {
        for text in [
            "server.login('berta@lan.example', 'summerhouse')",
            "new NetworkCredential(\"berta\", \"summerhouse\");",
            "new DirectoryEntry(\"LDAP://nas\",\n    \"berta\",\n    \"summerhouse\");",
            "requests.get(url, auth=('berta', 'summerhouse'))",
            "client.username_pw_set(username, \"summerhouse\")",
            "WiFi.begin(ssid, \"summerhouse\");",
            "$db = new mysqli(\"db\", \"berta\", \"summerhouse\", \"shop\");",
            "smtp.PlainAuth(\"\", \"berta\", \"summerhouse\", host)",
        ] {
            assert_eq!(found(text), Some("summerhouse"), "{text}");
        }
    }

    #[test]
    fn variables_prompts_and_placeholders_are_none() {
        for text in [
            "server.login(user, password)",
            "server.login('berta', os.environ['PASSWORD'])",
            "server.login(\"berta\")",
            "server.login(\"user\", \"password\")",
            "server.login(\"berta\", \"summer\" + house)",
            "WiFi.begin(ssid, getPassword(\"summerhouse\"));",
            "MyPDO(\"mysql:host=db\", \"berta\", \"summerhouse\")",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
