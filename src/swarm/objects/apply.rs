//! Creates missing objects.

use std::cell::Cell;
use std::collections::HashSet;

use super::created::Created;
use super::plan::{Conflict, Obstacle, difference};
use crate::secret::SecretBytes;
use crate::stack::{ObjectKind, ObjectName, StackName, StackObject};
use crate::swarm::engine::{Engine, EngineError, NewObject};
use crate::swarm::error::SwarmError;
use crate::swarm::observed::labels::Labels;
use crate::swarm::observer::{Event, Observer};

/// An object to be created, with its content.
#[derive(Debug)]
pub(crate) struct Order {
    /// The stack that wants it.
    pub stack: StackName,
    /// The object that is wanted.
    pub object: StackObject,
    pub content: SecretBytes,
}

/// Creates objects, several at a time, and tells the observer.
pub(crate) fn create_all(
    engine: &impl Engine,
    orders: Vec<Order>,
    observer: &dyn Observer,
) -> Result<(), SwarmError> {
    if orders.is_empty() {
        return Ok(());
    }
    let total = orders.len();
    observer.tell(Event::Creating { total });
    let interrupted = || observer.is_interrupted();
    create(engine, orders, &interrupted, &mut |kind, name, by| {
        observer.tell(Event::Created { kind, name, by });
    })
}

/// Creates objects, several at a time. `reports` is called for each object that exists now. `interrupted` is checked before
/// each creation.
///
/// Requests that were sent are always waited for, so that the counts in an error are right. Only an object whose request was
/// not answered when the daemon went away may be counted wrongly. Running this again completes the work: an object that
/// exists already with the wanted content is not an error.
fn create(
    engine: &impl Engine,
    orders: Vec<Order>,
    interrupted: &dyn Fn() -> bool,
    report: &mut dyn FnMut(ObjectKind, &ObjectName, Created),
) -> Result<(), SwarmError> {
    let total = orders.len();
    let wanted: Vec<(StackName, StackObject)> = orders
        .iter()
        .map(|order| (order.stack.clone(), order.object.clone()))
        .collect();
    let mut done = 0;
    let mut taken = Vec::new();
    let mut failed: Option<SwarmError> = None;
    let stop = Cell::new(false);
    let mut begun = 0;
    let mut orders = orders.into_iter();
    let mut objects = std::iter::from_fn(|| {
        if stop.get() || interrupted() {
            return None;
        }
        let order = orders.next()?;
        begun += 1;
        Some(new_object(order))
    });
    engine.create(&mut objects, &mut |creation| match creation.result {
        Ok(()) => {
            done += 1;
            report(creation.kind, &creation.name, Created::Now);
        }
        Err(EngineError::NameTaken { .. }) => taken.push((creation.kind, creation.name)),
        Err(error) => {
            stop.set(true);
            // Keep the first error: later ones are usually its consequences.
            failed.get_or_insert(error.into());
        }
    });
    let failed = failed.or_else(|| (begun < total).then_some(SwarmError::Interrupted));
    let conflicts = match failed {
        Some(error) => Err(error),
        None => conflicts(engine, &wanted, &taken, &mut |kind, name| {
            done += 1;
            report(kind, name, Created::Elsewhere);
        }),
    };
    conflicts.map_err(|error| SwarmError::HalfCreated {
        done,
        total,
        source: Box::new(error),
    })
}

/// Checks the objects whose names were `taken` by others during this run. `as_wanted` is called for those with the wanted
/// content. The others are an error.
fn conflicts(
    engine: &impl Engine,
    wanted: &[(StackName, StackObject)],
    taken: &[(ObjectKind, ObjectName)],
    as_wanted: &mut dyn FnMut(ObjectKind, &ObjectName),
) -> Result<(), SwarmError> {
    if taken.is_empty() {
        return Ok(());
    }
    let inventory = engine.inventory_of_objects()?;
    let index = inventory.index();
    let taken: HashSet<_> = taken.iter().map(|(kind, name)| (*kind, name)).collect();
    let mut obstacles = Vec::new();
    for (stack, object) in wanted {
        let (kind, name) = (object.kind, &object.name);
        if !taken.contains(&(kind, name)) {
            continue;
        }
        // The object that had the name was removed again.
        let Some(there) = index.find(kind, name.as_str()) else {
            return Err(EngineError::NoSuchObject {
                kind,
                name: name.to_string(),
            }
            .into());
        };
        match difference(stack, object, there) {
            None => as_wanted(kind, name),
            Some(difference) => obstacles.push(Obstacle::Conflict(Conflict {
                kind,
                entry: object.entry.clone(),
                name: name.to_string(),
                difference,
            })),
        }
    }
    if obstacles.is_empty() {
        Ok(())
    } else {
        Err(SwarmError::Blocked { obstacles })
    }
}

