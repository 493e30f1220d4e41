//! Passwords among the arguments of commands: `curl -u user:password`.

use std::ops::Range;

use super::is_password;
use crate::leaks::forms::settings::dialect::Dialect;

/// A command that takes a password as an argument.
pub(crate) struct Command {
    /// The words that call it.
    pub(crate) name: &'static str,
    options: &'static [(&'static str, Argument)],
}

/// How an argument holds a password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Argument {
    /// The next word is the password.
    Password,
    /// The rest of this word is the password.
    Attached,
    /// The password is the part of the next word that follows this character.
    Behind(u8),
    /// There is no option. The password is the part of the first word that follows this character.
    First(u8),
    /// There is no option. The password is the word at this index.
    Word(usize),
    /// The last word is the password.
    LastWord,
}

use Argument::{Attached, Behind, First, LastWord, Password, Word};

const fn command(name: &'static str, options: &'static [(&'static str, Argument)]) -> Command {
    Command { name, options }
}

const MYSQL: &[(&str, Argument)] = &[("-p", Attached)];
const LDAP: &[(&str, Argument)] = &[("-w", Password)];
const SNMP: &[(&str, Argument)] = &[("-c", Password), ("-A", Password), ("-X", Password)];
const MONGO: &[(&str, Argument)] = &[("-p", Password)];
const MOSQUITTO: &[(&str, Argument)] = &[("-P", Password)];
const LOGIN: &[(&str, Argument)] = &[("-p", Password)];
const HTPASSWD: &[(&str, Argument)] = &[
    ("-b", LastWord),
    ("-bc", LastWord),
    ("-cb", LastWord),
    ("-Bb", LastWord),
    ("-nb", LastWord),
    ("-bn", LastWord),
    ("-nbB", LastWord),
    ("-nBb", LastWord),
    ("-Bbn", LastWord),
    ("-bnB", LastWord),
    ("-cbB", LastWord),
    ("-bcB", LastWord),
    ("-Bbc", LastWord),
];

/// All commands that take a password without a name for it. Options like `--password` are found by their name instead.
pub(crate) const COMMANDS: &[Command] = &[
    command(
        "curl",
        &[
            ("-u", Behind(b':')),
            ("--user", Behind(b':')),
            ("-U", Behind(b':')),
            ("--proxy-user", Behind(b':')),
        ],
    ),
    command("docker login", LOGIN),
    command("podman login", LOGIN),
    command("registry login", LOGIN),
    command("sshpass", &[("-p", Password), ("-p", Attached)]),
    command("mysql", MYSQL),
    command("mysqldump", MYSQL),
    command("mysqladmin", MYSQL),
    command("mysqlimport", MYSQL),
    command("mysqlcheck", MYSQL),
    command("mariadb", MYSQL),
    command("mariadb-dump", MYSQL),
    command("mariadb-admin", MYSQL),
    command("redis-cli", &[("-a", Password)]),
    command("mosquitto_pub", MOSQUITTO),
    command("mosquitto_sub", MOSQUITTO),
    command("ldapsearch", LDAP),
    command("ldapadd", LDAP),
    command("ldapmodify", LDAP),
    command("ldapdelete", LDAP),
    command("ldapwhoami", LDAP),
    command("ldappasswd", &[("-w", Password), ("-s", Password)]),
    command("snmpwalk", SNMP),
    command("snmpget", SNMP),
    command("mongosh", MONGO),
    command("mongodump", MONGO),
    command("mongorestore", MONGO),
    command("mongoexport", MONGO),
    command("mongoimport", MONGO),
    command("smbclient", &[("-U", Behind(b'%'))]),
    command("ipmitool", &[("-P", Password)]),
    command("sqlcmd", &[("-P", Password)]),
    command("lftp", &[("-u", Behind(b','))]),
    command(
        "skopeo",
        &[
            ("--creds", Behind(b':')),
            ("--src-creds", Behind(b':')),
            ("--dest-creds", Behind(b':')),
        ],
    ),
    // A directive of HAProxy.
    command("stats auth", &[("", First(b':'))]),
    command("rabbitmqctl add_user", &[("", Word(1))]),
    command("rabbitmqctl change_password", &[("", Word(1))]),
    command("wpa_passphrase", &[("", Word(1))]),
    command("vault login", &[("", Word(0))]),
    command("operator unseal", &[("", Word(0))]),
    // A directive of Redis.
    command("sentinel auth-pass", &[("", Word(1))]),
    command("mc alias set", &[("", Word(3))]),
    command(
        "ConvertTo-SecureString",
        &[("", Word(0)), ("-String", Password)],
    ),
    command("plink", &[("-pw", Password)]),
    command("psexec", &[("-p", Password)]),
    command("winexe", &[("-U", Behind(b'%'))]),
    command("xfreerdp", &[("/p:", Attached)]),
    command("rdesktop", &[("-p", Password)]),
    command("http -a", &[("", First(b':'))]),
    command("https -a", &[("", First(b':'))]),
    command("7z a", &[("-p", Attached)]),
    command("7z x", &[("-p", Attached)]),
    command("unzip", &[("-P", Password)]),
    command("rclone obscure", &[("", Word(0))]),
    command("rclone config", &[("pass", Password)]),
    command("htpasswd", HTPASSWD),
    command("mosquitto_passwd", &[("-b", LastWord)]),
    command(
        "openssl",
        &[
            ("-passin", Behind(b':')),
            ("-passout", Behind(b':')),
            ("-pass", Behind(b':')),
        ],
    ),
];

/// Maximum number of bytes of the arguments that are read.
const LONGEST: usize = 400;

impl Command {
    /// The password among the arguments of the command whose name stands at `name`.
    pub(crate) fn password_in(
        &self,
        content: &[u8],
        name: Range<usize>,
        dialect: Dialect,
    ) -> Option<(usize, usize)> {
        let is_called = !content[..name.start]
            .last()
            .is_some_and(|&byte| is_part_of_word(byte))
            && content
                .get(name.end)
                .is_some_and(|byte| byte.is_ascii_whitespace() || b"\"',".contains(byte));
        if !is_called {
            return None;
        }
        let is_quoted = b"\"'".contains(&content[name.end]);
        let words = words(content, name.end + usize::from(is_quoted));
        for (index, word) in words.iter().enumerate() {
            let text = &content[word.clone()];
            for &(option, argument) in self.options {
                let next = words.get(index + 1).filter(|_| text == option.as_bytes());
                let place = match argument {
                    Password => next.cloned(),
                    Attached => {
                        let attached =
                            text.starts_with(option.as_bytes()) && !text.starts_with(b"--");
                        (attached && text.len() > option.len())
                            .then(|| word.start + option.len()..word.end)
                    }
                    Behind(sign) => next.and_then(|next| behind(content, next, sign)),
                    First(sign) if index == 0 => behind(content, word, sign),
                    Word(number) if index == number => Some(word.clone()),
                    First(_) | Word(_) => None,
                    // The words are: an option, optionally a file, the user, the password.
                    LastWord => {
                        let last = words.last().filter(|_| words.len() > index + 2);
                        last.filter(|_| text == option.as_bytes()).cloned()
                    }
                };
                if let Some(place) = place.map(|place| without_quotes(content, place))
                    && !content[place.clone()].starts_with(b"-")
                    && is_password(&content[place.clone()], dialect)
                {
                    return Some((place.start, place.end));
                }
            }
        }
        None
    }
}

/// The part of a word that follows the first `sign` in it.
fn behind(content: &[u8], word: &Range<usize>, sign: u8) -> Option<Range<usize>> {
    let mut bytes = content[word.clone()].iter();
    let place = bytes.position(|&byte| byte == sign)?;
    Some(word.start + place + 1..word.end)
}

/// The words of a command line, without their quotes, from `start` to its end.
pub(super) fn words(content: &[u8], start: usize) -> Vec<Range<usize>> {
    let end = (start + LONGEST).min(content.len());
    let mut words = Vec::new();
    let mut place = start;
    while place < end {
        match content[place] {
            b' ' | b'\t' | b',' => place += 1,
            b'\\' if content[place + 1..end].starts_with(b"\n") => place += 2,
            b'\\' if content[place + 1..end].starts_with(b"\r\n") => place += 3,
            b'\n' | b'\r' | b'|' | b';' | b'&' | b'>' | b')' | b'`' | b']' => break,
            quote @ (b'"' | b'\'') => {
                let inside = &content[place + 1..end];
                let Some(length) = inside
                    .iter()
                    .position(|&byte| byte == quote || byte == b'\n')
                else {
                    break;
                };
                if length > 0 {
                    words.push(place + 1..place + 1 + length);
                }
                place += length + 2;
            }
            _ => {
                let word = &content[place..end];
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b"|;`".contains(byte);
                let length = word.iter().position(ends).unwrap_or(word.len());
                // In a list, the comma after a word is not part of the word.
                let length = word[..length]
                    .strip_suffix(b",")
                    .map_or(length, <[u8]>::len);
                words.push(place..place + length.max(1));
                place += length.max(1);
            }
        }
    }
    words
}

/// The range without the quotes at its ends: `-p"…"`.
fn without_quotes(content: &[u8], place: Range<usize>) -> Range<usize> {
    match &content[place.clone()] {
        [b'"', .., b'"'] | [b'\'', .., b'\''] => place.start + 1..place.end - 1,
        [.., b'"' | b'\'' | b')'] => place.start..place.end - 1,
        _ => place,
    }
}

fn is_part_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.$".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        COMMANDS.iter().find_map(|command| {
            let start = text.find(command.name)?;
            let name = start..start + command.name.len();
            let (start, end) = command.password_in(text.as_bytes(), name, Dialect::Settings)?;
            Some(&text[start..end])
        })
    }

    #[test]
    fn passwords_are_found_among_arguments() {
        for text in [
            "curl -s -u berta:summerhouse https://nas.lan",
            "curl \\\n  --user \"berta:summerhouse\" \\\n  https://nas.lan",
            "docker login -u ci -p summerhouse registry.lan",
            "mysqldump -psummerhouse shop > all.sql",
            "mysql -u root -p'summerhouse' shop",
            "sshpass -p 'summerhouse' ssh nas",
            "test: [\"CMD\", \"redis-cli\", \"-a\", \"summerhouse\", \"ping\"]",
            "smbclient //nas/x -U berta%summerhouse",
            "openssl enc -pass pass:summerhouse -in x",
            "$(curl -u berta:summerhouse)",
            "stats auth berta:summerhouse",
            "rclone obscure summerhouse",
            "rabbitmqctl add_user berta summerhouse",
            "wpa_passphrase lan summerhouse > wpa.conf",
            "mc alias set nas https://nas.lan berta summerhouse",
            "ConvertTo-SecureString 'summerhouse' -AsPlainText -Force",
            "ConvertTo-SecureString -String \"summerhouse\" -AsPlainText",
            "http -a berta:summerhouse https://nas.lan",
            "7z a -psummerhouse all.7z docs",
            "xfreerdp /u:berta /p:summerhouse /v:nas",
            "rclone config create nas sftp host nas.lan user berta pass summerhouse",
            "htpasswd -nbB berta summerhouse > users",
            "mosquitto_passwd -b /etc/users berta summerhouse",
        ] {
            assert_eq!(found(text), Some("summerhouse"), "{text}");
        }
    }

    #[test]
    fn references_prompts_and_other_options_are_none() {
        for text in [
            "curl -u \"$USER:$PASS\" https://nas.lan",
            "curl -u user:password https://nas.lan",
            "docker login -u NAME -p PASSWORD",
            "mysql -p shop",
            "mysql -p\"$MYSQL_PWD\" shop",
            "mysqladmin ping -p$$MYSQL_ROOT_PASSWORD",
            "libcurl -u berta:summerhouse",
            "sshpass -e ssh nas; tar -p summerhouse",
            "rclone obscure \"$PASSWORD\"",
            "ConvertTo-SecureString $password -AsPlainText -Force",
            "rabbitmqctl add_user berta \"$PASSWORD\"",
            "vault login -method=userpass username=berta",
            "mc alias set nas https://nas.lan \"$KEY\" \"$SECRET\"",
            "rclone obscure -",
            "rclone config create nas sftp host nas.lan pass \"$PASS\"",
            "htpasswd -c .htpasswd bertasgarden",
            "htpasswd -nb \"$NAME\" \"$PASSWORD\"",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
