//! Plans what must be done so that the Swarm has what a stack wants.

use std::collections::BTreeSet;
use std::fmt;

use super::change::{ServiceChange, service_changes};
use crate::stack::{DesiredStack, ExternalObject, ObjectKind, Stack, StackName, StackObject};
use crate::swarm::observed::index::InventoryIndex;
use crate::swarm::observed::inventory::Inventory;
use crate::swarm::observed::object::SwarmObject;

/// The work for one stack. It must not begin while there are [`Plan::obstacles`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The stack.
    pub stack: StackName,
    /// Objects to be created, in the order of the stack file.
    pub create: Vec<StackObject>,
    /// Objects that exist already.
    pub present: Vec<StackObject>,
    /// Everything that prevents the work.
    pub obstacles: Vec<Obstacle>,
    /// Changes for running services. Each of these services restarts when the stack is deployed.
    pub changes: Vec<ServiceChange>,
}

/// Why a stack can't be deployed to the Swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// A different object has the name of a wanted one.
    Conflict(Conflict),
    /// The object of an `external` entry does not exist.
    Missing(ExternalObject),
}

/// A name that a different object has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The kind of the wanted object.
    pub kind: ObjectKind,
    /// Its key in the stack file.
    pub entry: String,
    /// The name that is taken.
    pub name: String,
    /// How the existing object differs.
    pub difference: Difference,
}

/// How an object differs from the one that is wanted under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The object was made from different content.
    Content {
        /// The id of the blob that it was made from.
        blob: String,
    },
    /// The object was neither created by this program nor deployed with this stack. Its content is unknown.
    Unknown {
        /// The stack that the object belongs to, if any.
        stack: Option<String>,
    },
    /// The object has a different driver. Swarm silently ignores a change of the driver.
    Driver {
        /// `template_driver` or `driver`.
        option: &'static str,
        /// Its value in the Swarm.
        there: Option<String>,
        /// Its value in the stack file.
        wanted: Option<String>,
    },
}

impl Plan {
    /// Compares what a stack wants with what the Swarm holds. Needs no key.
    ///
    /// ```no_run
    /// use hs_secrets::Accepted;
    /// use hs_secrets::{
    ///     DockerEngine, Endpoint, Engine as _, Plan, Repository, Settings, StackName, StackQuery, load_stack,
    /// };
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let environment = |name: &str| std::env::var(name).ok();
    /// let repository = Repository::open(".".as_ref())?;
    /// let settings = Settings::load(&repository, None)?;
    /// let query = StackQuery {
    ///     name: StackName::parse("web")?,
    ///     files: Vec::new(),
    ///     revision: None,
    ///     accepted: Accepted::default(),
    ///     environment: &environment,
    /// };
    /// let stack = load_stack(&repository, &settings, &query)?;
    /// let engine = DockerEngine::connect(&Endpoint::find(None, None, &environment)?, |_| {})?;
    /// let plan = Plan::of(&stack, &engine.inventory()?);
    /// for object in &plan.create {
    ///     println!("missing: {} {}", object.kind, object.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(stack: &Stack<'_>, inventory: &Inventory) -> Self {
        plan(stack.desired(), &inventory.index())
    }

    /// True if neither creating objects nor deploying would change anything.
    pub fn is_done(&self) -> bool {
        self.create.is_empty() && self.obstacles.is_empty() && self.changes.is_empty()
    }
}

/// Compares what a stack wants with what the Swarm holds.
pub(crate) fn plan(desired: &DesiredStack, index: &InventoryIndex<'_>) -> Plan {
    let mut plan = Plan {
        stack: desired.name.clone(),
        create: Vec::new(),
        present: Vec::new(),
        obstacles: Vec::new(),
        changes: service_changes(desired, index),
    };
    let mut seen = BTreeSet::new();
    for object in &desired.objects {
        // Two entries with the same file and the same name are one object.
        if !seen.insert((object.kind, &object.name)) {
            continue;
        }
        match index.find(object.kind, object.name.as_str()) {
            None => plan.create.push(object.clone()),
            Some(there) => match difference(&desired.name, object, there) {
                None => plan.present.push(object.clone()),
                Some(difference) => plan.obstacles.push(Obstacle::Conflict(Conflict {
                    kind: object.kind,
                    entry: object.entry.clone(),
                    name: object.name.to_string(),
                    difference,
                })),
            },
        }
    }
    let missing = desired
        .externals
        .iter()
        .filter(|external| index.find(external.kind, external.name.as_str()).is_none());
    plan.obstacles
        .extend(missing.cloned().map(Obstacle::Missing));
    plan
}

