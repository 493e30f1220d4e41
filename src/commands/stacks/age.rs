//! Ages as people write and read them.

use jiff::{SignedDuration, Timestamp};

const UNITS: [(&str, &str, i64); 5] = [
    ("w", "week", 7 * 24 * 60 * 60),
    ("d", "day", 24 * 60 * 60),
    ("h", "hour", 60 * 60),
    ("m", "minute", 60),
    ("s", "second", 1),
];

/// Reads `15m`, `1h`, `2d`, `1d12h` or `0`.
pub(crate) fn parse_age(text: &str) -> Result<SignedDuration, String> {
    let malformed = || format!("`{text}` is no age: write 90s, 15m, 1h, 2d, 1w or 0");
    if text == "0" {
        return Ok(SignedDuration::ZERO);
    }
    let mut seconds = 0_i64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().map_err(|_| malformed())?;
        let found = UNITS
            .iter()
            .find_map(|(unit, _, length)| Some((length, rest[digits..].strip_prefix(unit)?)));
        let (length, behind) = found.ok_or_else(malformed)?;
        let more = number.checked_mul(*length).ok_or_else(malformed)?;
        seconds = seconds.checked_add(more).ok_or_else(malformed)?;
        rest = behind;
    }
    if text.is_empty() {
        return Err(malformed());
    }
    Ok(SignedDuration::from_secs(seconds))
}

/// An age as it can be typed: `1h30m`.
pub(crate) fn typed_age(age: SignedDuration) -> String {
    let mut rest = age.as_secs();
    let mut text = String::new();
    for (unit, _, length) in UNITS {
        if rest >= length {
            text.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    match text.is_empty() {
        true => "0".to_owned(),
        false => text,
    }
}

/// How old something is, in the largest unit that fits: `3 days`.
pub(crate) fn age_of(created_at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(created_at).as_secs().max(0);
    let (_, unit, length) = UNITS
        .iter()
        .find(|(_, _, length)| seconds >= *length)
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
        for text in [
            "",
            "m",
            "15",
            "-1h",
            "1 h",
            "1y",
            "99999999999999999w",
            "1h5",
        ] {
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
