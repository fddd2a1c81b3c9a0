//! What others published as right and wrong, judged by the module: Wycheproof's vectors, the examples of the RFCs, and one
//! good token of each algorithm with every bit flipped and every end cut off.
//!
//! `cargo test -p claimgate-tests --test conformance -- --nocapture` prints the figures.

mod flips;
mod layer;
mod rfc;
mod rfc_vectors;
mod wycheproof;
