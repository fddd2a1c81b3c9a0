//! Times one verification per algorithm, our kernels beside the RustCrypto crates.
//!
//! `cargo run --release -p claimgate-signatures --example v8` times native code; `make bench-v8` runs the
//! same program as wasm on V8, which is what runs the filter in Envoy, with and without vector instructions.

#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a bench that panics says so to the person who runs it"
)]

#[path = "../../plugin/signatures/benches/subjects/mod.rs"]
mod subjects;

use claimgate_signatures::{Backend, Key};
use std::time::{Duration, Instant};
use subjects::{SIGNATURES, Subject};

/// Signatures of one run: enough for the clock.
const RUN: usize = 8;

fn main() {
    let target = if cfg!(target_feature = "simd128") { "simd128" } else { "" };
    println!("{target:<10} {:>9} {:>9} {:>7} {:>9}", "own us", "lib us", "ratio", "new us");
    let names = std::env::args().skip(1).collect::<Vec<_>>();
    for subject in subjects::named(&names) {
        let [own, library] = [Backend::Own, Backend::Library].map(|backend| time(&subject, &subject.key(backend)));
        // A key from its admission to its first verdict, tables included.
        let new = fastest(20, || subject.verify(&subject.key(Backend::Own), 1));
        println!("{:<10} {own:>9.1} {library:>9.1} {:>7.3} {new:>9.0}", subject.name, own / library);
    }
}

/// Microseconds per verification: the fastest of many short runs, so that what else the machine does falls away.
fn time(subject: &Subject, key: &Key) -> f64 {
    subject.verify(key, SIGNATURES);
    let run = || subject.verify(key, RUN);
    let runs = (3e6 / timed(run).max(1.0)).clamp(20.0, 5000.0) as usize;
    fastest(runs, run) / RUN as f64
}

fn fastest(runs: usize, work: impl Fn()) -> f64 {
    (0..runs).map(|_| timed(&work)).fold(f64::MAX, f64::min)
}

/// Microseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / Duration::from_micros(1).as_nanos() as f64
}
