//! Divides a stack's files into parts, so that the docker client can be asked about each part alone.

use std::collections::HashSet;

use crate::stack::yaml::{FlowWriter, NodeId, YamlDocument};

/// The places in a stack file whose children are valid without each other, as the keys that lead there. `*` stands for any
/// key. A list at such a place can be divided, too.
const DIVISIBLE: [&[&str]; 19] = [
    &[],
    &["*"],
    &["networks", "*"],
    &["volumes", "*"],
    &["services", "*"],
    &["services", "*", "deploy"],
    &["services", "*", "deploy", "labels"],
    &["services", "*", "deploy", "placement"],
    &["services", "*", "deploy", "resources"],
    &["services", "*", "deploy", "resources", "*"],
    &["services", "*", "deploy", "restart_policy"],
    &["services", "*", "deploy", "rollback_config"],
    &["services", "*", "deploy", "update_config"],
    &["services", "*", "environment"],
    &["services", "*", "extra_hosts"],
    &["services", "*", "healthcheck"],
    &["services", "*", "labels"],
    &["services", "*", "networks"],
    &["services", "*", "sysctls"],
];

/// Every part has this section, even if it is empty.
const SERVICES: &str = "services";

/// Every part has this key, with its value.
const VERSION: &str = "version";

/// The files of a stack, ready to be divided.
pub(crate) struct FileParts {
    documents: Vec<YamlDocument>,
}

/// A part of a stack's files: some of the children at one place. Everything else is left out, except the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilePart {
    /// The keys, or positions in lists, that lead to the place.
    path: Vec<String>,
    /// The keys of the children, or their positions in a list.
    children: Vec<String>,
}

impl FilePart {
    /// The empty part.
    pub(crate) const NOTHING: Self = Self {
        path: Vec::new(),
        children: Vec::new(),
    };

    /// Turns a message of Docker's about this part into one about the whole file. The message has the positions of list
    /// items within the part, which differ from those in the file.
    pub(crate) fn message_for_whole_file(&self, words: &str) -> String {
        let place = format!("{}.", self.path.join("."));
        let item = |(_, behind): (&str, &str)| {
            let end = behind.find(|letter: char| !letter.is_ascii_digit());
            let position = &behind[..end.unwrap_or(behind.len())];
            let child = self.children.get(position.parse::<usize>().ok()?)?;
            child.parse::<usize>().ok()?;
            Some(words.replacen(&format!("{place}{position}"), &format!("{place}{child}"), 1))
        };
        let found = words.split_once(&place).and_then(item);
        found.unwrap_or_else(|| words.to_owned())
    }

    /// The keys and positions that lead to the only child in this part, or to the place of its children, joined by dots.
    pub(crate) fn place(&self) -> String {
        let only = self.children.iter().filter(|_| self.children.len() == 1);
        let steps: Vec<&str> = self.path.iter().chain(only).map(String::as_str).collect();
        steps.join(".")
    }

    /// The keys of the services that this part contains. Empty if the part is not limited to certain services.
    pub(crate) fn services(&self) -> &[String] {
        match self.path.as_slice() {
            [section] if section == SERVICES => &self.children,
            [section, _, ..] if section == SERVICES => &self.path[1..2],
            _ => &[],
        }
    }
}

