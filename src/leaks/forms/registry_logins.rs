//! Logins to registries, as docker and Kubernetes store them: in JSON, which Kubernetes encodes in base64.

use std::ops::Range;

use super::encoded::{LONGEST_ENCODED, decoded, encoded_at};
use super::settings::assignments::secret_assigned_at;
use super::settings::dialect::Dialect;

/// The name under which Kubernetes stores the logins to registries.
pub(crate) const DOCKER_CONFIG: &str = "dockerconfigjson";
/// Maximum length of the punctuation and blanks between a name and its value.
const LONGEST_GAP: usize = 40;

/// The encoded value of the `.dockerconfigjson` whose name ends at `end`, and whether it has a login.
///
/// At least one character must separate the name and the value, so that letters after the name are not taken for a value.
pub(crate) fn docker_config_at(content: &[u8], end: usize) -> Option<(Range<usize>, bool)> {
    let blank = |byte: &&u8| b"\"': \t=|>-".contains(byte) || byte.is_ascii_whitespace();
    let start = end
        + content[end..]
            .iter()
            .take(LONGEST_GAP)
            .take_while(blank)
            .count();
    if start == end {
        return None;
    }
    let (letters, end) = encoded_at(content, start, LONGEST_ENCODED);
    let is_login = decoded(&letters).is_some_and(|config| has_login(&config));
    Some((start..end, is_login))
}

/// True if a docker `config.json` holds a login.
pub(crate) fn has_login(config: &[u8]) -> bool {
    [&b"\"auth\""[..], b"\"password\""].iter().any(|name| {
        let mut places = config.windows(name.len()).enumerate();
        places.any(|(place, window)| {
            window == *name && secret_assigned_at(config, place + 1, Dialect::Program).is_some()
        })
    })
}
