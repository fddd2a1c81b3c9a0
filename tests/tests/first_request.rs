//! The first token that an issuer's key verifies costs about what later ones cost: what it needs is there before it comes.

use claimgate_tests::{Algorithm, SigningKey, module};
use host_sim::{Answer, Host, Module, Request, Vm};
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::time::Duration;

const NOW: u64 = 1_767_225_600;
const ISSUER: &str = "https://idp.example";

/// A first token may cost so many percent of a later one.
const FIRST: u64 = 120;

/// The algorithms whose keys are prepared.
const PREPARED: [Algorithm; 4] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDsa];

fn metered() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| {
        let bytes = std::fs::read(module()).expect("the module is there");
        Module::metered(&bytes).expect("the module loads")
    })
}

fn host(configuration: &Value) -> Host {
    let mut host = Host::builder(metered()).now(NOW).build();
    let keys = published(&PREPARED.map(|algorithm| SigningKey::numbered(algorithm, 0)));
    host.answer_with(move |_| Answer::json(200, keys.to_string()));
    host.configure(configuration.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    host
}

fn published(keys: &[SigningKey]) -> Value {
    json!({"keys": keys.iter().map(SigningKey::jwk).collect::<Vec<_>>()})
}

fn issuer(name: &str, keys: &Value) -> Value {
    json!({"name": name, "issuer": format!("{ISSUER}/{name}"), "audiences": ["api"], "keys": keys})
}

/// The instructions that the only worker has run.
fn spent(host: &Host) -> u64 {
    host.workers()[0].vm().and_then(Vm::instructions).expect("a metered module")
}

/// What one more new token of an issuer costs.
fn cost(host: &mut Host, issuer: &str, key: &SigningKey, subject: &str) -> u64 {
    let token =
        key.token(&json!({"iss": format!("{ISSUER}/{issuer}"), "sub": subject, "aud": "api", "exp": NOW + 300}));
    let before = spent(host);
    let outcome = host.request(0, Request::get("/orders").bearer(&token)).outcome;
    assert!(outcome.upstream().is_some(), "{outcome:?}");
    spent(host) - before
}

/// What the first token costs, in percent of the third.
fn ratio(host: &mut Host, issuer: &str, key: &SigningKey) -> u64 {
    let [first, _, later] = ["a", "b", "c"].map(|subject| cost(host, issuer, key, subject));
    100 * first / later
}

#[test]
fn the_first_token_by_a_key_in_the_configuration_costs_what_later_ones_cost() {
    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric()) {
        let key = SigningKey::numbered(algorithm, 0);
        let mut host =
            host(&json!({"issuers": [issuer("main", &json!({"inline": published(std::slice::from_ref(&key))}))]}));
        // Once for all: what the first token of any kind sets up, such as the names of metrics.
        host.request(0, Request::get("/orders").bearer("x.y.z"));
        let percent = ratio(&mut host, "main", &key);
        assert!(percent <= FIRST, "{}: {percent} %", algorithm.name());
    }
}

#[test]
fn the_first_token_by_a_fetched_key_costs_what_later_ones_cost() {
    let keys = json!({"jwks_uri": format!("{ISSUER}/keys"), "cluster": "idp"});
    let mut host = host(&json!({"issuers": [issuer("main", &keys)]}));
    host.advance(Duration::from_secs(2));
    for algorithm in PREPARED {
        let percent = ratio(&mut host, "main", &SigningKey::numbered(algorithm, 0));
        assert!(percent <= FIRST, "{}: {percent} %", algorithm.name());
    }
}

#[test]
fn of_a_large_set_eight_keys_are_prepared_and_the_others_work_as_well() {
    let keys: Vec<SigningKey> = (0..120).map(|n| SigningKey::numbered(Algorithm::Es256, n)).collect();
    let mut host = host(&json!({"issuers": [issuer("main", &json!({"inline": published(&keys)}))]}));
    assert!(ratio(&mut host, "main", &keys[7]) <= FIRST);
    assert!(ratio(&mut host, "main", &keys[8]) > 2 * FIRST);
    assert!(ratio(&mut host, "main", &keys[119]) > 2 * FIRST);
}

#[test]
fn what_is_prepared_for_many_issuers_is_bounded() {
    let keys: Vec<SigningKey> = (0..4).map(|n| SigningKey::numbered(Algorithm::Es384, n)).collect();
    let configuration = |issuers: usize| {
        let keys = json!({"inline": published(&keys)});
        json!({"issuers": (0..issuers).map(|number| issuer(&format!("i{number}"), &keys)).collect::<Vec<_>>()})
    };
    let pages = |host: &Host| host.workers()[0].vm().map_or(0, Vm::memory_pages);
    let (few, mut many) = (host(&configuration(1)), host(&configuration(100)));
    let mebibytes = (pages(&many) - pages(&few)) / 16;
    assert!(mebibytes <= 3, "{mebibytes} MiB");
    // Tables of 112 KiB each: the last issuer has none, and its keys work as well.
    assert!(ratio(&mut many, "i3", &keys[3]) <= FIRST);
    assert!(ratio(&mut many, "i99", &keys[3]) > 2 * FIRST);
}
