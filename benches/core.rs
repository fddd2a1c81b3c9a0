//! What a decision costs in the core alone, natively: repeated, fresh, open, refused, among many issuers; and what taking a
//! large configuration costs.

use claimgate_benches::tokens::{Issuer, Size};
use claimgate_core::config::Config;
use claimgate_core::explain::Silent;
use claimgate_core::gate::{Gate, Verdict, decide};
use claimgate_core::keyring::KeyRing;
use claimgate_core::remembered::TokenMemory;
use claimgate_core::request::Request;
use claimgate_core::time::Timestamp;
use claimgate_core::verify::OwnCode;
use claimgate_devkit::provider::Algorithm;
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::Path;

/// 2026-01-01.
const NOW: u64 = 1_767_225_600_000;

fn configuration(issuers: &[Issuer]) -> Value {
    let issuer = |(at, issuer): (usize, &Issuer)| json!({"name": format!("i{at}"), "issuer": issuer.name, "keys": {"inline": issuer.keys}, "audiences": ["api"]});
    json!({
        "issuers": issuers.iter().enumerate().map(issuer).collect::<Vec<_>>(),
        "routes": [{"match": {"prefix": "/public"}, "access": "public"}],
    })
}

/// A core under one configuration, as a worker has it.
struct Worker {
    config: Config,
    keys: KeyRing,
    memory: TokenMemory,
}

impl Worker {
    fn new(configuration: &Value) -> Self {
        let (config, _) = Config::parse(configuration.to_string().as_bytes()).expect("the configuration is sound");
        Self { keys: KeyRing::new(&config, 0), memory: TokenMemory::new(&config.limits), config }
    }

    fn admits(&mut self, path: &str, token: &str) -> bool {
        let authorization = format!("Bearer {token}");
        let headers: [(&[u8], &[u8]); 6] = [
            (b":method", b"GET"),
            (b":path", path.as_bytes()),
            (b":authority", b"api.example.com"),
            (b"user-agent", b"curl/8.5.0"),
            (b"accept", b"*/*"),
            (b"authorization", authorization.as_bytes()),
        ];
        let request = Request::from_headers(&headers, None).expect("the request has a method");
        let now = Timestamp::from_millis(NOW);
        let (verifier, trace) = (&mut OwnCode, &mut Silent);
        let mut gate = Gate { config: &self.config, keys: &self.keys, memory: &mut self.memory, verifier, trace, now };
        matches!(decide(&mut gate, &request).verdict, Verdict::Admit(_))
    }
}

fn decisions(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    let tokens = |issuer: &Issuer, count, size, expired| -> Vec<String> {
        let file = issuer.tokens(&folder, count, size, expired).expect("tokens can be written");
        std::fs::read_to_string(file).expect("tokens can be read").lines().map(str::to_owned).collect()
    };
    let issuers: Vec<Issuer> = (0..50).map(|n| Issuer::new(Algorithm::Es256, n)).collect();
    let first = &issuers[..1];
    let one = tokens(&issuers[0], 1, Size::Usual, false);
    let large = tokens(&issuers[0], 1, Size::Large, false);
    let expired = tokens(&issuers[0], 1, Size::Usual, true);
    let mut bench = |name: &str, issuers: &[Issuer], path: &str, token: &str, admitted: bool, remembers: bool| {
        let mut configuration = configuration(issuers);
        if !remembers {
            configuration["limits"] = json!({"verified_tokens": {"entries": 0}});
        }
        let mut worker = Worker::new(&configuration);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(worker.admits(path, black_box(token)), admitted));
        });
    };
    bench("decision/public", first, "/public/x", &one[0], true, true);
    bench("decision/repeated", first, "/orders", &one[0], true, true);
    bench("decision/repeated, 6 KiB", first, "/orders", &large[0], true, true);
    bench("decision/fresh ES256", first, "/orders", &one[0], true, false);
    bench("decision/fresh ES256, 6 KiB", first, "/orders", &large[0], true, false);
    bench("decision/fresh ES256, 50 issuers", &issuers, "/orders", &one[0], true, false);
    bench("decision/expired", first, "/orders", &expired[0], false, true);
}

fn large_configuration(criterion: &mut Criterion) {
    let issuers: Vec<Issuer> = (0..100).map(|n| Issuer::new(Algorithm::Es256, n)).collect();
    let mut configuration = configuration(&issuers);
    let map: serde_json::Map<String, Value> =
        (0..1000).map(|n| (format!("external-{n}"), json!([format!("ours-{}", n % 50)]))).collect();
    configuration["issuers"][0]["groups"] = json!({"map": map});
    configuration["routes"] = (0..500).map(|n| json!({"match": {"prefix": format!("/route-{n}")}})).collect();
    let text = configuration.to_string();
    criterion.bench_function("configuration/100 issuers, 1,000 mappings, 500 routes", |bencher| {
        bencher.iter(|| assert!(Config::parse(black_box(text.as_bytes())).is_ok()));
    });
}

criterion_group!(benches, decisions, large_configuration);
criterion_main!(benches);
