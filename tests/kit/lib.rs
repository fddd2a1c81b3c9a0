//! What the tests stand on: providers and keys of the demo, tokens of every kind, an independent opinion on signatures, and
//! a stage with the module in a real Envoy.
//!
//! ```
//! use claimgate_tests::{Algorithm, SigningKey, Token, oracle};
//! use serde_json::json;
//!
//! let key = SigningKey::numbered(Algorithm::Es256, 0);
//! let good = key.token(&json!({"sub": "alice"}));
//! assert_eq!(oracle(&key.jwk(), &good), Some(true));
//!
//! let forged = Token::parse(&good).payload(br#"{"sub":"root"}"#).text();
//! assert_eq!(oracle(&key.jwk(), &forged), Some(false));
//! ```

mod breakage;
mod connection;
mod oracle;
mod stage;
mod tls;
mod token;

pub use breakage::{broken, signed_but_wrong};
pub use claimgate_devkit::envoy::{Envoy, EnvoyError, Template};
pub use claimgate_devkit::exchange::{Request, Response};
pub use claimgate_devkit::provider::{Algorithm, Behaviour, Endpoint, Provider, RsaSize, SigningKey};
pub use claimgate_devkit::upstream::Upstream;
pub use connection::Connection;
pub use oracle::oracle;
pub use stage::{Host, PARTNERS, Stage, WORKFORCE, generic_module, module, now};
pub use tls::{Authority, Terminator};
pub use token::Token;
