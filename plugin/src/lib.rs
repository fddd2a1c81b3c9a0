//! claimgate: a proxy-wasm filter that admits JWTs from many identity providers.
//!
//! This crate is the shell around `claimgate-core`: it hands requests, callout answers and the time in, and carries out
//! what comes back. [`root`] holds the life of a configuration, [`stream`] the life of one request, [`host`] every call to
//! the host.
#![deny(unsafe_code)]

mod crypto;
mod filter;
mod host;
mod keys;
mod metrics;
mod mode;
mod root;
mod stream;
mod waiting;

use proxy_wasm::traits::RootContext;

fn new_root(id: u32) -> Box<dyn RootContext> {
    Box::new(root::Root::new(id))
}

#[allow(missing_docs, reason = "the macro writes the entry point that the host looks for")]
mod entry {
    proxy_wasm::main! {{
        proxy_wasm::set_root_context(super::new_root);
    }}
}