impl FileParts {
    /// Parses the texts of all files. `None` if one of them can't be read.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let documents = texts.map(|text| Some(YamlDocument::parse_with_problems(text).ok()?.0));
        Some(Self {
            documents: documents.collect::<Option<_>>()?,
        })
    }

    /// The part that contains everything.
    pub(crate) fn whole(&self) -> FilePart {
        let mut children = self.children_at(&[]);
        children.retain(|key| key != VERSION && !key.starts_with("x-"));
        let path = Vec::new();
        FilePart { path, children }
    }

    /// Rewrites a part with a single child: its place moves down to that child, as far as possible. The content of the part
    /// stays the same.
    pub(crate) fn narrowed(&self, mut part: FilePart) -> FilePart {
        while let [child] = part.children.as_slice() {
            let path = [part.path.as_slice(), std::slice::from_ref(child)].concat();
            let children = self.children_at(&path);
            if children.is_empty() {
                break;
            }
            part = FilePart { path, children };
        }
        part
    }

    /// Two smaller parts that together make up this one. `None` if the part can't be divided.
    pub(crate) fn halves(&self, part: &FilePart) -> Option<[FilePart; 2]> {
        let part = self.narrowed(part.clone());
        if part.children.len() < 2 {
            return None;
        }
        let (first, second) = part.children.split_at(part.children.len() / 2);
        let half = |children: &[String]| FilePart {
            path: part.path.clone(),
            children: children.to_vec(),
        };
        Some([half(first), half(second)])
    }

    /// The keys or positions of the children at a place, in all files. Empty if the children depend on each other.
    fn children_at(&self, path: &[String]) -> Vec<String> {
        let mut known = HashSet::new();
        let mut children = Vec::new();
        for document in &self.documents {
            let Some(node) = node_at(document, path) else {
                continue;
            };
            let found = children_of(document, node);
            let is_list = document.items(node).ok().flatten().is_some();
            let parent = path.split_last().map(|(_, parent)| parent);
            if is_divisible(path) || (is_list && parent.is_some_and(is_divisible)) {
                let new = found.into_iter().map(|(key, _)| key);
                children.extend(new.filter(|key| known.insert(key.clone())));
            }
        }
        children
    }

    /// The text of each file with only this part of it, in flow style. `None` if that can't be written.
    pub(crate) fn texts(&self, part: &FilePart) -> Option<Vec<String>> {
        let texts = self.documents.iter().map(|document| {
            let mut writer = FlowWriter::new(document);
            let root = document.root();
            let mut sections = Vec::new();
            for (key, child) in children_of(document, root) {
                if key == VERSION {
                    sections.push(child.written(&mut writer)?);
                }
            }
            let (chosen, children) = (part.path.as_slice(), part.children.as_slice());
            let written = cut(&mut writer, document, root, chosen, children)?;
            let named = chosen.first().map_or(children, std::slice::from_ref);
            if written.is_empty() || !named.iter().any(|section| section == SERVICES) {
                sections.push(format!("{SERVICES}: {{}}"));
            }
            sections.extend(written);
            Some(format!("{{ {} }}\n", sections.join(", ")))
        });
        texts.collect()
    }
}

/// A child of a mapping (which has a key) or of a list.
struct Child {
    key: Option<NodeId>,
    value: NodeId,
}

impl Child {
    fn written(&self, writer: &mut FlowWriter<'_>) -> Option<String> {
        let value = writer.node(self.value)?;
        self.with_value(writer, &value)
    }

    fn with_value(&self, writer: &mut FlowWriter<'_>, value: &str) -> Option<String> {
        Some(match self.key {
            Some(key) => format!("{}: {value}", writer.node(key)?),
            None => value.to_owned(),
        })
    }
}

/// The children of a node, with their keys or positions.
fn children_of(document: &YamlDocument, node: NodeId) -> Vec<(String, Child)> {
    if let Some(items) = document.items(node).ok().flatten() {
        let items = items.iter().enumerate();
        let child = |&value| Child { key: None, value };
        return items
            .map(|(position, item)| (position.to_string(), child(item)))
            .collect();
    }
    let pairs = document.pairs(node).ok().flatten().unwrap_or_default();
    let children = pairs.into_iter().map(|pair| {
        let (key, value) = (Some(pair.key), pair.value);
        (document.key(pair.key).to_owned(), Child { key, value })
    });
    children.collect()
}

fn node_at(document: &YamlDocument, path: &[String]) -> Option<NodeId> {
    path.iter().try_fold(document.root(), |node, step| {
        let mut children = children_of(document, node).into_iter();
        let found = children.find(|(key, _)| key == step);
        found.map(|(_, child)| child.value)
    })
}

