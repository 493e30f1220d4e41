//! The lock by which deployments of one stack take turns.
//! The lock is a Swarm config. Names are unique in a Swarm, which makes creating one atomic. Unlike a lock file, it is
//! seen from every machine. Its holder changes one of its labels every [`Patience::heartbeat`].
//! A lock is abandoned if it has not changed for [`Patience::lost`] by the clock of a waiting process, or if its holder
//! was a process of this machine that has ended, or if this process made it and does not hold it any more. It is then
//! removed by its id, and the first process to create the next lock has the turn. A holder that was suspended for that
//! long finds its lock gone, and stops. A config that has the name of a lock but is not one is never touched.

use std::time::{Duration, Instant};

use super::holder::{Contender, TurnHolder};
use crate::stack::StackName;
use crate::swarm::engine::{Deployments, EngineError, HeldLock, NewLock};
use crate::swarm::error::SwarmError;

/// The waiting times of a turn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The time between two signs of life of a holder.
    pub heartbeat: Duration,
    /// A holder that gives no sign of life for this time counts as dead. An election of a leader and any request take less.
    pub lost: Duration,
    /// The time between two looks at somebody else's lock.
    pub look: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(10),
            lost: Duration::from_secs(90),
            look: Duration::from_millis(300),
        }
    }
}

/// News about waiting for a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TurnEvent<'a> {
    /// Another deployment has the turn.
    Waiting {
        /// Who has it.
        holder: &'a str,
        /// Since when it has the turn.
        since: &'a str,
    },
    /// The abandoned lock of another deployment was taken over.
    Outlived {
        /// Who had it.
        holder: &'a str,
    },
}

/// The turn of one stack; given back when dropped.
pub(crate) struct Turn<'engine, E: Deployments> {
    engine: &'engine E,
    stack: StackName,
    id: String,
    lock: NewLock,
    patience: Patience,
    renewed: Instant,
    /// Counted until the lock is removed.
    _contender: Contender,
}

