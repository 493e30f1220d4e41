//! A way to the engine on which everything is a hundred years old: what is to be pruned must have an age.

use crate::harness::engine::Engine;
use crate::harness::proxy::Proxy;

pub(crate) fn aged(engine: &Engine) -> Proxy {
    Proxy::rewriting(engine, &[("\"CreatedAt\":\"20", "\"CreatedAt\":\"19")])
}
