//! Makes the orders for the objects that are missing for several stacks.

use super::apply::Order;
use super::plan::{Obstacle, Plan, plan};
use crate::stack::{Stack, StackError};
use crate::swarm::error::SwarmError;
use crate::swarm::observed::index::InventoryIndex;

/// The plan of each stack.
pub(crate) fn plans(stacks: &[Stack<'_>], index: &InventoryIndex<'_>) -> Vec<Plan> {
    let stacks = stacks.iter();
    stacks.map(|stack| plan(stack.desired(), index)).collect()
}

/// The missing objects of the stacks by their plans, with their contents. All errors are found before anything is created.
pub(crate) fn orders(stacks: &[Stack<'_>], plans: &[Plan]) -> Result<Vec<Order>, SwarmError> {
    let mut orders = Vec::new();
    let mut problems = each_missing(stacks, plans, |order| orders.push(order));
    StackError::keep_first_of_missing_keys(&mut problems);
    refuse(plans, problems)?;
    Ok(orders)
}

/// Finds the same errors as [`orders`] without keeping any content. Files whose key is missing are not checked.
pub(crate) fn check_orders(stacks: &[Stack<'_>], plans: &[Plan]) -> Result<(), SwarmError> {
    let mut problems = each_missing(stacks, plans, drop);
    problems.retain(|problem| !problem.is_missing_key());
    refuse(plans, problems)
}

/// Decrypts each missing object. Returns the errors for those that can't be decrypted.
fn each_missing(
    stacks: &[Stack<'_>],
    plans: &[Plan],
    mut decrypted: impl FnMut(Order),
) -> Vec<StackError> {
    let mut problems = Vec::new();
    for (stack, plan) in stacks.iter().zip(plans) {
        for object in &plan.create {
            match stack.content(object) {
                Ok(content) => decrypted(Order {
                    stack: plan.stack.clone(),
                    content,
                    object: object.clone(),
                }),
                Err(problem) => problems.push(problem),
            }
        }
    }
    problems
}

/// An error that contains all obstacles and problems, if there are any.
fn refuse(plans: &[Plan], problems: Vec<StackError>) -> Result<(), SwarmError> {
    let obstacles = plans.iter().flat_map(|plan| &plan.obstacles);
    let obstacles: Vec<Obstacle> = obstacles.cloned().collect();
    let blocked = (!obstacles.is_empty()).then_some(SwarmError::Blocked { obstacles });
    let problems = StackError::of_all(problems).err().map(SwarmError::from);
    SwarmError::of_all(blocked.into_iter().chain(problems).collect())
}
