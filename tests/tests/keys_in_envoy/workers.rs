//! Both workers of one Envoy, each by a connection of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use claimgate_tests::Connection;

use crate::gate::{Gate, key};

/// A connection to each of the two workers. Which worker accepted one is told by Envoy's own counters.
fn one_each(gate: &Gate) -> [Connection; 2] {
    let mut found: BTreeMap<String, Connection> = BTreeMap::new();
    for _ in 0..100 {
        let before = accepted(gate);
        let connection = Connection::open(gate.envoy.listener()).expect("Envoy listens");
        gate.until("a worker accepts", || accepted(gate) != before);
        let by = accepted(gate).into_iter().find(|(worker, count)| before.get(worker) != Some(count));
        found.entry(by.expect("a counter moved").0).or_insert(connection);
        if found.len() == 2 {
            break;
        }
    }
    let all: Vec<Connection> = found.into_values().collect();
    all.try_into().unwrap_or_else(|all: Vec<_>| panic!("{} workers accept connections", all.len()))
}

fn accepted(gate: &Gate) -> BTreeMap<String, u64> {
    let stats = gate.envoy.stats().expect("Envoy tells its counters");
    let own = |name: &str| name.starts_with("listener.") && !name.contains("admin");
    let of_worker = |name: &String| own(name) && name.contains("worker_") && name.ends_with("downstream_cx_total");
    stats.into_iter().filter(|(name, _)| of_worker(name)).collect()
}

#[test]
fn a_rotation_just_before_signing_succeeds_on_the_first_request_in_both_workers() {
    let gate = Gate::start(Duration::from_secs(600));
    let mut workers = one_each(&gate);
    let mut send = |worker: usize, token: &str| workers[worker].get("/orders", Some(token)).expect("an answer").status;
    let first = gate.token(&key(0));
    assert_eq!([send(0, &first), send(1, &first)], [200, 200]);
    for (number, worker) in [(1, 0), (2, 1), (3, 0), (4, 1)] {
        let before = gate.asked();
        gate.provider.rotate(key(number));
        let token = gate.token(&key(number));
        assert_eq!(send(worker, &token), 200, "key {number} in worker {worker}\n{}", gate.log());
        // The other has it from the first.
        assert_eq!(send(1 - worker, &token), 200, "key {number} in worker {}", 1 - worker);
        assert_eq!(gate.asked(), before + 1);
        // The cool-down, within which nobody's unknown kid causes a fetch.
        std::thread::sleep(Duration::from_millis(1100));
    }
}
