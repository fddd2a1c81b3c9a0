//! One verification per algorithm, our kernels beside the RustCrypto crates, in native code.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a bench that panics says so to the person who runs it"
)]

mod subjects;

use claimgate_signatures::Backend;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use subjects::SIGNATURES;

fn verify(criterion: &mut Criterion) {
    for subject in subjects::named(&[]) {
        let mut group = criterion.benchmark_group(&subject.name);
        group.throughput(Throughput::Elements(SIGNATURES as u64)).sample_size(20);
        for backend in [Backend::Own, Backend::Library] {
            let key = subject.key(backend);
            group.bench_function(format!("{backend:?}"), |bencher| bencher.iter(|| subject.verify(&key, SIGNATURES)));
        }
        group.finish();
    }
}

criterion_group!(benches, verify);
criterion_main!(benches);