impl<'engine, E: Deployments> Turn<'engine, E> {
    /// Waits until nobody else deploys `stack`. `meanwhile` fails once the work is to end.
    pub(crate) fn take(
        engine: &'engine E,
        stack: &StackName,
        patience: Patience,
        meanwhile: &mut dyn FnMut() -> Result<(), SwarmError>,
        report: &mut dyn FnMut(TurnEvent<'_>),
    ) -> Result<Self, SwarmError> {
        let TurnHolder { shown, process } = TurnHolder::this();
        let lock = NewLock::new(stack, shown, process);
        let contender = Contender::of(stack);
        let mut seen: Option<(HeldLock, Instant)> = None;
        loop {
            match engine.create_lock(&lock) {
                Ok(id) => {
                    return Ok(Self {
                        engine,
                        stack: stack.clone(),
                        id,
                        lock,
                        patience,
                        renewed: Instant::now(),
                        _contender: contender,
                    });
                }
                Err(EngineError::NameTaken { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let was_alone = contender.is_alone();
            let Some(held) = engine.lock(&lock)? else {
                // The other holder has just given its turn back.
                meanwhile()?;
                continue;
            };
            let is_own = held.process == lock.process && !held.process.is_empty();
            // This process made the lock earlier and could not remove it.
            let is_left = is_own && was_alone && contender.is_alone();
            let is_over = is_left || held.is_of_ended_process();
            let first_look = seen.as_ref().is_none_or(|(known, _)| known.id != held.id);
            if first_look && !is_over {
                report(TurnEvent::Waiting {
                    holder: &held.holder,
                    since: &held.since,
                });
            }
            let changed = seen.as_ref().is_none_or(|(known, _)| *known != held);
            if changed {
                seen = Some((held.clone(), Instant::now()));
            }
            let silent = seen.as_ref().map(|(_, since)| since.elapsed());
            if is_over || silent >= Some(patience.lost) {
                report(TurnEvent::Outlived {
                    holder: &held.holder,
                });
                engine.remove_lock(&held.id)?;
                continue;
            }
            meanwhile()?;
            std::thread::sleep(patience.look);
        }
    }

    /// Gives a sign of life when one is due.
    pub(crate) fn keep(&mut self) -> Result<(), SwarmError> {
        if self.renewed.elapsed() < self.patience.heartbeat {
            return Ok(());
        }
        self.lock.heartbeat += 1;
        match self.engine.renew_lock(&self.id, &self.lock) {
            Ok(()) => {
                self.renewed = Instant::now();
                Ok(())
            }
            Err(EngineError::NoSuchObject { .. }) => Err(SwarmError::TurnLost {
                stack: self.stack.clone(),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

impl<E: Deployments> Drop for Turn<'_, E> {
    fn drop(&mut self) {
        // A lock that can't be removed now counts as abandoned later.
        let _ = self.engine.remove_lock(&self.id);
    }
}

impl HeldLock {
    fn is_of_ended_process(&self) -> bool {
        TurnHolder::is_dead(&self.process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::ObjectKind;
    use crate::swarm::engine::memory::MemorySwarm;
    use crate::swarm::examples;

    const QUICK: Patience = Patience {
        heartbeat: Duration::ZERO,
        lost: Duration::from_millis(40),
        look: Duration::from_millis(5),
    };

    fn take(engine: &MemorySwarm) -> (Vec<String>, Result<Turn<'_, MemorySwarm>, SwarmError>) {
        let mut reports = Vec::new();
        let name = examples::stack_name("web");
        let began = Instant::now();
        let mut meanwhile = || {
            if began.elapsed() < Duration::from_millis(20) {
                Ok(())
            } else {
                Err(SwarmError::Interrupted)
            }
        };
        // However slow the machine is, a holder that lives is not taken for dead.
        let patience = Patience {
            lost: Duration::MAX,
            ..QUICK
        };
        let turn = Turn::take(engine, &name, patience, &mut meanwhile, &mut |event| {
            reports.push(format!("{event:?}"));
        });
        (reports, turn)
    }

    #[test]
    fn only_one_has_the_turn_until_it_is_given_back() {
        let engine = MemorySwarm::default();
        let (reports, first) = take(&engine);
        assert!(reports.is_empty());
        let (reports, second) = take(&engine);
        assert!(reports[0].starts_with("Waiting"), "{reports:?}");
        assert!(matches!(second, Err(SwarmError::Interrupted)));
        drop(first);
        assert!(take(&engine).1.is_ok());
    }

    #[test]
    fn a_lock_without_a_sign_of_life_is_taken_and_its_holder_learns_of_it() {
        let engine = MemorySwarm::default();
        let mut first = take(&engine).1.expect("nobody else wants it");
        first.keep().expect("it is held");
        let name = examples::stack_name("web");
        let second = Turn::take(&engine, &name, QUICK, &mut || Ok(()), &mut |_| {});
        assert!(second.is_ok());
        assert!(matches!(first.keep(), Err(SwarmError::TurnLost { .. })));
        // The first one gives its own turn back, not that of the second one.
        drop(first);
        assert_eq!(engine.locks.borrow().len(), 1);
    }

    #[test]
    fn a_config_of_somebody_else_with_the_name_of_a_lock_stays() {
        let name = NewLock::new(&examples::stack_name("web"), String::new(), String::new()).name;
        let mut theirs = examples::held("web", &examples::secret("token", 1), 0);
        (theirs.kind, theirs.name) = (ObjectKind::Config, name);
        theirs.labels = examples::namespace("web");
        let engine = MemorySwarm::holding([theirs.clone()]);
        let web = examples::stack_name("web");
        let refused = Turn::take(&engine, &web, QUICK, &mut || Ok(()), &mut |_| {});
        let refused = refused.err().expect("the name is taken for good");
        assert!(refused.to_string().contains("did not make it"), "{refused}");
        assert_eq!(engine.names(), [theirs.name]);
    }

    #[test]
    fn the_lock_of_a_process_that_is_no_more_is_taken_at_once() {
        let engine = MemorySwarm::default();
        let this = TurnHolder::this().process;
        let dead = format!("{} 1", this.rsplit_once(' ').expect("it has parts").0);
        let lock = NewLock::new(&examples::stack_name("web"), "someone".to_owned(), dead);
        engine.create_lock(&lock).expect("nobody has it");
        let (reports, turn) = take(&engine);
        assert!(turn.is_ok());
        assert!(reports[0].starts_with("Outlived"), "{reports:?}");
    }

    #[test]
    fn a_lock_that_this_process_could_not_remove_is_taken_at_once() {
        let engine = MemorySwarm::default();
        let name = examples::stack_name("left-over");
        let TurnHolder { shown, process } = TurnHolder::this();
        let lock = NewLock::new(&name, shown, process);
        engine.create_lock(&lock).expect("nobody has it");
        let patience = Patience {
            lost: Duration::MAX,
            ..QUICK
        };
        let began = Instant::now();
        let mut meanwhile = || {
            if began.elapsed() < Duration::from_secs(5) {
                Ok(())
            } else {
                Err(SwarmError::Interrupted)
            }
        };
        let first = Turn::take(&engine, &name, patience, &mut meanwhile, &mut |_| {});
        assert!(first.is_ok(), "it is nobody's any more");
        // While somebody here has the turn, it is not left over.
        let mut at_once = || Err(SwarmError::Interrupted);
        let second = Turn::take(&engine, &name, patience, &mut at_once, &mut |_| {});
        assert!(matches!(second, Err(SwarmError::Interrupted)));
        drop(first);
    }
}
