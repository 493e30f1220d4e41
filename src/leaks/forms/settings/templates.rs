//! Recognises values that are filled in later: by a shell, a template engine, a formatting function, or a secret manager.

use super::value::{contains, is_wordy};

/// Marks of a template, or of a reference to a value that is kept elsewhere.
const TEMPLATE_MARKS: [&[u8]; 10] = [
    b"${", b"$(", b"{{", b"#{", b"<%", b"$__", b"[[", b"...", b"****", b"{%",
];

/// Beginnings of references to a value that is kept elsewhere.
const REFERENCES: [&[u8]; 23] = [
    b"!vault",
    b"!secret",
    b"!ENV",
    b"!env",
    b"!Ref",
    b"!Sub",
    b"!file",
    b"vault:",
    b"env:",
    b"env.",
    b"ENC[",
    b"file:",
    b"op://",
    b"ref+",
    b"secretref:",
    b"arn:",
    b"bao:",
    b"$ANSIBLE_VAULT",
    b"@Microsoft.",
    b"keyring:",
    b"hash://",
    b"pkcs11:",
    // The beginning of the output of a salted `openssl enc`.
    b"U2FsdGVkX1",
];

/// True if `value` is filled in by a shell, a template engine, a formatting function, or the program that reads it.
pub(crate) fn is_template(value: &[u8]) -> bool {
    let begins = |mark: &[u8]| value.starts_with(mark);
    let within =
        |mark: &[u8]| begins(mark) && value.ends_with(mark) && value.len() > 2 * mark.len();
    begins_with_variable(value)
        || begins_with_conversion(value)
        || is_in_braces(value)
        || TEMPLATE_MARKS.iter().any(|mark| contains(value, mark))
        || has_named_conversion(value)
        || is_number_of_registry(value)
        || contains(value, b"%s/")
        || value.ends_with(b"%s")
        || (begins(b"<") && value.ends_with(b">"))
        || (begins(b"[") && value.ends_with(b"]"))
        || within(b"%")
        || within(b"@")
        || within(b"__")
        || REFERENCES.iter().any(|mark| begins(mark))
}

/// True for `$NAME`, alone or followed by a path, a point, a colon or other variables.
fn begins_with_variable(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"$") else {
        return false;
    };
    let rest = rest.strip_prefix(b"$").unwrap_or(rest);
    if rest.iter().all(is_of_name) {
        return true;
    }
    let length = rest.iter().take_while(|byte| is_of_name(byte)).count();
    let is_whole = || rest.split(|&byte| byte == b'$').all(is_variable);
    match rest[length] {
        b'$' => is_whole(),
        next => (is_variable(&rest[..length]) && b"/.:".contains(&next)) || is_member(rest),
    }
}

/// True for a property of a PowerShell object: `$Module.Params.SecretName`.
fn is_member(name: &[u8]) -> bool {
    let is_part = |part: &[u8]| part.first().is_some_and(u8::is_ascii_alphabetic) && is_wordy(part);
    name.contains(&b'.')
        && name.iter().all(|byte| is_of_name(byte) || *byte == b'.')
        && name.split(|&byte| byte == b'.').all(is_part)
}

/// True for a name with letters in one case only, which does not begin with a digit.
fn is_variable(name: &[u8]) -> bool {
    let is_small = name.iter().any(u8::is_ascii_lowercase);
    let is_large = name.iter().any(u8::is_ascii_uppercase);
    name.iter().all(is_of_name) && is_small != is_large && !name[0].is_ascii_digit()
}

fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// True for a conversion of `printf`, if punctuation or the end follows it: `%s`, `%v`, `%-10s`, `%1$s`.
fn begins_with_conversion(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"%") else {
        return false;
    };
    let is_flag = |byte: &&u8| byte.is_ascii_digit() || b"-+#.*$'".contains(byte);
    let flags = rest.iter().take_while(is_flag).count();
    let Some((kind, behind)) = rest[flags..].split_first() else {
        return false;
    };
    // `%2b` is a plus sign in a URL.
    let is_of_url = flags == 1 && rest[0].is_ascii_digit() && kind.is_ascii_hexdigit();
    let goes_on = behind.first().is_some_and(u8::is_ascii_alphanumeric);
    b"sdvqxXbiufgow".contains(kind) && !is_of_url && !goes_on
}

/// True for a number in a file of the Windows registry: `dword:0000000e`.
fn is_number_of_registry(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"dword:");
    digits.is_some_and(|digits| digits.len() <= 8 && digits.iter().all(u8::is_ascii_hexdigit))
}

/// True for an attribute of a request in FreeRADIUS (`&Called-Station-Id`, `&request:User-Password`), and for an alias in YAML:
/// `*all_creds`. Both stand without quotes: a value in quotes may begin with these characters and be a secret.
pub(crate) fn is_attribute(value: &[u8]) -> bool {
    let name = value.strip_prefix(b"&").or(value.strip_prefix(b"*"));
    let name = name.unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b":-._".contains(byte);
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(is_part)
        && name.iter().any(|byte| b":-_".contains(byte))
        && is_wordy(name)
}

/// True for a named conversion of Python: `%(name)s`.
fn has_named_conversion(value: &[u8]) -> bool {
    value.windows(2).enumerate().any(|(place, mark)| {
        let rest = &value[place + 2..];
        let length = rest.iter().take_while(|byte| is_of_name(byte)).count();
        mark == b"%(" && length > 0 && rest.get(length) == Some(&b')')
    })
}

/// True for a place that a formatting function fills in: `{}`, `{0}`, `{name}`.
fn is_in_braces(value: &[u8]) -> bool {
    let inside = value.strip_prefix(b"{");
    let inside = inside.and_then(|rest| rest.strip_suffix(b"}"));
    // With a `$` in the braces it is a macro of Zabbix.
    let inside = inside.map(|rest| rest.strip_prefix(b"$").unwrap_or(rest));
    inside.is_some_and(|inside| {
        let is_plain = |byte: &u8| is_of_name(byte) || b".:-!".contains(byte);
        inside.iter().all(is_plain) && is_wordy(inside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_told_from_values() {
        for template in [
            "${DB_PASSWORD}",
            "$DB_PASSWORD",
            "$dir/private/cakey2.pem",
            "$upstream$request_uri",
            "{{ password }}",
            "#{ENV['X']}",
            "$__file{/run/secrets/x}",
            "<your key here>",
            "%(password)s",
            "%PASSWORD%",
            "@password@",
            "__DB_PASSWORD__",
            "!secret wifi_password",
            "%s\\nLEVEL=info\\n",
            "dword:0000000e",
            "%d",
            "%v&next=1",
            "%-10s;",
            "%1$s",
            "%02d",
            "prefix-%s",
            "{}",
            "{0}",
            "{mongo_pw}",
            "{mongoPw}",
            "{self.password}",
        ] {
            assert!(is_template(template.as_bytes()), "{template}");
        }
        for value in [
            "$Kx7vQ.mLp",
            "dword:3f9ac210b77e4d15",
            "hex:d7,a5,51,0c",
            "%2b%40summerhouse",
            "%summerhouse",
            "50%s7Kp2vQ",
            "cmago!%(^+=gr@cu",
            "{kR8vmQ2zLp9}",
            "{PLAIN}summerhouse",
        ] {
            assert!(!is_template(value.as_bytes()), "{value}");
        }
    }
}