/// The difference between the existing object `there` and the wanted `object` of the same name. `None` if they agree.
pub(crate) fn difference(
    stack: &StackName,
    object: &StackObject,
    there: &SwarmObject,
) -> Option<Difference> {
    match there.labels.blob() {
        Some(blob) if blob == object.origin.blob => {}
        // A version that is not a prefix of the blob id was made from the content itself (md5). Then equal names mean equal
        // content, even if a new key has changed the blob.
        Some(_) if !object.origin.blob.starts_with(object.version.as_str()) => {}
        Some(blob) => {
            return Some(Difference::Content {
                blob: blob.to_owned(),
            });
        }
        // `docker stack deploy` has created the object, or has overwritten its labels. Its name contains the version.
        None if there.labels.in_stack(stack) => {}
        None => {
            return Some(Difference::Unknown {
                stack: there.labels.stack().map(str::to_owned),
            });
        }
    }
    let drivers = [
        (
            "template_driver",
            &there.template_driver,
            &object.template_driver,
        ),
        // This program creates secrets without a driver.
        ("driver", &there.driver, &None),
    ];
    let (option, there, wanted) = drivers
        .into_iter()
        .find(|(_, there, wanted)| there != wanted)?;
    Some(Difference::Driver {
        option,
        there: there.clone(),
        wanted: wanted.clone(),
    })
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(conflict) => conflict.fmt(formatter),
            Self::Missing(ExternalObject {
                kind, name, place, ..
            }) => write!(
                formatter,
                "external {kind} {name} ({place}) is not in the Swarm"
            ),
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind, entry, name, ..
        } = self;
        write!(
            formatter,
            "entry `{entry}` can't become {kind} {name}, which exists already "
        )?;
        match &self.difference {
            Difference::Content { blob } => {
                write!(formatter, "with other content (made from blob {blob})")
            }
            Difference::Unknown { stack: Some(stack) } => {
                write!(formatter, "in stack {stack} with unknown content")
            }
            Difference::Unknown { stack: None } => write!(formatter, "with unknown content"),
            Difference::Driver {
                option,
                there,
                wanted,
            } => write!(
                formatter,
                "with {option} {} instead of {}",
                there.as_deref().unwrap_or("none"),
                wanted.as_deref().unwrap_or("none")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::examples;
    use crate::swarm::observed::labels::Labels;

    fn planned(there: SwarmObject) -> Plan {
        let desired = examples::stack("web", [examples::secret("token", 1)]);
        let inventory = Inventory {
            objects: vec![there],
            ..Inventory::default()
        };
        plan(&desired, &inventory.index())
    }

    fn obstacle(there: SwarmObject) -> String {
        let plan = planned(there);
        assert!(plan.create.is_empty() && plan.present.is_empty());
        assert_eq!(plan.obstacles.len(), 1);
        plan.obstacles[0].to_string()
    }

    #[test]
    fn what_is_missing_is_created_and_what_is_there_is_not() {
        let entry = examples::secret("token", 1);
        let there = examples::held("web", &entry, 0);
        let before = planned(examples::held("web", &examples::secret("token", 2), 0));
        assert_eq!((before.create.len(), before.present.len()), (1, 0));
        let after = planned(there);
        assert_eq!((after.create.len(), after.present.len()), (0, 1));
        assert!(after.is_done() && !before.is_done());
    }

    #[test]
    fn a_config_does_not_stand_in_for_a_secret() {
        let mut there = examples::held("web", &examples::secret("token", 1), 0);
        there.kind = ObjectKind::Config;
        assert_eq!(planned(there).create.len(), 1);
    }

    #[test]
    fn two_entries_of_one_name_are_one_object() {
        let first = examples::secret("token", 1);
        let second = StackObject {
            entry: "again".to_owned(),
            ..first.clone()
        };
        let desired = examples::stack("web", [first, second]);
        assert_eq!(
            plan(&desired, &Inventory::default().index()).create.len(),
            1
        );
    }

    #[test]
    fn other_content_under_the_name_is_a_conflict() {
        let entry = examples::secret("token", 1);
        let mut other = entry;
        other.origin.blob.replace_range(36.., "beef");
        let there = examples::held("web", &other, 0);
        assert!(obstacle(there).contains("with other content (made from blob"));
    }

    #[test]
    fn a_name_made_from_the_content_itself_outlives_a_new_key() {
        let mut entry = examples::secret("token", 1);
        let there = examples::held("web", &entry, 0);
        entry.origin.blob = examples::blob(9);
        assert_eq!(
            difference(&examples::stack_name("web"), &entry, &there),
            None
        );
    }

    #[test]
    fn what_cannot_be_attributed_is_a_conflict() {
        let entry = examples::secret("token", 1);
        let mut there = examples::held("web", &entry, 0);
        there.labels = Labels::default();
        assert!(obstacle(there.clone()).ends_with("with unknown content"));
        there.labels = examples::namespace("shop");
        assert!(obstacle(there.clone()).contains("in stack shop"));
        there.labels = examples::namespace("web");
        assert_eq!(planned(there).present.len(), 1, "docker made it");
    }

    #[test]
    fn another_driver_is_a_conflict() {
        let entry = examples::secret("token", 1);
        let mut there = examples::held("web", &entry, 0);
        there.template_driver = Some("golang".to_owned());
        assert!(obstacle(there).contains("template_driver golang instead of none"));
    }

    #[test]
    fn a_missing_external_object_is_an_obstacle() {
        let mut desired = examples::stack("web", []);
        desired.externals.push(ExternalObject {
            kind: ObjectKind::Config,
            entry: "shared".to_owned(),
            name: examples::object_name("shared-config"),
            place: "web.yml:12".to_owned(),
        });
        let obstacles = plan(&desired, &Inventory::default().index()).obstacles;
        assert_eq!(
            obstacles[0].to_string(),
            "external config shared-config (web.yml:12) is not in the Swarm"
        );
    }
}
