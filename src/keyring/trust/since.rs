//! The moment from which a statement holds.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// A moment in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Since(Timestamp);

impl Since {
    /// Reads a moment, which must be written exactly like `2026-11-26T12:00:00Z`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let read = Self(text.parse().ok()?);
        let is_whole = read.0.subsec_nanosecond() == 0;
        (is_whole && read.to_string() == text).then_some(read)
    }

    /// The moment for a statement that is made `now`, and must be later than one of the moment `before`. `None` if
    /// there is no later moment.
    ///
    /// Clocks differ between machines. Of two statements the later one counts, so the moment must be later, whatever
    /// the clock says.
    pub(crate) fn after(before: Option<Self>, now: Timestamp) -> Option<Self> {
        let now = Self(Timestamp::from_second(now.as_second()).ok()?);
        match before {
            Some(before) if before >= now => {
                let next = before.0.checked_add(SignedDuration::from_secs(1)).ok()?;
                Some(Self(next))
            }
            _ => Some(now),
        }
    }
}

impl fmt::Display for Since {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_statement_is_later_whatever_the_clock_says() {
        let at = |text: &str| Since::parse(text).expect(text);
        let now: Timestamp = "2026-11-26T12:00:00.7Z".parse().expect("a moment");
        assert_eq!(Since::after(None, now), Some(at("2026-11-26T12:00:00Z")));
        let earlier = at("2026-11-26T11:00:00Z");
        assert_eq!(
            Since::after(Some(earlier), now),
            Some(at("2026-11-26T12:00:00Z"))
        );
        let ahead = at("2030-01-01T00:00:00Z");
        assert_eq!(
            Since::after(Some(ahead), now),
            Some(at("2030-01-01T00:00:01Z"))
        );
        assert_eq!(Since::after(Since::after(None, Timestamp::MAX), now), None);
    }

    #[test]
    fn a_moment_is_written_in_one_way() {
        for other in [
            "2026-11-26T12:00:00+01:00",
            "2026-11-26 12:00:00Z",
            "2026-11-26T12:00:00.5Z",
            "2026-11-26T12:00:00z",
            "now",
            "",
        ] {
            assert_eq!(Since::parse(other), None, "{other}");
        }
    }
}
