//! Finds the line of a stack file that an error message of the docker client refers to.

use crate::stack::loaded::Stack;
use crate::stack::yaml::{NodeId, YamlDocument};

impl Stack<'_> {
    /// The file and line that a message such as `services.app.ports.0 must be a string` refers to. If only the first keys of
    /// the path exist in a file, the place of the last of these is returned.
    pub fn place_of(&self, words: &str) -> Option<String> {
        let path = words.split_whitespace().find(|word| {
            let section = word.split('.').next();
            word.contains('.') && matches!(section, Some("services" | "networks" | "volumes"))
        })?;
        let property = words
            .split_once("Additional property ")
            .and_then(|(_, behind)| behind.split_whitespace().next());
        let deepest = self.files.iter().filter_map(|file| {
            let (depth, id) = follow(&file.compose.document, path.trim_end_matches(':'), property);
            let place = format!("{}:{}", file.path, file.compose.document.line(id?));
            Some((depth, place))
        });
        // If equally many keys exist in two files, the later file counts: docker merges it over the earlier one.
        let (_, place) = deepest.max_by_key(|(depth, _)| *depth)?;
        Some(place)
    }
}

/// Follows the keys of `path` through mappings and lists. Returns how many of them exist, and the last key or item reached.
fn follow(document: &YamlDocument, path: &str, property: Option<&str>) -> (usize, Option<NodeId>) {
    let (mut here, mut at, mut depth) = (document.root(), None, 0);
    let mut parts: Vec<&str> = path.split('.').collect();
    parts.extend(property);
    let mut rest = &parts[..];
    while !rest.is_empty() {
        if let Ok(Some(items)) = document.items(here) {
            let item = rest[0].parse::<usize>().ok().and_then(|at| items.get(at));
            let Some(&item) = item else { break };
            (here, at, rest) = (item, Some(item), &rest[1..]);
        } else {
            let pairs = document.pairs(here).ok().flatten().unwrap_or_default();
            // A key may contain dots.
            let step = (1..=rest.len()).find_map(|count| {
                let key = rest[..count].join(".");
                let pair = pairs.iter().find(|pair| document.key(pair.key) == key)?;
                Some((count, *pair))
            });
            let Some((count, pair)) = step else { break };
            (here, at, rest) = (pair.value, Some(pair.key), &rest[count..]);
        }
        depth += 1;
    }
    (depth, at)
}
