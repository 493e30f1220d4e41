//! Removes what is left of stacks that are gone from the repository, or what other tools have left.

use super::stale::Keeping;
use super::stale_removal::StaleRemoval;
use crate::commands::stacks::selection::stack_selection::StackSelection;
use crate::commands::{Context, Outcome};
use crate::failure::Failure;
use crate::leaks::PathPattern;
use crate::repository::Repository;
use crate::stack::StackName;
use crate::swarm::{DockerEngine, Engine as _, SwarmObject, foreign_objects, gone_objects};

/// The options of a removal of leftovers, as typed.
pub(super) struct Leftovers<'a> {
    pub(super) context: &'a Context,
    pub(super) repository: &'a Repository,
    pub(super) selection: &'a StackSelection,
    pub(super) keeping: Keeping,
}

impl Leftovers<'_> {
    /// Removes leftovers of other tools whose names match the pattern `foreign`, or without a pattern, those of stacks that are gone.
    pub(super) fn remove(
        &self,
        engine: &DockerEngine,
        removal: &StaleRemoval,
        foreign: Option<&str>,
    ) -> Result<Outcome, Failure> {
        let (settings, stacks) = self.selection.load_all(self.repository)?;
        let history = self.selection.history(self.repository)?;
        let policy = self.keeping.policy(&settings, &history);
        let known: Vec<StackName> = stacks.iter().map(|stack| stack.name.clone()).collect();
        let named = self.gone_stacks(&known)?;
        let pattern = foreign.map(PathPattern::new);
        let choose = || {
            let inventory = engine.inventory()?;
            let mut chosen: Vec<SwarmObject> = match &pattern {
                Some(pattern) => {
                    let matches = |name: &str| pattern.names(name.as_bytes());
                    foreign_objects(&inventory, &matches, &stacks, &policy)
                }
                None => gone_objects(&inventory, &known, &stacks, &policy),
            };
            let is_named =
                |object: &SwarmObject| named.iter().any(|stack| object.labels.in_stack(stack));
            chosen.retain(|object| named.is_empty() || is_named(object));
            Ok(chosen)
        };
        removal.of(self.context, engine, choose()?, &choose)?;
        Ok(Outcome::Done)
    }

    /// The stacks that were named on the command line. It is an error if the repository has one of them.
    fn gone_stacks(&self, known: &[StackName]) -> Result<Vec<StackName>, Failure> {
        let mut named = Vec::new();
        for name in self.selection.names_typed() {
            let name = StackName::parse(name.trim_end_matches('/'))?;
            if known.contains(&name) {
                return Err(Failure::usage(format_args!(
                    "stack {name} is in this repository, and not gone"
                ))
                .hint(format_args!(
                    "`prune {name}` removes what nobody needs of it"
                )));
            }
            named.push(name);
        }
        Ok(named)
    }
}
