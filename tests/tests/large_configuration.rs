//! A configuration as large as a platform's: a hundred issuers, a thousand group mappings, five hundred routes.

use claimgate_tests::{Algorithm, SigningKey, module};
use host_sim::{Host, Module, Outcome, Request};
use serde_json::{Value, json};

const NOW: u64 = 1_767_225_600;

fn configuration(key: &SigningKey) -> Value {
    let issuer = |number: usize| {
        let map: serde_json::Map<String, Value> = (0..10)
            .map(|group| {
                (format!("external-{number}-{group}"), json!([format!("group-{group}"), format!("tenant-{number}")]))
            })
            .collect();
        json!({
            "name": format!("issuer-{number}"), "issuer": format!("https://idp-{number}.example"), "audiences": ["api"],
            "keys": {"inline": {"keys": [key.jwk()]}}, "groups": {"map": map},
        })
    };
    let route = |number: usize| {
        json!({
            "name": format!("route-{number}"), "match": {"template": format!("/v1/service-{number}/{{id}}/**"), "methods": ["GET", "POST"]},
            "issuers": [format!("issuer-{}", number % 100)], "groups": {"any": [format!("group-{}", number % 10)]},
        })
    };
    json!({
        "issuers": (0..100).map(issuer).collect::<Vec<_>>(),
        "routes": (0..500).map(route).collect::<Vec<_>>(),
    })
}

#[test]
fn a_hundred_issuers_a_thousand_mappings_and_five_hundred_routes_serve() {
    let key = SigningKey::numbered(Algorithm::Es256, 0);
    let module = Module::from_file(&module()).expect("the module loads");
    let mut host = Host::builder(&module).now(NOW).build();
    host.configure(configuration(&key).to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    let mut send = |route: usize, issuer: usize| {
        let token = key.token(&json!({
            "iss": format!("https://idp-{issuer}.example"), "sub": "alice", "aud": "api", "exp": NOW + 300, "iat": NOW,
            "groups": [format!("external-{issuer}-{}", route % 10), "external-0-0"],
        }));
        host.request(0, Request::get(&format!("/v1/service-{route}/7/x")).bearer(&token)).outcome
    };
    for route in [0, 1, 99, 250, 499] {
        let outcome = send(route, route % 100);
        let Outcome::Upstream(upstream) = &outcome else { panic!("{route}: {outcome:?}") };
        let groups = format!("group-{},tenant-{}", route % 10, route % 100);
        assert_eq!(upstream.values("x-auth-groups"), [groups.as_str()], "{route}: another issuer's group is dropped");
    }
    assert_eq!(send(499, 98).status(), Some(401), "the route takes tokens of issuer 99 only");
    assert_eq!(host.traps(), Vec::<&str>::new());
}
