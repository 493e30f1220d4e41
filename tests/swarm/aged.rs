//! A proxy that makes all objects seem a hundred years old, so that they are old enough to be pruned.

use crate::harness::engine::Engine;
use crate::harness::proxy::Proxy;

pub(crate) fn aged(engine: &Engine) -> Proxy {
    Proxy::rewriting(engine, &[("\"CreatedAt\":\"20", "\"CreatedAt\":\"19")])
}
