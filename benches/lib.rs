//! What the benches share.

pub mod tokens;
