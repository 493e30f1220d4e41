//! Three-way merges of text in memory, like `git merge-file`.

use git2::{MergeFileInput, MergeFileOptions};

use super::configuration::Configuration;
use super::program::run_to_end;
use crate::repository::error::RepositoryError;
use crate::secret::SecretBytes;

/// How many bytes at the beginning decide whether content is text, as in Git.
const BYTES_TO_LOOK_AT: usize = 8000;
/// Maximum length in bytes of content that Git merges as text.
const LONGEST_TEXT: usize = 1023 << 20;

/// How conflicts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ConflictStyle {
    /// Both sides.
    #[default]
    Merge,
    /// Both sides and their common ancestor.
    Diff3,
    /// Both sides and their common ancestor. Lines with which both sides begin or end stand outside of the conflict.
    ZealousDiff3,
}

/// How a conflict in a merged file looks.
#[derive(Debug, Clone)]
pub(crate) struct ConflictMarkers {
    /// Which texts stand between the markers.
    pub style: ConflictStyle,
    /// How many characters a marker has.
    pub size: u16,
    /// The names of base, ours and theirs. They must not contain NUL.
    pub labels: [String; 3],
}

/// The outcome of a merge.
#[derive(Debug)]
pub(crate) enum MergedText {
    /// A text with the changes of both sides.
    Clean(SecretBytes),
    /// A text with conflict markers around changes of the same lines.
    Conflict(SecretBytes),
    /// No text: the content is binary, and can't be merged line by line.
    Binary,
}

/// Merges the changes from `base` to `ours` and from `base` to `theirs`.
pub(crate) fn merge_text(
    base: &[u8],
    ours: &[u8],
    theirs: &[u8],
    markers: &ConflictMarkers,
) -> Result<MergedText, RepositoryError> {
    if base == theirs || ours == theirs {
        return Ok(MergedText::Clean(SecretBytes::copy_of(ours)));
    }
    if base == ours {
        return Ok(MergedText::Clean(SecretBytes::copy_of(theirs)));
    }
    let is_no_text = |content: &[u8]| content.len() > LONGEST_TEXT || is_binary(content);
    if [base, ours, theirs].into_iter().any(is_no_text) {
        return Ok(MergedText::Binary);
    }
    // `merge_file` needs an initialised libgit2, and does not initialise it itself.
    drop(git2::Buf::new());
    let [base_label, our_label, their_label] = &markers.labels;
    let mut options = MergeFileOptions::new();
    options
        .marker_size(markers.size)
        .ancestor_label(base_label.as_str())
        .our_label(our_label.as_str())
        .their_label(their_label.as_str())
        .style_diff3(markers.style == ConflictStyle::Diff3)
        .style_zdiff3(markers.style == ConflictStyle::ZealousDiff3);
    let inputs = [base, ours, theirs].map(|content| {
        let mut input = MergeFileInput::new();
        input.content(content);
        input
    });
    let merged = git2::merge_file(&inputs[0], &inputs[1], &inputs[2], Some(&mut options))
        .map_err(RepositoryError::git("merging"))?;
    let content = SecretBytes::copy_of(merged.content());
    Ok(if merged.is_automergeable() {
        MergedText::Clean(content)
    } else {
        MergedText::Conflict(content)
    })
}

impl Configuration<'_> {
    /// The style that the setting `merge.conflictStyle` asks for.
    pub(crate) fn conflict_style(self) -> Result<ConflictStyle, RepositoryError> {
        // libgit2 does not see settings of `git -c`, so git itself is asked.
        let mut command = self.program.command("config");
        command.args(["--default", "merge", "--get", "merge.conflictStyle"]);
        let printed = run_to_end("config", &mut command)?;
        Ok(match printed.trim_ascii() {
            b"diff3" => ConflictStyle::Diff3,
            b"zdiff3" => ConflictStyle::ZealousDiff3,
            _ => ConflictStyle::Merge,
        })
    }
}

/// True if Git takes `content` for binary: one of its first bytes is NUL.
pub(crate) fn is_binary(content: &[u8]) -> bool {
    content[..content.len().min(BYTES_TO_LOOK_AT)].contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(style: ConflictStyle, base: &str, ours: &str, theirs: &str) -> (bool, String) {
        let markers = ConflictMarkers {
            style,
            size: 7,
            labels: ["base", "ours", "theirs"].map(str::to_owned),
        };
        let merged = merge_text(
            base.as_bytes(),
            ours.as_bytes(),
            theirs.as_bytes(),
            &markers,
        );
        match merged.expect("text") {
            MergedText::Clean(mut content) => (true, text(&mut content)),
            MergedText::Conflict(mut content) => (false, text(&mut content)),
            MergedText::Binary => panic!("this is text"),
        }
    }

    fn text(content: &mut SecretBytes) -> String {
        String::from_utf8(content.expose().to_vec()).expect("text")
    }

    #[test]
    fn changes_far_apart_come_together() {
        let (clean, content) = merged(
            ConflictStyle::Merge,
            "a\nb\nc\nd\ne\n",
            "A\nb\nc\nd\ne\n",
            "a\nb\nc\nd\nE\n",
        );
        assert!(clean);
        assert_eq!(content, "A\nb\nc\nd\nE\n");
    }

    #[test]
    fn conflicts_are_written_in_each_style() {
        let conflict = |style| merged(style, "k\nold\n", "k\nsame\nours\n", "k\nsame\ntheirs\n");
        let both = "k\nsame\n<<<<<<< ours\nours\n=======\ntheirs\n>>>>>>> theirs\n";
        assert_eq!(conflict(ConflictStyle::Merge), (false, both.to_owned()));
        let diff3 = "k\n<<<<<<< ours\nsame\nours\n||||||| base\nold\n=======\nsame\ntheirs\n>>>>>>> theirs\n";
        assert_eq!(conflict(ConflictStyle::Diff3), (false, diff3.to_owned()));
        let zealous =
            "k\nsame\n<<<<<<< ours\nours\n||||||| base\nold\n=======\ntheirs\n>>>>>>> theirs\n";
        assert_eq!(
            conflict(ConflictStyle::ZealousDiff3),
            (false, zealous.to_owned())
        );
    }

    #[test]
    fn one_sided_changes_and_empty_files_need_no_lines() {
        assert_eq!(
            merged(ConflictStyle::Merge, "a\n", "", "a\n"),
            (true, String::new())
        );
        assert_eq!(
            merged(ConflictStyle::Merge, "a\n", "a\n", ""),
            (true, String::new())
        );
        assert_eq!(
            merged(ConflictStyle::Merge, "", "b\n", "b\n"),
            (true, "b\n".to_owned())
        );
    }
}
