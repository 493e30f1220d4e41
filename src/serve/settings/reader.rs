//! Reads single values, and collects the problems of those that can't be used.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;

use super::addresses::WebAddressError;
use super::error::SettingProblem;

/// Minimum time that may be set.
const SHORTEST: Duration = Duration::from_secs(1);

/// Maximum time that may be set.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Reads values, and notes the problems of those that can't be used.
pub(super) struct SettingsReader<'path> {
    /// The folder that paths are relative to.
    pub(super) folder: &'path Path,
    pub(super) problems: Vec<SettingProblem>,
}

impl SettingsReader<'_> {
    /// The address of a listener.
    pub(super) fn address(&mut self, setting: &'static str, value: &str) -> Option<SocketAddr> {
        let address = value.parse().ok();
        if address.is_none() {
            let value = value.to_owned();
            self.problems
                .push(SettingProblem::Address { setting, value });
        }
        address
    }

    /// A time within the limits.
    pub(super) fn time(&mut self, setting: &'static str, value: &str) -> Option<Duration> {
        let time = value.parse::<SignedDuration>().ok();
        let time = time.filter(|time| time.is_positive());
        let time = time.map(SignedDuration::unsigned_abs);
        let time = time.filter(|time| (SHORTEST..=LONGEST).contains(time));
        if time.is_none() {
            let value = value.to_owned();
            self.problems.push(SettingProblem::Time { setting, value });
        }
        time
    }

    /// The meaning of `word`, which must be one of `all`.
    pub(super) fn word<Meaning: Copy>(
        &mut self,
        setting: &'static str,
        word: &str,
        all: &[(&'static str, Meaning)],
    ) -> Option<Meaning> {
        let found = all.iter().find(|(known, _)| *known == word);
        if found.is_none() {
            let known: Vec<&str> = all.iter().map(|(known, _)| *known).collect();
            self.problems.push(SettingProblem::Word {
                setting,
                value: word.to_owned(),
                known: known.join(", "),
            });
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// The value of an address or a token, or `None` after noting why there is none.
    pub(super) fn parsed<Value>(
        &mut self,
        setting: &'static str,
        parsed: Result<Value, WebAddressError>,
    ) -> Option<Value> {
        let noted = parsed.map_err(|source| {
            self.problems
                .push(SettingProblem::WebAddress { setting, source });
        });
        noted.ok()
    }
}
