//! A deterministic proxy-wasm host.

pub mod demo;
pub mod envoy;
pub mod exchange;
mod loopback;
pub mod provider;
pub mod upstream;
