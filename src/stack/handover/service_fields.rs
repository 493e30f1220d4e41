//! The fields of a stack's services according to its files, for comparison with the Swarm.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::stack::compose::{Environment, FieldScope, ServiceFields, ValueDigest};
use crate::stack::error::StackError;
use crate::stack::loaded::Stack;

/// The fields of a stack's services.
#[derive(Debug, Default)]
pub struct StackFields {
    /// The fields of each service, by its name in the Swarm.
    pub services: BTreeMap<String, ServiceFields>,
    /// The names of services that are declared in several files, which docker merges.
    pub merged: BTreeSet<String>,
}

impl Stack<'_> {
    /// The fields of the stack's services, with the caller's `environment`. If an `env_file` can't be read, the variables of
    /// its service are unknown.
    pub fn service_fields(
        &self,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<StackFields, StackError> {
        let versions = self.variables();
        let shown = |name: &str| {
            let mut versions = versions.iter();
            let version = versions.find(|variable| variable.name == name);
            let version = version.map(|variable| variable.value.clone());
            match version.or_else(|| environment(name)) {
                Some(own) => Ok(Some(own)),
                None => Ok(self.variables.value_to_show(name)?.map(str::to_owned)),
            }
        };
        let values = |name: &str| {
            let secret = |_| self.variables.expose_value(name).map(str::to_owned);
            Ok(shown(name).unwrap_or_else(secret))
        };
        let top = self.repository.work_tree().top();
        let first = self.files.first().map_or("", |file| file.path.as_str());
        let folder = Path::new(first).parent();
        let folder = top.zip(folder).map(|(top, folder)| top.join(folder));
        let home = environment("HOME");
        let scope = FieldScope {
            stack: &self.desired.name,
            folder: folder.as_deref(),
            home: home.as_deref(),
            values: &values,
        };
        let mut found = StackFields::default();
        for file in &self.files {
            let fields = file.compose.service_fields(&shown, &scope);
            let fields = fields.map_err(|source| StackError::Compose {
                file: file.path.clone(),
                source,
            })?;
            for (key, mut fields) in fields {
                let service = file
                    .compose
                    .services
                    .iter()
                    .find(|service| service.name == key);
                let env_files = service.into_iter().flat_map(|service| &service.env_files);
                let mut variables = BTreeMap::new();
                for named in env_files {
                    let path = file.inside(&named.file);
                    let read = path.and_then(|path| {
                        let is_secret = !self.sources.is_plaintext_in_git(&path).ok()?;
                        let read = self.read_env_file(&path, &values)?;
                        Some((read, is_secret.then_some(path)))
                    });
                    match read {
                        Some((read, secret_file)) => {
                            if let Some(file) = secret_file {
                                let names = read.keys().cloned();
                                let names = names.map(|name| (name, file.clone()));
                                fields.secret_names.extend(names);
                            }
                            variables.extend(read);
                        }
                        None => drop(fields.unknown.insert(ServiceFields::ENVIRONMENT)),
                    }
                }
                // Variables under `environment:` override those from an `env_file`.
                let own = &fields.environment;
                fields
                    .secret_names
                    .retain(|name, _| !own.contains_key(name));
                variables.append(&mut fields.environment);
                fields.environment = variables;
                let name = self.desired.name.service_name(&key);
                if found.services.insert(name.clone(), fields).is_some() {
                    found.merged.insert(name);
                }
            }
        }
        for name in &found.merged {
            found.services.remove(name);
        }
        Ok(found)
    }

    /// The variables in an `env_file`, read by the rules of the docker client. `None` if the file can't be read.
    fn read_env_file(
        &self,
        path: &str,
        environment: Environment<'_>,
    ) -> Option<BTreeMap<String, Option<ValueDigest>>> {
        let mut content = self.sources.plaintext_of(path).ok()?;
        let text = std::str::from_utf8(content.expose()).ok()?;
        let lines = text.lines().map(str::trim_start);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let variable = |line: &str| {
            let (name, digest) = match line.split_once('=') {
                Some((name, value)) => (name, ValueDigest::of(value)),
                None => (line, ValueDigest::of(&environment(line).ok()??)),
            };
            Some((name.to_owned(), Some(digest)))
        };
        Some(lines.filter_map(variable).collect())
    }
}
