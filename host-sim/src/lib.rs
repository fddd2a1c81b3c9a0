//! A deterministic proxy-wasm host.
