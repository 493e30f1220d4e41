//! Makes orders of the objects that several stacks lack.

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

/// The missing objects of the stacks by their plans, with their contents. Errors are found before anything is created.
pub(crate) fn orders(stacks: &[Stack<'_>], plans: &[Plan]) -> Result<Vec<Order>, SwarmError> {
    refuse_obstacles(plans)?;
    let (mut orders, mut problems) = (Vec::new(), Vec::new());
    for (stack, plan) in stacks.iter().zip(plans) {
        for object in &plan.create {
            match stack.content(object) {
                Ok(content) => orders.push(Order {
                    stack: plan.stack.clone(),
                    content,
                    object: object.clone(),
                }),
                // Without the key, every encrypted file has this problem.
                Err(problem) if problem.is_missing_key() => return Err(problem.into()),
                Err(problem) => problems.push(problem),
            }
        }
    }
    StackError::of_all(problems)?;
    Ok(orders)
}

/// Refuses everything that [`orders`] refuses, and keeps no content. Files whose key is not here are not looked at.
pub(crate) fn check_orders(stacks: &[Stack<'_>], plans: &[Plan]) -> Result<(), SwarmError> {
    refuse_obstacles(plans)?;
    let mut problems = Vec::new();
    for (stack, plan) in stacks.iter().zip(plans) {
        for object in &plan.create {
            problems.extend(stack.content(object).err());
        }
    }
    problems.retain(|problem| !problem.is_missing_key());
    Ok(StackError::of_all(problems)?)
}

fn refuse_obstacles(plans: &[Plan]) -> Result<(), SwarmError> {
    let obstacles = plans.iter().flat_map(|plan| &plan.obstacles);
    let obstacles: Vec<Obstacle> = obstacles.cloned().collect();
    if obstacles.is_empty() {
        Ok(())
    } else {
        Err(SwarmError::Blocked { obstacles })
    }
}
