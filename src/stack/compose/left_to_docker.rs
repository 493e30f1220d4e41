//! The parts of a stack file that only the docker client checks. They are given to the docker client if the file has other
//! errors and can't be rendered.

use std::collections::BTreeSet;

use super::file::ComposeFile;
use super::reader::Reader;
use crate::stack::yaml::{FlowWriter, NodeId, Pair};

/// This property names files that this program reads itself.
const ENV_FILE: &str = "env_file";

impl ComposeFile {
    /// The file in flow style, without its secrets and configs, without `env_file`, and without every property whose value
    /// has a variable of unknown value. `None` if the rest can't be written in flow style.
    pub(crate) fn left_to_docker(&self, is_unknown: &dyn Fn(&str) -> bool) -> Option<String> {
        let mut cutter = Cutter {
            reader: Reader {
                document: &self.document,
                environment: &|_| Ok(None),
                minor: self.minor,
            },
            writer: FlowWriter::new(&self.document),
            is_unknown,
        };
        let mut sections = Vec::new();
        for section in self.document.pairs(self.document.root()).ok()?? {
            let levels = match self.document.key(section.key) {
                "version" => 0,
                "networks" | "volumes" => 1,
                "services" => 2,
                _ => continue,
            };
            let value = cutter.node(section.value, levels)?;
            sections.push(format!("{}: {value}", cutter.writer.node(section.key)?));
        }
        if !sections
            .iter()
            .any(|section| section.starts_with("services:"))
        {
            sections.push("services: {}".to_owned());
        }
        Some(format!("{{ {} }}\n", sections.join(", ")))
    }
}

struct Cutter<'a> {
    reader: Reader<'a>,
    writer: FlowWriter<'a>,
    is_unknown: &'a dyn Fn(&str) -> bool,
}

impl Cutter<'_> {
    /// Writes the node in flow style. Of the pairs `levels` below it, those that must be left out are skipped.
    fn node(&mut self, node: NodeId, levels: usize) -> Option<String> {
        let document = self.reader.document;
        let pairs = match levels {
            0 => None,
            _ => document.pairs(node).ok()?,
        };
        let Some(pairs) = pairs else {
            return self.writer.node(node);
        };
        let mut written = Vec::new();
        for pair in pairs {
            if levels == 1 && self.is_left_out(&pair)? {
                continue;
            }
            let value = self.node(pair.value, levels - 1)?;
            written.push(format!("{}: {value}", self.writer.node(pair.key)?));
        }
        Some(format!("{{ {} }}", written.join(", ")))
    }

    fn is_left_out(&self, pair: &Pair) -> Option<bool> {
        let mut variables = BTreeSet::new();
        let found = self.reader.variables_below(pair.value, &mut variables);
        found.ok()?;
        let mut variables = variables.iter();
        let is_unknown = variables.any(|name| (self.is_unknown)(name));
        Some(is_unknown || self.reader.document.key(pair.key) == ENV_FILE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_env_files_and_unknown_values_are_left_out() {
        let text = "version: '3.7'\nx-a: &a {image: 'a:$TAG', env_file: gone}\nservices:\n  a:\n    <<: *a\n    imge: '$KNOWN'\n    \
                    imge: again\n    labels: ['${TAG:-x}']\n  b: [wrong]\nsecret: {}\nsecrets: {s: {file: gone}}\n\
                    networks: {n: {name: $TAG}, m: {}}\n";
        let file = ComposeFile::parse(text, &|_| Ok(None)).expect("it is YAML");
        assert_eq!(
            file.left_to_docker(&|name| name == "TAG").as_deref(),
            Some(
                "{ version: \"3.7\", services: { a: { imge: \"$KNOWN\" }, b: [wrong] }, networks: { m: {  } } }\n"
            )
        );
    }
}
