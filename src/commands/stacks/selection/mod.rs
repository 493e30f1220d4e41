//! The arguments that say which stacks are meant, at which revision, on which Docker daemon.

pub(super) mod docker_host;
pub(super) mod one_stack;
pub(super) mod other_obstacles;
pub(super) mod readable_stacks;
pub(super) mod stack_selection;
pub(super) mod stack_source;
