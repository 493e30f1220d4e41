//! Passwords that cloud-init sets for users: the `list` below `chpasswd`.

use std::ops::Range;

use super::is_password;
use crate::leaks::forms::settings::dialect::Dialect;
use crate::leaks::forms::yaml_lines::YamlLine;

/// Maximum distance in bytes of a password from the key `chpasswd`.
const FARTHEST: usize = 16 << 10;

/// The passwords below the key `chpasswd` that begins at `start`: `user:password` in each line of its list.
pub(crate) fn passwords_of_users(
    content: &[u8],
    start: usize,
    dialect: Dialect,
) -> Vec<Range<usize>> {
    let heading = YamlLine::beginning_at(content, start);
    let heading = heading.filter(|line| line.key(content) == b"chpasswd");
    let lines = heading.map_or_else(Vec::new, |line| line.deeper(content, FARTHEST));
    let Some(list) = lines.iter().position(|line| line.key(content) == b"list") else {
        return Vec::new();
    };
    let users = lines[list + 1..].iter();
    let users = users.take_while(|line| {
        line.indent > lines[list].indent || content[..line.text.start].ends_with(b"- ")
    });
    let passwords = users.map(|line| line.value_place(content));
    passwords
        .filter(|place| is_password(&content[place.clone()], dialect))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let start = text.find("chpasswd").expect("it stands there");
        let places = passwords_of_users(text.as_bytes(), start, Dialect::Settings);
        places.into_iter().map(|place| &text[place]).collect()
    }

    #[test]
    fn each_user_in_a_list_has_a_password() {
        let block = "chpasswd:\n  expire: false\n  list: |\n    root:summerhouse\n    berta:R\n    anna:wickerbasket\nother: x:bluebicycle\n";
        assert_eq!(found(block), ["summerhouse", "wickerbasket"]);
        let entries = "chpasswd:\n  list:\n  - root:summerhouse\n  - anna:$PASSWORD\n";
        assert_eq!(found(entries), ["summerhouse"]);
        assert!(found("run: chpasswd: \n  list:\n    root:summerhouse\n").is_empty());
    }
}
