//! The content of a notification: how a run ended, or that a run has waited for long.

use jiff::Timestamp;

use super::choices::Occasion;
use crate::repository::misleads;
use crate::serve::runs::{RunId, StackRun};
use crate::serve::settings::without_userinfo;

/// Maximum length of a reason in characters.
const MAXIMUM_REASON: usize = 600;

/// How many digits of a commit are shown.
const SHOWN: usize = 12;

/// The content of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub occasion: Occasion,
    pub stack: String,
    pub run: RunId,
    /// The state of the run, in a word.
    pub state: &'static str,
    pub commit: Option<String>,
    /// Why the run was asked for, in a word.
    pub because: &'static str,
    /// Why the run failed or waits. It may contain text of people who can push. It has no control characters.
    pub reason: Option<String>,
    pub time: Timestamp,
}

impl Announcement {
    /// The announcement about a run.
    pub(super) fn of(occasion: Occasion, id: RunId, run: &StackRun, reason: Option<&str>) -> Self {
        Self {
            occasion,
            stack: run.target.clone(),
            run: id,
            state: run.state.word(),
            commit: run.commit.clone(),
            because: run.because.word(),
            reason: reason.map(on_one_line),
            time: run.since,
        }
    }

    /// The heading, in ASCII: the stack and its state.
    pub(super) fn title(&self) -> String {
        let how = match (self.occasion, self.state) {
            (Occasion::Failure, "timed-out") => "deployment took too long",
            (Occasion::Failure, "waiting") => "deployment waits",
            (Occasion::Failure, _) => "deployment failed",
            (Occasion::Recovery, _) => "deployed again after a failure",
            (Occasion::Deploy, _) => "deployed",
        };
        format!("{}: {how}", self.stack)
    }

    /// The text below the heading.
    pub(super) fn text(&self) -> String {
        let commit = self.commit.as_deref();
        let commit = commit.map(|commit| commit.get(..SHOWN).unwrap_or(commit));
        let of_commit = commit.map_or(String::new(), |commit| format!("commit {commit}, "));
        let text = format!("{of_commit}run {} ({})", self.run, self.because);
        match &self.reason {
            Some(reason) => format!("{text}: {reason}"),
            None => text,
        }
    }
}

/// The text in one line, without passwords in addresses and without misleading characters, cut off if it is long.
fn on_one_line(text: &str) -> String {
    let is_shown = |letter: &char| letter.is_control() || !misleads(*letter);
    let text = without_userinfo(text);
    let letters = text
        .chars()
        .filter(is_shown)
        .map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut line: String = letters.clone().take(MAXIMUM_REASON).collect();
    if letters.count() > MAXIMUM_REASON {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_short_line_without_passwords() {
        for (text, line) in [
            ("a\nb\u{1b}[31m", "a b [31m"),
            (
                "git could not ask https://ada:s3cret@h/a",
                "git could not ask https://h/a",
            ),
            ("\u{202e}evil\u{2069}", "evil"),
            ("a\u{2028}b\u{61c}c\u{200b}", "abc"),
        ] {
            assert_eq!(on_one_line(text), line);
        }
        let long = on_one_line(&"é".repeat(MAXIMUM_REASON + 1));
        assert_eq!(long.chars().count(), MAXIMUM_REASON + 1);
        assert!(long.ends_with('…'));
    }
}
