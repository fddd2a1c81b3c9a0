//! A real Envoy with two workers under mixed load while its provider rotates keys and fails, and its configuration changes:
//! no crash, no wrong verdict, no growth.
//!
//! `CLAIMGATE_MINUTES` is how long (default 20 seconds), `CLAIMGATE_SEED` repeats the order of things.

mod clients;
mod facts;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use claimgate_tests::{Behaviour, Endpoint, Envoy, Provider, Request, Template, Upstream, WORKFORCE, module};
use serde_json::json;

use clients::{ISSUER, Random, Shared, Tally, locked, signer};
use facts::{Facts, Key, MAX_STALE, TTL};

const CLIENTS: u64 = 4;
/// From so long on memory must be flat; before, it is still filling.
const LONG: Duration = Duration::from_secs(300);

#[test]
fn not_one_verdict_is_wrong_in_envoy_while_everything_changes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let lasts =
        number("CLAIMGATE_MINUTES").map_or(Duration::from_secs(20), |minutes| Duration::from_secs(60 * minutes));
    let seed = number("CLAIMGATE_SEED").unwrap_or(1);
    let mut life = Life::start(seed);
    life.run(lasts);
    life.finish(lasts);
}

/// The Envoy, its provider, and what happens to them.
struct Life {
    envoy: Envoy,
    provider: Provider,
    template: Template,
    shared: Arc<Shared>,
    threads: Vec<std::thread::JoinHandle<()>>,
    random: Random,
    kids: u32,
    rotations: u64,
    outages: u64,
    updates: u64,
    memory: Vec<Memory>,
    _upstream: Upstream,
}

/// Memory at one moment: what Envoy's process holds and what its allocator gave out, in KiB; and how many VMs there are.
#[derive(Clone, Copy, Debug, Default)]
struct Memory {
    resident: u64,
    allocated: u64,
    machines: u64,
}

