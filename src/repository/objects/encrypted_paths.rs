//! Which of many paths are to be encrypted, without asking libgit2 about each.
//!
//! An attribute costs libgit2 some microseconds a path, which is most of a check of ten thousand files. A path can
//! only be encrypted if some pattern that sets a git-crypt filter matches it, so paths that lack the fixed part of
//! every such pattern are not asked about.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use git2::AttrCheckFlags;

use super::blobs::BlobId;
use crate::format::KeyName;
use crate::repository::error::RepositoryError;
use crate::repository::open::Repository;
use crate::repository::path::PathBytes;

/// Reads the `.gitattributes` of `HEAD` where there is neither index nor work tree (`GIT_ATTR_CHECK_INCLUDE_HEAD`).
const INCLUDE_HEAD: AttrCheckFlags = AttrCheckFlags::from_bits_retain(1 << 3);

/// Fixed parts of the patterns that encrypt something.
#[derive(Debug, Default, PartialEq, Eq)]
struct Patterns {
    /// In lower case; a path that holds none of them is not encrypted.
    fixed_parts: Vec<Vec<u8>>,
    /// A pattern without a fixed part, or a macro: any path may be encrypted.
    any_path: bool,
}

impl Repository {
    /// The keys of those of `files` that are to be encrypted, as the index's `.gitattributes` have it, or, where they
    /// say nothing, the work tree's.
    pub fn encrypted_paths<'path>(
        &self,
        files: impl Iterator<Item = (&'path PathBytes, BlobId)> + Clone,
    ) -> Result<HashMap<&'path PathBytes, KeyName>, RepositoryError> {
        let patterns = self.encrypting_patterns(files.clone())?;
        let flags: &[AttrCheckFlags] = match self.work_tree() {
            Some(_) => &[AttrCheckFlags::INDEX_ONLY, AttrCheckFlags::FILE_THEN_INDEX],
            None => &[INCLUDE_HEAD],
        };
        let mut keys = HashMap::new();
        for (path, _) in files.filter(|(path, _)| patterns.may_match(path)) {
            for flags in flags {
                let value = self
                    .git
                    .get_attr_bytes(path.to_path(), "filter", *flags)
                    .map_err(RepositoryError::git(format!(
                        "reading the attribute `filter` of {path}"
                    )))?;
                let driver = value.map(String::from_utf8_lossy);
                if let Some(key) = driver.and_then(|driver| KeyName::of_driver(&driver)) {
                    keys.insert(path, key);
                    break;
                }
            }
        }
        Ok(keys)
    }

    /// The patterns of all places that attributes come from.
    fn encrypting_patterns<'path>(
        &self,
        files: impl Iterator<Item = (&'path PathBytes, BlobId)>,
    ) -> Result<Patterns, RepositoryError> {
        let mut patterns = Patterns::default();
        for (path, blob) in files {
            let bytes = path.as_bytes();
            if bytes.ends_with(b".gitattributes") {
                patterns.add(self.blob(blob)?.content());
                if let Some(work_tree) = self.work_tree() {
                    patterns.add_file(work_tree.join(path.to_path()));
                }
            }
        }
        if let Some(work_tree) = self.work_tree() {
            patterns.add_file(work_tree.join(".gitattributes"));
        }
        patterns.add_file(self.common_dir().join("info").join("attributes"));
        let own = self.configuration()?.get_path("core.attributesFile").ok();
        own.or_else(user_attributes)
            .into_iter()
            .for_each(|path| patterns.add_file(path));
        patterns.add_file(PathBuf::from("/etc/gitattributes"));
        Ok(patterns)
    }
}

fn user_attributes() -> Option<PathBuf> {
    let config = git2::Config::find_xdg().ok()?;
    Some(config.with_file_name("attributes"))
}

impl Patterns {
    fn add_file(&mut self, path: PathBuf) {
        if let Ok(text) = fs::read(path) {
            self.add(&text);
        }
    }

    fn add(&mut self, attributes: &[u8]) {
        for line in attributes
            .split(|&byte| byte == b'\n')
            .map(<[u8]>::trim_ascii)
        {
            let encrypts = line.windows(9).any(|window| window == b"git-crypt");
            if line.starts_with(b"#") || !encrypts {
                continue;
            }
            let pattern = line
                .split(u8::is_ascii_whitespace)
                .next()
                .unwrap_or_default();
            let fixed = pattern
                .split(|byte| b"*?[]\\\"/".contains(byte))
                .max_by_key(|part| part.len())
                .unwrap_or_default();
            if fixed.is_empty() || pattern.contains(&b'[') || pattern.contains(&b'"') {
                self.any_path = true;
            } else {
                self.fixed_parts.push(fixed.to_ascii_lowercase());
            }
        }
    }

    fn may_match(&self, path: &PathBytes) -> bool {
        if self.any_path {
            return true;
        }
        let path = path.as_bytes();
        let holds = |part: &Vec<u8>| {
            path.windows(part.len())
                .any(|window| window.eq_ignore_ascii_case(part))
        };
        self.fixed_parts.iter().any(holds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_with_a_fixed_part_of_an_encrypting_pattern_are_asked_about() {
        let mut patterns = Patterns::default();
        patterns.add(b"* text=auto\n# *.x filter=git-crypt\n**/secret/** filter=git-crypt\n*.key filter=git-crypt-ops\n");
        assert_eq!(patterns.fixed_parts, [b"secret".to_vec(), b".key".to_vec()]);
        assert!(patterns.may_match(&PathBytes::new("web/Secret/x")));
        assert!(patterns.may_match(&PathBytes::new("a.KEY")));
        assert!(!patterns.may_match(&PathBytes::new("web/config/x")));
    }

    #[test]
    fn patterns_without_a_fixed_part_ask_about_every_path() {
        for line in [
            "* filter=git-crypt",
            "[attr]hidden filter=git-crypt",
            "\"a b\" filter=git-crypt",
        ] {
            let mut patterns = Patterns::default();
            patterns.add(line.as_bytes());
            assert!(patterns.may_match(&PathBytes::new("any")), "{line}");
        }
    }
}
