//! Times one verification per algorithm, our kernels beside the RustCrypto crates.
//!
//! `cargo run --release -p claimgate-signatures --example v8` times native code; `benches/v8/verify.mjs` runs the
//! same program as wasm on V8, which is what runs the filter in Envoy.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that panics says so to the person who runs it"
)]

#[path = "../../plugin/signatures/benches/subjects/mod.rs"]
mod subjects;

use claimgate_signatures::{Backend, Key};
use std::time::{Duration, Instant};
use subjects::{SIGNATURES, Subject};

fn main() {
    println!("{:<10} {:>9} {:>9} {:>7} {:>9}", "", "own us", "lib us", "ratio", "new us");
    for subject in subjects::all() {
        let [own, library] = [Backend::Own, Backend::Library].map(|backend| time(&subject, &subject.key(backend)));
        // A key from its admission to its first verdict, tables included.
        let new = [(); 9]
            .map(|()| timed(|| subject.verify(&subject.key(Backend::Own), 1)))
            .into_iter()
            .fold(f64::MAX, f64::min);
        println!("{:<10} {own:>9.1} {library:>9.1} {:>7.3} {new:>9.0}", subject.name, own / library);
    }
}

/// Microseconds per verification: the median of seven runs of a quarter of a second.
fn time(subject: &Subject, key: &Key) -> f64 {
    let all = || subject.verify(key, SIGNATURES);
    all();
    let rounds = (0.25e6 / timed(all).max(1.0)).ceil() as usize;
    let mut runs = [(); 7].map(|()| timed(|| (0..rounds).for_each(|_| all())) / (rounds * SIGNATURES) as f64);
    runs.sort_by(f64::total_cmp);
    runs[3]
}

/// Microseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / Duration::from_micros(1).as_nanos() as f64
}
