//! A known value in every spelling, in every place that is published: found, and never printed.

use std::fmt::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::harness::sandbox::Sandbox;
use crate::{check, commit_all, found, repository, write};

/// A value with all characters that any notation escapes.
const VALUE: &str = "kö$tle'4 <drum>&\"x/7`9;M\\k+Q";

/// `VALUE` as it is, and in the forms in which people and programs write it.
fn written() -> Vec<(&'static str, String)> {
    let percent = |kept: &str, upper: bool| {
        VALUE.bytes().fold(String::new(), |mut text, byte| {
            let plain = byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte);
            match (plain, upper) {
                (true, _) => text.push(byte.into()),
                (_, true) => write!(text, "%{byte:02X}").expect("memory"),
                (_, false) => write!(text, "%{byte:02x}").expect("memory"),
            }
            text
        })
    };
    let hex = |text: &str| -> String { text.bytes().map(|byte| format!("{byte:02x}")).collect() };
    let escaped = |signs: &str| {
        VALUE.chars().fold(String::new(), |text, letter| {
            let backslash = if signs.contains(letter) { "\\" } else { "" };
            text + backslash + &letter.to_string()
        })
    };
    let json = serde_json::to_string(VALUE).expect("a string");
    let replaced = |pairs: &[(&str, &str)]| {
        let replace = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
        pairs.iter().fold(VALUE.to_owned(), replace)
    };
    let markup = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")];
    vec![
        ("verbatim", VALUE.into()),
        ("JSON", json.clone()),
        ("JSON of Go", {
            let json = json.replace('&', "\\u0026").replace('<', "\\u003c");
            json.replace('>', "\\u003e")
        }),
        ("JSON in ASCII", json.replace('ö', "\\u00f6")),
        ("JSON of PHP", json.replace('/', "\\/")),
        ("YAML in single quotes", replaced(&[("'", "''")])),
        (
            "XML",
            replaced(&[&markup[..], &[("\"", "&quot;"), ("'", "&apos;")]].concat()),
        ),
        (
            "HTML",
            replaced(&[&markup[..], &[("\"", "&#34;"), ("'", "&#39;")]].concat()),
        ),
        ("a stack file", replaced(&[("$", "$$")])),
        ("a shell", escaped("$'<>&\"`;\\ ")),
        ("a shell in single quotes", replaced(&[("'", "'\\''")])),
        ("a shell in double quotes", escaped("$\"`\\")),
        ("a URL", percent("-_.~", true)),
        ("a URL in small letters", percent("-_.~", false)),
        ("a URL of JavaScript", percent("-_.~!*'()", true)),
        ("a form", percent("-_.~ ", true).replace(' ', "+")),
        ("XML between tags", replaced(&markup)),
        ("JSON in a stack file", json.replace('$', "$$")),
        ("hex", hex(VALUE)),
        ("hex with colons", apart(&hex(VALUE), ":")),
        ("hex of a dump", apart(&hex(VALUE), " ")),
        ("hex of a program", apart(&hex(VALUE), ", 0x")),
        ("hex in capitals", hex(VALUE).to_uppercase()),
        ("base64 at 0", STANDARD.encode(VALUE)),
        ("base64 at 1", STANDARD.encode(format!("a{VALUE}b"))),
        ("base64 at 2", STANDARD.encode(format!("ab{VALUE}cd\n"))),
        (
            "base64 of a login",
            STANDARD.encode(format!("anna:{VALUE}")),
        ),
        ("base64 for URLs", URL_SAFE_NO_PAD.encode(VALUE)),
        (
            "base64 for URLs at 2",
            URL_SAFE_NO_PAD.encode(format!("{{\"{VALUE}\"}}")),
        ),
    ]
}

#[test]
fn a_value_of_hexadecimal_digits_is_found_in_the_other_case_and_as_bytes() {
    let sandbox = Sandbox::new();
    let repository = repository(&sandbox);
    let bytes: Vec<u8> = (0..24u8).map(|byte| byte.wrapping_mul(73) ^ 41).collect();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    write(&repository, "secret/key.env", format!("API_KEY={hex}\n"));
    write(&repository, "capitals.txt", hex.to_uppercase());
    write(&repository, "colons.txt", apart(&hex.to_uppercase(), ":"));
    write(
        &repository,
        "key.bin",
        [&b"\0\x01"[..], &bytes, b"\0"].concat(),
    );
    commit_all(&sandbox, &repository, "forms of a key");
    let expected = ["capitals.txt", "colons.txt", "key.bin"];
    let expected = expected.map(|path| format!("{path} known-secret")).to_vec();
    assert_eq!(check(&sandbox, &repository, &["--all"]), (3, expected));
}

/// The digits of `hex` in pairs, with a separator between them.
fn apart(hex: &str, separator: &str) -> String {
    let pairs = hex.as_bytes().chunks(2).map(String::from_utf8_lossy);
    pairs.collect::<Vec<_>>().join(separator)
}

#[test]
fn a_key_is_found_in_binary_form_and_a_value_in_unmarked_utf_16() {
    let sandbox = Sandbox::new();
    let repository = with_value(&sandbox);
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let label = concat!("PRIVATE", " KEY");
    let key = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    write(&repository, "secret/key", key);
    let der = STANDARD.decode(body).expect("base64");
    write(
        &repository,
        "key.der",
        [&[0x30, 0x82, 4, 0xBD][..], &der].concat(),
    );
    let text = format!("the first line\r\npassword is {VALUE}\r\n");
    let bytes = text.encode_utf16().flat_map(u16::to_le_bytes);
    write(&repository, "windows.txt", bytes.collect::<Vec<u8>>());
    commit_all(&sandbox, &repository, "in other forms");
    let expected = ["key.der known-secret", "windows.txt known-secret"];
    let expected = expected.map(str::to_owned).to_vec();
    assert_eq!(check(&sandbox, &repository, &["--all"]), (3, expected));
}

