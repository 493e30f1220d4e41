//! The networks that a stack file declares.

use super::error::ComposeError;
use super::file::StackNetwork;
use super::reader::{Reader, noted};
use crate::stack::yaml::{NodeId, Pair};

impl Reader<'_> {
    /// The top-level networks. Their errors are left to the docker client.
    pub(crate) fn networks(
        &self,
        section: &Pair,
        problems: &mut Vec<ComposeError>,
    ) -> Result<Vec<StackNetwork>, ComposeError> {
        let mut networks = Vec::new();
        for pair in self.document.pairs(section.value)?.unwrap_or_default() {
            let key = self.document.key(pair.key).to_owned();
            if let Some(external) = noted(self.external_name(pair.value, &key), problems)? {
                networks.push(StackNetwork {
                    external,
                    line: self.document.line(pair.key),
                    key,
                });
            }
        }
        Ok(networks)
    }

    fn external_name(&self, network: NodeId, key: &str) -> Result<Option<String>, ComposeError> {
        let place = format!("networks.{key}");
        let properties = self.document.pairs(network)?.unwrap_or_default();
        let value = |wanted: &str, among: &[Pair]| {
            let mut among = among.iter();
            let found = among.find(|pair| self.document.key(pair.key) == wanted);
            found.map(|pair| pair.value)
        };
        let Some(external) = value("external", &properties) else {
            return Ok(None);
        };
        let mut name = value("name", &properties);
        if self.document.scalar(external).is_none() {
            let inner = self.document.pairs(external)?.unwrap_or_default();
            name = value("name", &inner);
        } else if self.interpolated(external, &place)?.to_lowercase() != "true" {
            return Ok(None);
        }
        match name {
            None => Ok(Some(key.to_owned())),
            Some(name) => self.strict(name, &format!("{place}.name")).map(Some),
        }
    }
}
