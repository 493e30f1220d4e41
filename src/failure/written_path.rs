//! Paths as hints quote them: for `.gitattributes` or for a shell.

use std::fmt::Write;

/// The line of `.gitattributes` that makes Git encrypt the file. Git reads a pattern in double quotes as a C string.
pub(super) fn encrypting_line(path: &str) -> String {
    let mut pattern = String::new();
    for (index, letter) in path.char_indices() {
        if matches!(letter, '*' | '?' | '[' | '\\') || index == 0 && letter == '!' {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    let needs_quotes = pattern.starts_with(['#', '"'])
        || pattern.contains(|letter: char| letter.is_ascii_whitespace() || letter.is_control());
    if needs_quotes {
        pattern = in_double_quotes(&pattern);
    }
    format!("{pattern} filter=git-crypt diff=git-crypt")
}

/// The text as a C string literal.
fn in_double_quotes(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            letter if letter.is_ascii_control() => {
                write!(quoted, "\\{:03o}", u32::from(letter))
                    .expect("because writing to a string can't fail");
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// The path as one word for a shell.
pub(super) fn shell_word(path: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+@%,:=".contains(letter);
    if !path.is_empty() && path.chars().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    #[test]
    fn git_reads_the_path_that_is_meant_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = |words: &[&str]| {
            let mut git = Command::new("git");
            git.current_dir(folder.path()).args(words);
            let ended = git.output().expect("git can be run");
            String::from_utf8(ended.stdout).expect("text")
        };
        git(&["init", "-q"]);
        for (path, other) in [
            ("web/secret/a b", "web/secret/a"),
            ("web/tab\tbed", "web/tab"),
            ("web/new\nline", "web/new"),
            ("web/bell\u{7}", "web/bell"),
            ("#one", "one"),
            ("!one", "one"),
            ("\"one\"", "one"),
            ("web/a*b", "web/acb"),
            ("web/[ab] c", "web/a c"),
            ("[attr]one", "aone"),
            ("web/a\\b c", "web/ab c"),
            ("web/é ü", "web/e u"),
            ("web/plain", "web/other"),
        ] {
            let line = encrypting_line(path) + "\n";
            fs::write(folder.path().join(".gitattributes"), line).expect("a file");
            let filter = |path: &str| git(&["check-attr", "-z", "filter", "--", path]);
            assert!(filter(path).ends_with("\0git-crypt\0"), "{path:?}");
            assert!(filter(other).ends_with("\0unspecified\0"), "{other:?}");
        }
        assert!(encrypting_line("web/plain").starts_with("web/plain filter="));
    }

    #[test]
    fn a_shell_reads_one_word() {
        for path in ["a", "a b", "it's", "$(x)", "#a", "é"] {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("printf %s {}", shell_word(path))]);
            let said = shell.output().expect("a shell can be run").stdout;
            assert_eq!(said, path.as_bytes());
        }
        assert_eq!(shell_word("web/a_b-1.env"), "web/a_b-1.env");
    }
}