#[test]
fn each_spelling_is_found_in_each_place_and_never_printed() {
    let sandbox = Sandbox::new();
    let repository = with_value(&sandbox);
    let written = written();
    let mut expected = Vec::new();
    for (number, (_, text)) in written.iter().enumerate() {
        write(
            &repository,
            &format!("file-{number}.txt"),
            format!("so: {text}\n"),
        );
        write(
            &repository,
            &format!("paths-{number}/{text}/x.md"),
            "nothing\n",
        );
        write(
            &repository,
            &format!("stack-{number}/stack.yml"),
            format!("services:\n  web:\n    image: web\n    # {text}\n"),
        );
        symlink(text, repository.join(format!("link-{number}"))).expect("a link");
        expected.extend([
            format!("file-{number}.txt"),
            format!("link-{number}"),
            format!("stack-{number}/stack.yml"),
            format!("paths-{number}/***/x.md"),
        ]);
    }
    crate::add_all(&sandbox, &repository);
    for arguments in [&[][..], &["--all"]] {
        let (code, found) = check(&sandbox, &repository, arguments);
        assert_eq!(code, 3);
        for (index, place) in expected.iter().enumerate() {
            // The value may be only a part of a path's component.
            let seen = found.iter().any(|line| {
                let begins = place.split("***").next().expect("a beginning");
                line.starts_with(begins) && line.ends_with(" known-secret")
            });
            let (name, _) = &written[index / 4];
            assert!(seen, "{arguments:?}: {name} in {place}");
        }
    }
    commit_all(&sandbox, &repository, "everything");
    for (name, text) in &written {
        let message = format!("subject\n\nso: {text}\n");
        write(&repository, "../message", &message);
        let (code, found) = check(&sandbox, &repository, &["--message", "../message"]);
        assert_eq!((code, found.len()), (3, 1), "{name} in a message");
        let commit = ["commit", "--quiet", "--allow-empty", "-m", &message];
        sandbox.git(&repository, commit).succeeds();
        let (code, found) = check(&sandbox, &repository, &["--range", "HEAD~1..HEAD"]);
        assert_eq!((code, found.len()), (3, 1), "{name} in a commit");
    }
    never_printed(&sandbox, &repository, &written);
}

#[test]
fn a_value_is_found_across_the_lines_of_wrapped_base64_and_in_each_line_of_a_key() {
    let sandbox = Sandbox::new();
    let repository = with_value(&sandbox);
    let lines: Vec<String> = (0..4)
        .map(|line| format!("MIIEvQIBADANBgkqhkiG{line}w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8c"))
        .collect();
    let key = format!(
        "-----BEGIN {} KEY-----\n{}\n-----END\n",
        "PRIVATE",
        lines.join("\n")
    );
    write(&repository, "secret/deploy.pem", key);
    let long = STANDARD.encode(format!("{}{VALUE}{}", "x".repeat(40), "y".repeat(80)));
    let wrapped: Vec<&str> = [&long[..64], &long[64..128], &long[128..]].into();
    write(&repository, "wrapped.txt", wrapped.join("\n"));
    for (number, line) in lines.iter().enumerate() {
        write(&repository, &format!("line-{number}.txt"), line);
    }
    crate::add_all(&sandbox, &repository);
    let (_, found) = check(&sandbox, &repository, &[]);
    let expected: Vec<String> = ["line-0", "line-1", "line-2", "line-3", "wrapped"]
        .map(|name| format!("{name}.txt known-secret"))
        .into();
    assert_eq!(found, expected);
}

fn with_value(sandbox: &Sandbox) -> PathBuf {
    let repository = repository(sandbox);
    write(
        &repository,
        "secret/value.env",
        format!("A=1\nB_PASSWORD={VALUE}\n"),
    );
    commit_all(sandbox, &repository, "the value");
    repository
}

fn never_printed(sandbox: &Sandbox, repository: &Path, written: &[(&str, String)]) {
    for scope in ["--all", "--history"] {
        for format in ["text", "json", "sarif", "github"] {
            let run = sandbox.hs(repository, ["check", scope, "--format", format]);
            let run = run.ends_with(3);
            let said = format!("{}{}", run.text(), run.stderr);
            for (name, text) in written {
                let part: String = text.chars().skip(4).take(16).collect();
                assert!(!said.contains(&part), "{scope} {format}: {name}");
            }
        }
    }
    // The baseline must not have the value either, since it is committed.
    let accept = ["check", "--all", "--write-baseline"];
    sandbox.hs(repository, accept).succeeds();
    let baseline = std::fs::read_to_string(repository.join(".hs-secrets.baseline"));
    let baseline = baseline.expect("a baseline");
    for (name, text) in written {
        let part: String = text.chars().skip(4).take(16).collect();
        assert!(!baseline.contains(&part), "{name} in the baseline");
    }
    commit_all(sandbox, repository, "accepted");
    let json = ["check", "--all", "--format", "json"];
    let run = sandbox.hs(repository, json).succeeds();
    assert_eq!(found(&run), [""; 0]);
}
