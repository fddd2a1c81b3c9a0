//! What the demo and the tests run beside the filter: identity providers with real HTTP key endpoints ([`provider`]), a
//! service that shows the request it got ([`upstream`]), a raw HTTP client ([`exchange`]), and a real Envoy ([`envoy`]).
//!
//! Everything listens on 127.0.0.1, on ports that the system picks, and ends when it is dropped. Nothing here knows the
//! embedded host; that is the crate `host-sim`.

pub mod envoy;
pub mod exchange;
mod loopback;
pub mod provider;
pub mod upstream;