/// Writes `node` in flow style, with only the chosen `children` at `path` below it and the nodes that lead there. `None` if
/// that can't be written.
fn cut(
    writer: &mut FlowWriter<'_>,
    document: &YamlDocument,
    node: NodeId,
    path: &[String],
    children: &[String],
) -> Option<Vec<String>> {
    let mut written = Vec::new();
    let Some((step, rest)) = path.split_first() else {
        let chosen: HashSet<&String> = children.iter().collect();
        for (key, child) in children_of(document, node) {
            if chosen.contains(&key) {
                written.push(child.written(writer)?);
            }
        }
        return Some(written);
    };
    let found = children_of(document, node).into_iter();
    for (_, child) in found.filter(|(key, _)| key == step) {
        let inner = cut(writer, document, child.value, rest, children)?;
        let is_list = document.items(child.value).ok().flatten().is_some();
        let inner = inner.join(", ");
        let inner = if is_list {
            format!("[{inner}]")
        } else {
            format!("{{ {inner} }}")
        };
        written.push(child.with_value(writer, &inner)?);
    }
    Some(written)
}

/// True if the children of the mapping at this path are valid without each other.
fn is_divisible(path: &[String]) -> bool {
    let fits = |place: &&[&str]| {
        let mut steps = place.iter().zip(path);
        place.len() == path.len() && steps.all(|(step, key)| *step == "*" || step == key)
    };
    DIVISIBLE.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
version: '3.7'
x-all: &all
  image: x   # shared
  ports: ['1:1', '2:2']
services:
  a: &a
    <<: *all
    deploy: {replicas: 1, resources: {limits: {cpus: '1'}}}
  b: *a
  c: {ulimits: {nofile: {soft: 1, hard: 2}}}
networks:
  n: {external: true}
";

    fn parts() -> FileParts {
        FileParts::of([TEXT].into_iter()).expect("it can be read")
    }

    fn text(parts: &FileParts, path: &[&str], children: &[&str]) -> String {
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        let (path, children) = (owned(path), owned(children));
        let texts = parts.texts(&FilePart { path, children });
        texts.expect("it can be written").concat()
    }

    #[test]
    fn everything_else_is_left_out_but_the_version() {
        let parts = parts();
        let version = "version: \"3.7\"";
        for (path, children, expected) in [
            (&[][..], &[][..], "services: {}"),
            (
                &["services"],
                &["c"],
                "services: { c: { ulimits: { nofile: { soft: 1, hard: 2 } } } }",
            ),
            (
                &["services", "b"],
                &["image"],
                "services: { b: { image: x } }",
            ),
            (
                &["services", "b", "ports"],
                &["1"],
                "services: { b: { ports: [\"2:2\"] } }",
            ),
            (
                &["networks"],
                &["n"],
                "services: {}, networks: { n: { external: true } }",
            ),
        ] {
            let expected = format!("{{ {version}, {expected} }}\n");
            assert_eq!(text(&parts, path, children), expected);
        }
        assert!(
            FileParts::of(["services: {a: !tag x}"].into_iter())
                .is_some_and(|parts| { parts.texts(&parts.whole()).is_none() })
        );
    }

    #[test]
    fn positions_are_those_of_the_whole_list() {
        let part = FilePart {
            path: ["services", "a", "ports"].map(str::to_owned).to_vec(),
            children: vec!["3".to_owned()],
        };
        for (words, expected) in [
            (
                "services.a.ports.0.target must be a integer",
                "services.a.ports.3.target must be a integer",
            ),
            (
                "services.a.ports must be a list",
                "services.a.ports must be a list",
            ),
            ("services.b.ports.0 is odd", "services.b.ports.0 is odd"),
        ] {
            assert_eq!(part.message_for_whole_file(words), expected);
        }
        assert_eq!(part.place(), "services.a.ports.3");
    }

    #[test]
    fn halves_make_up_the_whole_down_to_what_belongs_together() {
        let parts = parts();
        let mut waiting = vec![parts.whole()];
        let mut smallest = Vec::new();
        while let Some(part) = waiting.pop() {
            match parts.halves(&part) {
                Some([first, second]) => waiting.extend([second, first]),
                None => smallest.push(parts.narrowed(part).place()),
            }
        }
        assert_eq!(
            smallest,
            [
                "services.a.deploy.replicas",
                "services.a.deploy.resources.limits.cpus",
                "services.a.image",
                "services.a.ports.0",
                "services.a.ports.1",
                "services.b.deploy.replicas",
                "services.b.deploy.resources.limits.cpus",
                "services.b.image",
                "services.b.ports.0",
                "services.b.ports.1",
                "services.c.ulimits",
                "networks.n.external",
            ]
        );
    }
}