fn new_object(order: Order) -> NewObject {
    let Order {
        stack,
        object,
        content,
    } = order;
    NewObject {
        kind: object.kind,
        labels: Labels::of_new(&stack, &object),
        name: object.name,
        template_driver: object.template_driver,
        content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swarm::engine::memory::MemorySwarm;
    use crate::swarm::examples;

    fn orders(count: u32) -> Vec<Order> {
        let order = |version| Order {
            stack: examples::stack_name("web"),
            object: examples::secret("token", version),
            content: SecretBytes::copy_of(b"hunter2"),
        };
        (1..=count).map(order).collect()
    }

    fn created(
        engine: &MemorySwarm,
        orders: Vec<Order>,
        interrupted: &dyn Fn() -> bool,
    ) -> (Vec<Created>, Result<(), String>) {
        let mut reports = Vec::new();
        let result = create(engine, orders, interrupted, &mut |_, _, by| {
            reports.push(by)
        });
        (reports, result.map_err(|error| error.to_string()))
    }

    #[test]
    fn creates_with_labels_and_drivers() {
        let engine = MemorySwarm::default();
        let mut order = orders(1);
        order[0].object.template_driver = Some("golang".to_owned());
        let wanted = order[0].object.clone();
        assert_eq!(
            created(&engine, order, &|| false),
            (vec![Created::Now], Ok(()))
        );
        let held = engine.holds.borrow();
        assert_eq!(held.objects[0].labels.blob(), Some(&*wanted.origin.blob));
        assert_eq!(
            difference(&examples::stack_name("web"), &wanted, &held.objects[0]),
            None
        );
    }

    #[test]
    fn a_race_with_the_same_content_is_success() {
        let engine =
            MemorySwarm::holding([examples::held("web", &examples::secret("token", 2), 0)]);
        let (mut reports, result) = created(&engine, orders(3), &|| false);
        reports.sort_by_key(|by| *by == Created::Elsewhere);
        assert_eq!(reports, [Created::Now, Created::Now, Created::Elsewhere]);
        assert_eq!(result, Ok(()));
    }

    #[test]
    fn a_race_with_other_content_is_an_error() {
        let mut other = examples::secret("token", 2);
        other.origin.blob.replace_range(36.., "beef");
        let engine = MemorySwarm::holding([examples::held("web", &other, 0)]);
        let (reports, result) = created(&engine, orders(3), &|| false);
        assert_eq!(reports.len(), 2);
        let error = result.expect_err("a name is taken");
        assert!(error.contains("with other content"), "{error}");
        assert!(
            error.ends_with("2 of 3 objects were created before"),
            "{error}"
        );
    }

    #[test]
    fn a_daemon_that_goes_away_is_said_and_running_again_finishes() {
        let engine = MemorySwarm::default();
        engine.goes_away_after.set(Some(2));
        let (reports, result) = created(&engine, orders(5), &|| false);
        assert_eq!(reports.len(), 2);
        let error = result.expect_err("it went away");
        assert!(error.contains("went away"), "{error}");
        assert!(error.contains("2 of 5 objects"), "{error}");
        engine.goes_away_after.set(None);
        assert_eq!(created(&engine, orders(5), &|| false).1, Ok(()));
        assert_eq!(engine.names().len(), 5);
    }

    #[test]
    fn an_interrupt_stops_before_the_next_object() {
        let engine = MemorySwarm::default();
        let asked = Cell::new(0);
        let third_time = || asked.replace(asked.get() + 1) == 2;
        let (reports, result) = created(&engine, orders(5), &third_time);
        assert_eq!(reports.len(), 2);
        assert_eq!(
            result,
            Err("interrupted; 2 of 5 objects were created before".to_owned())
        );
        // An interrupt after the last object has no effect.
        assert_eq!(
            created(&MemorySwarm::default(), Vec::new(), &|| true).1,
            Ok(())
        );
    }
}
