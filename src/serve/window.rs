//! The hours of the day in which a stack may be deployed.

use jiff::civil::Time;
use jiff::{SignedDuration, ZonedDateTime};
use thiserror::Error;

/// From one time of the day to another, past midnight if that is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeploymentWindow {
    from: Time,
    /// Not in it any more.
    to: Time,
}

/// Why a text is no window.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{text}` is no window: two times of the day, as in `22:00-06:00`")]
pub(crate) struct WindowError {
    text: String,
}

impl DeploymentWindow {
    /// Reads `22:00-06:00`.
    pub(crate) fn parse(text: &str) -> Result<Self, WindowError> {
        let times = text.split_once('-');
        let times = times.and_then(|(from, to)| Some((time(from)?, time(to)?)));
        match times {
            Some((from, to)) if from != to => Ok(Self { from, to }),
            _ => Err(WindowError {
                text: text.to_owned(),
            }),
        }
    }

    /// True if this time of the day is in it.
    fn has(self, time: Time) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        }
    }

    /// How long it takes until it opens; nothing if it is open. A clock that is set forward over its beginning opens it then.
    pub(crate) fn opens_in(self, now: &ZonedDateTime) -> SignedDuration {
        if self.has(now.time()) {
            return SignedDuration::ZERO;
        }
        let today = now.date().to_datetime(self.from);
        let next = if now.time() < self.from {
            Ok(today)
        } else {
            now.date().tomorrow().map(|day| day.to_datetime(self.from))
        };
        let next = next.and_then(|next| next.to_zoned_datetime(now.time_zone().clone()));
        next.map_or(SignedDuration::ZERO, |next| now.duration_until(&next))
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<i8>().ok().filter(|_| is_number)
    };
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;

    use super::*;

    #[test]
    fn it_may_go_past_midnight() {
        let night = DeploymentWindow::parse("22:00-06:00").expect("a window");
        let lunch = DeploymentWindow::parse(" 12:30 - 13:00 ").expect("a window");
        for (hour, minute, at_night, at_lunch) in [
            (0, 0, true, false),
            (5, 59, true, false),
            (6, 0, false, false),
            (12, 30, false, true),
            (12, 59, false, true),
            (13, 0, false, false),
            (21, 59, false, false),
            (22, 0, true, false),
        ] {
            let time = Time::constant(hour, minute, 0, 0);
            assert_eq!(
                (night.has(time), lunch.has(time)),
                (at_night, at_lunch),
                "{time}"
            );
        }
        for text in [
            "",
            "22:00",
            "22-06",
            "24:00-06:00",
            "6:00-7:00",
            "06:00-06:00",
            "a:b-c:d",
        ] {
            assert!(DeploymentWindow::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn it_says_when_it_opens() {
        let night = DeploymentWindow::parse("22:00-06:00").expect("a window");
        let noon = date(2026, 11, 27)
            .at(12, 0, 0, 0)
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .expect("a moment");
        assert_eq!(night.opens_in(&noon), SignedDuration::from_hours(10));
        let evening = noon.checked_add(11.hours()).expect("a moment");
        assert_eq!(night.opens_in(&evening), SignedDuration::ZERO);
        let lunch = DeploymentWindow::parse("11:00-12:00").expect("a window");
        assert_eq!(lunch.opens_in(&noon), SignedDuration::from_hours(23));
    }
}