impl Life {
    fn start(seed: u64) -> Life {
        let first = Key { kid: 0, secret: 0 };
        let provider = Provider::start_with(ISSUER, signer(first)).expect("the provider starts");
        let upstream = Upstream::start().expect("the service starts");
        let template = Template::example("minimal").expect("the file is there").module(&module());
        let template = template.upstream(upstream.address()).provider(WORKFORCE, provider.address());
        let begun = template.clone().configuration(&configuration("orders"));
        let envoy = Envoy::start_draining(&begun, Duration::from_secs(2));
        let envoy = envoy.unwrap_or_else(|error| panic!("{error}"));
        let shared = Arc::new(Shared {
            to: envoy.listener(),
            facts: Mutex::new(Facts::new(vec![first], "orders")),
            tally: Mutex::new(Tally::default()),
            stop: AtomicBool::new(false),
        });
        let client = |number| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || clients::run(&shared, seed.wrapping_add(number)))
        };
        let threads = (1..=CLIENTS).map(client).collect();
        let random = Random(seed);
        Life {
            envoy,
            provider,
            template,
            shared,
            threads,
            random,
            kids: 1,
            rotations: 0,
            outages: 0,
            updates: 0,
            memory: Vec::new(),
            _upstream: upstream,
        }
    }

    fn run(&mut self, lasts: Duration) {
        let end = Instant::now() + lasts;
        for event in 0.. {
            if Instant::now() >= end {
                return;
            }
            match event % 6 {
                0 | 2 | 4 => self.rotate(),
                1 => self.update(),
                // Once in a while for longer than the keys may be used.
                3 if event % 60 == 57 => self.outage(MAX_STALE + Duration::from_secs(10)),
                3 => {
                    let lasts = Duration::from_millis(500 + self.random.below(4000) as u64);
                    self.outage(lasts);
                }
                _ => {}
            }
            let pause = Duration::from_millis(1000 + self.random.below(3000) as u64);
            self.rest(pause);
        }
    }

    /// A new key, one withdrawn, or another secret under the same kid.
    fn rotate(&mut self) {
        let mut facts = locked(&self.shared.facts);
        let mut set = facts.current().to_vec();
        match self.random.below(4) {
            0 if set.len() > 1 => drop(set.remove(0)),
            1 => {
                let last = set.len() - 1;
                set[last].secret = (set[last].secret + 2) % 200;
            }
            _ => {
                set.push(Key { kid: self.kids, secret: self.random.below(200) as u8 });
                self.kids += 1;
            }
        }
        let old = set.len().saturating_sub(3);
        set.drain(..old);
        facts.published(set.clone());
        self.provider.publish(set.into_iter().map(signer).collect());
        self.rotations += 1;
    }

    fn outage(&mut self, lasts: Duration) {
        locked(&self.shared.facts).outage(true);
        match self.random.below(5) {
            0 => self.provider.listen(false),
            1 => self.provider.set(Endpoint::Jwks, Behaviour::Status(500)),
            2 => self.provider.set(Endpoint::Jwks, Behaviour::Html),
            3 => self.provider.set(Endpoint::Jwks, Behaviour::Slow(Duration::from_secs(3))),
            _ => self.provider.set(Endpoint::Jwks, Behaviour::Truncated),
        }
        self.rest(lasts);
        self.provider.set(Endpoint::Jwks, Behaviour::Serve);
        self.provider.listen(true);
        locked(&self.shared.facts).outage(false);
        self.outages += 1;
    }

    /// The listeners' file is replaced by one with another audience.
    fn update(&mut self) {
        let audience = {
            let mut facts = locked(&self.shared.facts);
            let before = facts.current_audience();
            let next = if before == "orders" { "bills" } else { "orders" };
            facts.audiences(&[before, next]);
            next
        };
        let next = self.template.clone().configuration(&configuration(audience));
        self.envoy.reload(&next).unwrap_or_else(|error| panic!("{error}"));
        locked(&self.shared.facts).audiences(&[audience]);
        self.updates += 1;
    }

    /// Lets the load go on, and looks at the memory once a second.
    fn rest(&mut self, span: Duration) {
        let end = Instant::now() + span;
        while Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now());
            std::thread::sleep(left.min(Duration::from_secs(1)));
            self.memory.push(Memory {
                resident: resident(self.envoy.process_id()),
                allocated: allocated(&self.envoy),
                machines: self.envoy.stat("wasm.envoy.wasm.runtime.v8.active").unwrap_or(0),
            });
        }
    }

    fn finish(self, lasts: Duration) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.threads.into_iter().for_each(|thread| thread.join().expect("a client runs to its end"));
        let tally = locked(&self.shared.tally);
        let line = |name: &str, value: String| println!("{name:<44} {value:>16}");
        line("requests", tally.requests.to_string());
        tally
            .verdicts
            .iter()
            .for_each(|((kind, status), count)| line(&format!("  {kind}: {status}"), count.to_string()));
        line("connections closed by an update", tally.reopened.to_string());
        line("rotations", self.rotations.to_string());
        line("outages", self.outages.to_string());
        line("updates of the configuration", self.updates.to_string());
        line("wrong verdicts", tally.wrong.len().to_string());
        let tenth = (self.memory.len() / 10).max(1);
        let largest = |samples: &[Memory]| {
            samples.iter().fold(Memory::default(), |most, one| Memory {
                resident: most.resident.max(one.resident),
                allocated: most.allocated.max(one.allocated),
                machines: most.machines.max(one.machines),
            })
        };
        let (first, last) = (largest(&self.memory[..tenth]), largest(&self.memory[self.memory.len() - tenth..]));
        let both = |of: fn(&Memory) -> u64| format!("{} / {}", of(&first), of(&last));
        line("Envoy, KiB in the first / last tenth", both(|memory| memory.resident));
        line("  given out by its allocator", both(|memory| memory.allocated));
        line("VMs in the first / last tenth", both(|memory| memory.machines));
        let log = self.envoy.log();
        assert!(tally.wrong.is_empty(), "{}\n{log}", tally.wrong[..tally.wrong.len().min(20)].join("\n"));
        for sign in ["wasm trap", "RuntimeError", "Caught Segmentation", "panic", "assert failure"] {
            assert!(!log.contains(sign), "{sign}: {log}");
        }
        assert_eq!(Request::get("/ready").send(self.envoy.admin()).map(|response| response.status).ok(), Some(200));
        if lasts >= LONG {
            let most = first.resident + first.resident / 10 + 8 * 1024;
            assert!(last.resident <= most, "Envoy grew from {} to {} KiB", first.resident, last.resident);
            assert!(last.machines <= first.machines + 2, "{} VMs, then {}", first.machines, last.machines);
        }
    }
}

fn configuration(audience: &str) -> String {
    json!({
        "issuers": [{
            "name": "workforce",
            "issuer": ISSUER,
            "keys": {
                "jwks_uri": format!("{ISSUER}/keys"), "cluster": "workforce", "timeout": "1s",
                "ttl": format!("{}s", TTL.as_secs()), "max_stale": format!("{}s", MAX_STALE.as_secs()),
                "unknown_kid_cooldown": "1s",
            },
            "audiences": [audience],
        }],
        "audit": "none",
    })
    .to_string()
}

/// The resident size of a process in KiB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// What Envoy says its allocator has given out, in KiB.
fn allocated(envoy: &Envoy) -> u64 {
    let memory = Request::get("/memory").send(envoy.admin()).map(|response| response.json()).unwrap_or_default();
    memory["allocated"].as_str().and_then(|bytes| bytes.parse::<u64>().ok()).unwrap_or(0) / 1024
}
