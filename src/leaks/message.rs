//! A commit message as Git will store it.

/// The line that Git puts above the diff in `git commit --verbose`. Nothing below it becomes part of the message.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// Replaces the comments, which begin with `comment_mark`, by empty lines, so that line numbers stay. Drops everything
/// from the scissors on.
///
/// The diff below the scissors shows encrypted files decrypted, so it must not be taken for the message.
pub(crate) fn without_comments(message: &[u8], comment_mark: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|&byte| byte == b'\n') {
        if let Some(comment) = line.strip_prefix(comment_mark) {
            if comment.starts_with(SCISSORS) {
                break;
            }
            kept.push(b'\n');
        } else {
            kept.extend_from_slice(line);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_the_diff_are_cut_away() {
        let message = b"subject\n# a comment\nbody\n# ------------------------ >8 ------------------------\n+password\n";
        assert_eq!(without_comments(message, b"#"), b"subject\n\nbody\n");
        assert_eq!(without_comments(b"#12 fixed\n", b";"), b"#12 fixed\n");
    }
}
