//! The decisions of claimgate: from the bytes of a request to a verdict, without a host, a clock, randomness or I/O.
//!
//! Start with [`gate::decide`]. A type stands for each level of trust: [`token::UnverifiedToken`] ->
//! [`verify::VerifiedToken`] -> [`claims::AcceptedToken`] -> [`claims::CurrentClaims`] -> [`identity::Identity`] ->
//! [`header::HeaderValue`].
#![forbid(unsafe_code)]
#![cfg_attr(test, recursion_limit = "256")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice,
        reason = "a test that panics is a test that fails"
    )
)]

pub mod address;
pub mod algorithm;
pub mod audit;
pub mod authority;
pub mod base64url;
mod bytes;
pub mod claims;
pub mod config;
pub mod credential;
pub mod explain;
pub mod gate;
pub mod groups;
pub mod header;
pub mod identity;
pub mod issuer;
pub mod json;
pub mod jwk;
pub mod jwks;
pub mod keyring;
pub mod keyset;
pub mod log_limit;
pub mod path;
pub mod pattern;
pub mod refusal;
pub mod remembered;
pub mod request;
pub mod route;
pub mod rule;
#[cfg(test)]
mod testing;
pub mod threats;
pub mod time;
pub mod token;
pub mod verify;
