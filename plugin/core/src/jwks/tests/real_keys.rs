//! The same life with real key sets.

use super::kit::{Host, MINUTE, Map, START, remote};
use crate::algorithm::Algorithms;
use crate::jwks::*;
use crate::keyset::Origin;
use crate::testing::{TestKey, Value, json, key_set, merge};
use claimgate_signatures::Backend;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

struct Worker {
    jwks: Jwks,
    map: Map,
    now: Timestamp,
}

impl Worker {
    fn new() -> Self {
        let admission =
            Admission { algorithms: Algorithms::asymmetric(), origin: Origin::Remote, backend: Backend::Own };
        Self {
            jwks: Jwks::new(Remote { max_bytes: 64 * 1024, ..remote() }, admission, 1),
            map: Map::new(Host::Envoy),
            now: Timestamp::from_millis(START),
        }
    }

    /// A fetch that is answered with this body; what is counted.
    fn fetch(&mut self, body: &[u8]) -> Vec<Counter> {
        self.now = self.now.after(9 * MINUTE);
        let dispatched = self.jwks.handle(self.now, &mut self.map, Event::Tick).into_iter();
        let mut tickets = dispatched.filter_map(|effect| match effect {
            Effect::Dispatch(callout) => Some(callout.ticket),
            _ => None,
        });
        let ticket = tickets.next_back().unwrap();
        let answer = Answer { headers: &[(b":status".to_vec(), b"200".to_vec())], body };
        let effects = self.jwks.handle(self.now, &mut self.map, Event::Answered { ticket, answer }).into_iter();
        let counters = effects.filter_map(|effect| match effect {
            Effect::Count(counter) => Some(counter),
            _ => None,
        });
        counters.collect()
    }
}

fn merged(jwk: &Value, members: Value) -> Value {
    let mut jwk = jwk.clone();
    merge(&mut jwk, members);
    jwk
}

#[test]
fn a_key_set_is_used_shared_and_replaced() {
    let mut worker = Worker::new();
    let set = key_set(&[TestKey::Es256(1), TestKey::EdDsa(2)]).to_string();
    assert_eq!(worker.fetch(set.as_bytes()), [Counter::Fetch(FetchOutcome::Changed)]);
    let keys = worker.jwks.usable(worker.now).unwrap();
    assert!(keys.has_kid(&TestKey::Es256(1).kid()) && keys.has_kid(&TestKey::EdDsa(2).kid()));

    let mut other = Worker::new();
    other.now = worker.now;
    other.jwks.handle(other.now, &mut worker.map, Event::Configured);
    assert_eq!(other.jwks.count(other.now), 2);

    let set = key_set(&[TestKey::EdDsa(2)]).to_string();
    worker.fetch(set.as_bytes());
    other.jwks.handle(worker.now, &mut worker.map, Event::Tick);
    for jwks in [&worker.jwks, &other.jwks] {
        assert!(!jwks.usable(worker.now).unwrap().has_kid(&TestKey::Es256(1).kid()));
        assert_eq!(jwks.generation(), 2);
    }
}

#[test]
fn what_is_not_a_key_set_keeps_the_real_one_j12_j15() {
    let warm = || {
        let mut worker = Worker::new();
        worker.fetch(key_set(&[TestKey::EdDsa(1)]).to_string().as_bytes());
        worker
    };
    let symmetric = key_set(&[TestKey::Hs256(1)]).to_string();
    let one = TestKey::EdDsa(1).jwk();
    let many: Vec<_> = (0..129).map(|number| merged(&one, json!({"kid": format!("k{number}")}))).collect();
    let many = json!({"keys": many}).to_string();
    let cases: [(&[u8], FetchOutcome); 12] = [
        (b"", FetchOutcome::Empty),
        (b"<html>", FetchOutcome::NotAKeySet),
        (b"null", FetchOutcome::NotAKeySet),
        (b"[]", FetchOutcome::NotAKeySet),
        (b"{}", FetchOutcome::NotAKeySet),
        (b"{\"keys\":{}}", FetchOutcome::NotAKeySet),
        (b"{\"error\":\"temporarily_unavailable\"}", FetchOutcome::NotAKeySet),
        (b"\x1f\x8b\x08\x00", FetchOutcome::NotAKeySet),
        (b"{\"keys\":[]}", FetchOutcome::NoUsableKey),
        (symmetric.as_bytes(), FetchOutcome::NoUsableKey),
        (many.as_bytes(), FetchOutcome::TooManyKeys),
        (b"{\"keys\":[{\"kty\":\"new\"}, 7]}", FetchOutcome::NoUsableKey),
    ];
    for (body, outcome) in cases {
        let mut worker = warm();
        assert_eq!(worker.fetch(body), [Counter::Fetch(outcome)]);
        assert_eq!((worker.jwks.count(worker.now), worker.jwks.generation()), (1, 1));
    }
}

#[test]
fn keys_that_are_left_out_are_counted_by_their_reason() {
    let mut worker = Worker::new();
    let good = TestKey::EdDsa(1).jwk();
    let set = json!({"keys": [good, {"kty": "new"}, 7, TestKey::Hs256(1).jwk()]}).to_string();
    let counters = worker.fetch(set.as_bytes());
    assert_eq!(counters[0], Counter::Fetch(FetchOutcome::Changed));
    let mut skipped: Vec<_> = counters[1..].iter().collect();
    skipped.sort_by_key(|counter| format!("{counter:?}"));
    assert_eq!(
        skipped,
        [&Counter::Skipped("malformed", 1), &Counter::Skipped("symmetric", 1), &Counter::Skipped("unknown_type", 1)]
    );
}
