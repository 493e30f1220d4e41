//! Masks known values in a report: a path that has a secret in it must not be printed.

use super::outcome::Report;
use crate::leaks::known::known_secrets::KnownSecrets;
use crate::repository::PathBytes;

/// The text that replaces a value.
pub(super) const MASK: &str = "***";

impl Report {
    /// Masks the known values in every path, name and reason.
    pub(crate) fn mask(&mut self, known: &KnownSecrets) {
        let mask = |text: &mut String| {
            if let Some(masked) = masked(known, text.as_bytes()) {
                *text = String::from_utf8_lossy(&masked).into_owned();
            }
        };
        let mask_path = |path: &mut PathBytes| {
            if let Some(masked) = masked(known, path.as_bytes()) {
                *path = PathBytes::new(masked);
            }
        };
        for finding in &mut self.findings {
            finding.place.path.iter_mut().for_each(mask_path);
            finding.place.tag.iter_mut().for_each(mask);
            finding.place.reference.iter_mut().for_each(mask);
            let source = finding.source.iter_mut();
            source.for_each(|source| mask_path(&mut source.path));
            mask(&mut finding.hint);
        }
        for gap in &mut self.gaps {
            mask(&mut gap.what);
            mask(&mut gap.reason);
        }
        self.notes.iter_mut().for_each(mask);
        self.unused.iter_mut().for_each(mask);
    }
}

/// `text` with each known value replaced by the mask; `None` if it has none.
fn masked(known: &KnownSecrets, text: &[u8]) -> Option<Vec<u8>> {
    let sightings = known.find_in(text);
    let mut kept = Vec::with_capacity(text.len());
    let mut end = 0;
    for sighting in &sightings {
        if let Some(before) = text.get(end..sighting.start) {
            kept.extend_from_slice(before);
            kept.extend_from_slice(MASK.as_bytes());
        }
        end = sighting.end;
    }
    kept.extend_from_slice(&text[end..]);
    (!sightings.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaks::known::known_secrets::KnownValues;

    #[test]
    fn values_next_to_and_within_each_other_are_masked() {
        let mut values = KnownValues::default();
        let path = PathBytes::new("secret/app.env");
        let added = values.add_file(
            &path,
            b"A_TOKEN=kettle4drum-xylo17\nB_TOKEN=4drum-xylo17-phone\nC_TOKEN=zephyr9lamp\n",
        );
        added.expect("it is short");
        let known = values.into_search().expect("few values");
        let known = known.expect("there are some");
        for (text, shown) in [
            ("a/zephyr9lamp.md", Some("a/***.md")),
            ("kettle4drum-xylo17-phone/b", Some("***/b")),
            ("zephyr9lamp/zephyr9lamp", Some("***/***")),
            ("nothing", None),
        ] {
            let masked = masked(&known, text.as_bytes());
            assert_eq!(masked.as_deref(), shown.map(str::as_bytes), "{text}");
        }
    }
}
