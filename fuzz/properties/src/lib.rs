//! What must hold of the core for every input. Each function takes any bytes and panics where a promise is broken: the
//! fuzzers call them in `make fuzz`, and `tests/corpora.rs` beside them replays the committed corpora through them in `make test`.
//!
//! The other opinion is serde_json's ([`json::Json`]), read here without any of the core's code.

mod authority;
mod claim_address;
mod configuration;
mod gate;
pub mod json;
mod key_set;
mod path;
mod token;

pub use authority::authority;
pub use claim_address::claim_address;
pub use configuration::configuration;
pub use gate::{gate, gate_verdicts};
pub use key_set::key_set;
pub use path::path;
pub use token::token;

/// A function over any bytes that panics where a promise is broken.
pub type Property = fn(&[u8]);

/// Every property by the name of its fuzz target and of its corpus.
pub const ALL: [(&str, Property); 7] = [
    ("authority", authority),
    ("token", token),
    ("key_set", key_set),
    ("configuration", configuration),
    ("claim_address", claim_address),
    ("path", path),
    ("gate", gate),
];
