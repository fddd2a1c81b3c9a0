//! claimgate: a proxy-wasm filter that admits JWTs from many identity providers.
//!
//! This crate is the shell around `claimgate-core`: it hands requests, callout answers and the time in, and carries out
//! what comes back. The host calls [`exports`]; [`contexts`] finds the configuration, [`root`] takes it, [`stream`] decides
//! about a request, [`keys`] carries out the life of the keys, and [`host`] holds every call to the host. The feature `generic`
//! makes the module for hosts other than Envoy.
#![deny(unsafe_code)]

mod capabilities;
mod contexts;
mod crypto;
mod exports;
mod filter;
#[cfg(feature = "generic")]
mod generic;
mod host;
mod keys;
mod metrics;
mod mode;
mod root;
mod stream;
mod waiting;
