//! What several stacks lack, each object with its content.

use super::apply::Order;
use super::plan::{Obstacle, Plan, plan};
use crate::stack::Stack;
use crate::swarm::error::SwarmError;
use crate::swarm::observed::index::InventoryIndex;

/// Plans several stacks, each once.
pub(crate) fn plans(stacks: &[Stack<'_>], index: &InventoryIndex<'_>) -> Vec<Plan> {
    let stacks = stacks.iter();
    stacks.map(|stack| plan(stack.desired(), index)).collect()
}

/// What the stacks lack by their plans, content at hand: everything that can be wrong is found before anything is
/// created.
pub(crate) fn orders(stacks: &[Stack<'_>], plans: &[Plan]) -> Result<Vec<Order>, SwarmError> {
    let obstacles: Vec<Obstacle> = plans
        .iter()
        .flat_map(|plan| plan.obstacles.iter().cloned())
        .collect();
    if !obstacles.is_empty() {
        return Err(SwarmError::Blocked { obstacles });
    }
    let mut orders = Vec::new();
    for (stack, plan) in stacks.iter().zip(plans) {
        for object in &plan.create {
            orders.push(Order {
                stack: plan.stack.clone(),
                content: stack.content(object)?,
                object: object.clone(),
            });
        }
    }
    Ok(orders)
}
