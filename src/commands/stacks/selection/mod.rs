//! The arguments that choose stacks, a revision and a Docker daemon.

pub(super) mod docker_host;
pub(super) mod one_stack;
pub(super) mod other_obstacles;
pub(super) mod readable_stacks;
pub(super) mod stack_selection;
pub(super) mod stack_source;
