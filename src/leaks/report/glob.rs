//! Paths by pattern: `*` within a part, `**` across parts, `?`, and whole folders.

/// True where `pattern` names `path` or a folder around it.
pub(crate) fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let folder = pattern.strip_suffix(b"/").unwrap_or(pattern);
    matches_whole(folder, path)
        || path
            .iter()
            .enumerate()
            .any(|(index, &byte)| byte == b'/' && matches_whole(folder, &path[..index]))
}

fn matches_whole(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            matches_whole(rest, path)
                || path
                    .iter()
                    .enumerate()
                    .any(|(index, &byte)| byte == b'/' && matches_whole(rest, &path[index + 1..]))
        }
        [b'*', b'*', rest @ ..] => {
            (0..=path.len()).any(|index| matches_whole(rest, &path[index..]))
        }
        [b'*', rest @ ..] => {
            let part = path
                .iter()
                .position(|&byte| byte == b'/')
                .unwrap_or(path.len());
            (0..=part).any(|index| matches_whole(rest, &path[index..]))
        }
        [b'?', rest @ ..] => {
            path.first().is_some_and(|&byte| byte != b'/') && matches_whole(rest, &path[1..])
        }
        [letter, rest @ ..] => path.first() == Some(letter) && matches_whole(rest, &path[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_files_and_folders() {
        for (pattern, path) in [
            ("docs/a.md", "docs/a.md"),
            ("docs", "docs/x/a.md"),
            ("docs/", "docs/x/a.md"),
            ("docs/*.md", "docs/a.md"),
            ("**/testdata", "a/b/testdata/x.pem"),
            ("**/testdata", "testdata/x.pem"),
            ("**/*.pem", "x.pem"),
            ("a/**/z", "a/z"),
            ("a?c", "abc"),
        ] {
            assert!(
                matches(pattern.as_bytes(), path.as_bytes()),
                "{pattern} {path}"
            );
        }
        for (pattern, path) in [
            ("docs/*.md", "docs/x/a.md"),
            ("doc", "docs/a"),
            ("*.md", "docs/a.md"),
            ("a?c", "a/c"),
        ] {
            assert!(
                !matches(pattern.as_bytes(), path.as_bytes()),
                "{pattern} {path}"
            );
        }
    }
}
