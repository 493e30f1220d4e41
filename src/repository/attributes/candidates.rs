//! Paths that may be encrypted, told from the patterns in `.gitattributes` without asking Git about each path.
//!
//! Git takes its time for each path. Where the patterns are simple ones, most paths can't match any of them.

use super::encryption::Attributes;
use crate::repository::path::PathBytes;

/// The bytes at the beginning of a text that say it is UTF-8. Git skips them.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes that Git takes for blanks in `.gitattributes`.
const BLANKS: &[u8] = b" \t\r\n";

/// Texts, one of which stands in each path that may have a filter.
pub(super) struct Candidates(Vec<Vec<u8>>);

impl Attributes<'_> {
    /// The paths to which the `.gitattributes` of the index may give a filter; `None` if only Git can tell.
    pub(super) fn candidates(self) -> Option<Candidates> {
        let configuration = self.configuration().snapshot().ok()?;
        let ignores_case = configuration.get_bool("core.ignorecase").unwrap_or(false);
        if ignores_case || !self.files_outside_the_tree().ok()?.is_empty() {
            return None;
        }
        let mut all = Candidates(Vec::new());
        for entry in self.git.index().ok()?.iter() {
            if PathBytes::new(entry.path).is_attributes_file() {
                let blob = self.git.find_blob(entry.id).ok()?;
                all.add_patterns(blob.content())?;
            }
        }
        Some(all)
    }
}

impl Candidates {
    /// True if `path` may have a filter.
    pub(super) fn may_have(&self, path: &PathBytes) -> bool {
        let path = path.as_bytes();
        let is_in = |part: &Vec<u8>| path.windows(part.len()).any(|window| window == part);
        self.0.iter().any(is_in)
    }

    /// Adds the patterns of a file that give a filter; `None` if one of them is none of the simple ones.
    fn add_patterns(&mut self, content: &[u8]) -> Option<()> {
        let content = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(content);
        if content.contains(&0) {
            return None;
        }
        for line in content.split(|&byte| byte == b'\n') {
            let blanks = line.iter().take_while(|byte| BLANKS.contains(byte)).count();
            let line = &line[blanks..];
            // A macro may give a filter under another name.
            if line.starts_with(b"[attr]") {
                return None;
            }
            let names_filter = line.windows(6).any(|window| window == b"filter");
            if names_filter && !line.starts_with(b"#") {
                self.0.push(fixed_part(line)?);
            }
        }
        Some(())
    }
}

/// The longest text that stands in each path that the pattern at the beginning of `line` matches.
fn fixed_part(line: &[u8]) -> Option<Vec<u8>> {
    let pattern = line.split(|byte| BLANKS.contains(byte)).next()?;
    if pattern.iter().any(|byte| b"\\[]\"".contains(byte)) {
        return None;
    }
    // `**/a/**` matches at the top and in each folder, so that the slashes may be missing.
    let parts = pattern.split(|byte| b"*?".contains(byte)).map(|part| {
        let start = part.iter().take_while(|&&byte| byte == b'/').count();
        let part = &part[start..];
        let end = part.iter().rev().take_while(|&&byte| byte == b'/').count();
        &part[..part.len() - end]
    });
    let longest = parts.max_by_key(|part| part.len())?;
    (!longest.is_empty()).then(|| longest.to_vec())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    /// The paths that real Git gives a filter by such a `.gitattributes`.
    fn filtered_by_git(attributes: &str, paths: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            let command = command.current_dir(folder.path()).args(arguments);
            command.output().expect("git").stdout
        };
        git(&["init", "--quiet"]);
        fs::write(folder.path().join(".gitattributes"), attributes).expect("a file");
        let told = git(&[&["check-attr", "-z", "filter", "--"], paths].concat());
        let told = String::from_utf8(told).expect("text");
        let words: Vec<&str> = told.split('\0').collect();
        let of_filter = words
            .chunks(3)
            .filter(|told| told.get(2) == Some(&"git-crypt"));
        of_filter.map(|told| told[0].to_owned()).collect()
    }

    #[test]
    fn what_git_gives_a_filter_is_among_the_candidates() {
        let paths = [
            "secret/a.env",
            "web/secret/a.env",
            "web/secret",
            "secrets/a",
            "a.key",
            "web/x.key",
            "web/keys/deep/er/x",
            "web/a-secret-b.yml",
            "deploy/prod/web.env",
            "README.md",
        ];
        for pattern in [
            "**/secret/**",
            "/secret/**",
            "secret/*",
            "*.key",
            "web/**/x",
            "web/*/x.key",
            "*secret*",
            "?.key",
            "deploy/*/*.env",
            "\u{feff}*.key",
            "  *.key",
            "web/secret",
        ] {
            let attributes = format!("# filter\n{pattern} filter=git-crypt diff=git-crypt\n");
            let mut candidates = Candidates(Vec::new());
            candidates
                .add_patterns(attributes.as_bytes())
                .expect("a simple pattern");
            let found = filtered_by_git(&attributes, &paths);
            for path in &found {
                let path = PathBytes::new(path.as_bytes());
                assert!(candidates.may_have(&path), "{pattern} {path}");
            }
            assert!(
                !candidates.may_have(&PathBytes::new("README.md")),
                "{pattern}"
            );
        }
    }

    #[test]
    fn only_git_can_tell_what_other_patterns_match() {
        for attributes in [
            "* filter=git-crypt\n",
            "** filter=git-crypt\n",
            "*.[ck] filter=git-crypt\n",
            "a\\ b filter=git-crypt\n",
            "\"a b\" filter=git-crypt\n",
            "[attr]hidden filter=git-crypt\n*.key hidden\n",
            "*.key filter=git-crypt\0\n",
        ] {
            let mut candidates = Candidates(Vec::new());
            let told = candidates.add_patterns(attributes.as_bytes());
            assert!(told.is_none(), "{attributes}");
        }
    }
}
