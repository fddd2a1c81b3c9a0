//! Requests without end over sixteen workers while everything around them fails, each judged by a reference that knows how
//! it was made, what its issuer published and what of that reached a worker.
//!
//! `CLAIMGATE_REQUESTS` is how many (default 20,000), `CLAIMGATE_SEED` repeats a run.

mod callouts;
mod chaos;
mod configuration;
mod judge;
mod providers;
mod random;
mod reference;
mod requests;
mod run;
mod tally;
mod tokens;

use std::time::{SystemTime, UNIX_EPOCH};

use claimgate_tests::module;
use host_sim::Module;

use run::Run;

/// From so many requests on memory must be flat; before, caches are still filling.
const LONG: u64 = 500_000;

#[test]
fn not_one_verdict_is_wrong_whatever_happens() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let requests = number("CLAIMGATE_REQUESTS").unwrap_or(20_000);
    #[allow(clippy::disallowed_methods, reason = "a seed of every run's own")]
    let seed = number("CLAIMGATE_SEED")
        .unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_millis() as u64));
    println!("CLAIMGATE_SEED={seed}");
    let module = Module::from_file(&module()).expect("the module loads");
    let mut run = Run::start(&module, seed, requests);
    while run.tally.requests < requests && run.host.traps().is_empty() {
        run.step();
        if requests >= LONG && run.tally.requests.is_multiple_of(requests / 10) {
            println!("{} requests so far", run.tally.requests);
        }
    }
    run.finish();
    let traps = run.host.traps();
    let wrong = run.tally.finish(seed, traps.len(), run.steady().as_secs());
    assert_eq!(traps, Vec::<&str>::new(), "CLAIMGATE_SEED={seed}");
    assert!(run.tally.is_all_right(), "CLAIMGATE_SEED={seed}\n{}", wrong.join("\n"));
    let (first, last) = run.tally.tenths();
    let grown = |first: u64, last: u64, by: u64| requests >= LONG && last > first + by;
    assert!(
        !grown(first.largest_vm, last.largest_vm, 256),
        "a VM grew from {} to {} KiB",
        first.largest_vm,
        last.largest_vm
    );
    assert!(
        !grown(first.resident, last.resident, 32 * 1024),
        "the host grew from {} to {} KiB",
        first.resident,
        last.resident
    );
}
