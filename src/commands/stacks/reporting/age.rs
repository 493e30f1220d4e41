//! Ages in the form that people write and read.

use jiff::fmt::friendly::{Designator, Spacing, SpanPrinter};
use jiff::{SignedDuration, Span, SpanRelativeTo, SpanRound, Timestamp, Unit};

/// Units of an age, with their lengths in seconds.
const UNITS: [(&str, i64); 5] = [
    ("week", 7 * 24 * 60 * 60),
    ("day", 24 * 60 * 60),
    ("hour", 60 * 60),
    ("minute", 60),
    ("second", 1),
];

/// Reads `15m`, `1h`, `2d`, `1d12h` or `0`.
pub(crate) fn parse_age(text: &str) -> Result<SignedDuration, String> {
    if text == "0" {
        return Ok(SignedDuration::ZERO);
    }
    let read = || -> Result<SignedDuration, jiff::Error> {
        let span: Span = text.parse()?;
        span.to_duration(SpanRelativeTo::days_are_24_hours())
    };
    read()
        .ok()
        .filter(|age| !age.is_negative())
        .ok_or_else(|| "that is no age: write 90s, 15m, 1h, 2d, 1w or 0".to_owned())
}

/// An age as it can be typed: `1h30m`.
pub(crate) fn typed_age(age: SignedDuration) -> String {
    let round = SpanRound::new()
        .largest(Unit::Week)
        .smallest(Unit::Second)
        .days_are_24_hours();
    let span = Span::try_from(age).and_then(|span| span.round(round));
    // An age that is too long for this type is written in seconds.
    span.map_or_else(
        |_| format!("{}s", age.as_secs()),
        |span| {
            SpanPrinter::new()
                .designator(Designator::Compact)
                .spacing(Spacing::None)
                .span_to_string(&span)
        },
    )
}

/// How old something is, in the largest unit that fits: `3 days`.
pub(crate) fn age_of(created_at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(created_at).as_secs().max(0);
    let (unit, length) = UNITS
        .iter()
        .find(|(_, length)| seconds >= *length)
        .unwrap_or(&UNITS[4]);
    let count = seconds / length;
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read() {
        for (text, seconds) in [
            ("0", 0),
            ("90s", 90),
            ("15m", 900),
            ("1h", 3600),
            ("2d", 172_800),
            ("1d12h", 129_600),
            ("1w", 604_800),
        ] {
            let age = SignedDuration::from_secs(seconds);
            assert_eq!(parse_age(text), Ok(age));
            assert_eq!(parse_age(&typed_age(age)), Ok(age));
        }
        for text in ["", "m", "15", "-1h", "1y", "99999999999999999w", "1h5"] {
            assert!(parse_age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ages_are_written() {
        let in_seconds = |seconds| typed_age(SignedDuration::from_secs(seconds));
        assert_eq!(in_seconds(900), "15m");
        assert_eq!(in_seconds(129_601), "1d12h1s");
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1_000);
        for (seconds, text) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "1 minute"),
            (7_300, "2 hours"),
            (86_400, "1 day"),
            (1_300_000, "2 weeks"),
            (-5, "0 seconds"),
        ] {
            let then = now - SignedDuration::from_secs(seconds);
            assert_eq!(age_of(then, now), text);
        }
    }
}
