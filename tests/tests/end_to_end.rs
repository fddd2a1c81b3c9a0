//! Tokens of two providers on two workers, keys fetched over HTTP: the same promises in the embedded host and in a real Envoy.

use claimgate_tests::{Algorithm, Endpoint, Host, Request, SigningKey, Stage, now};
use serde_json::{Value, json};

/// Each promise as one test for each host.
macro_rules! on_both_hosts {
    ($($promise:ident)*) => {
        mod sim {
            $(#[test] fn $promise() { super::$promise(super::Host::Sim) })*
        }
        mod envoy {
            $(#[test] fn $promise() { super::$promise(super::Host::Envoy) })*
        }
    };
}

on_both_hosts! {
    good_tokens_of_both_issuers_are_admitted_and_mapped
    a_hundred_connections_to_two_workers_cost_one_fetch
    a_spoofed_header_never_reaches_the_service
    keys_that_cannot_be_had_are_503_until_they_can
    a_rotated_key_is_accepted_at_the_first_try
    a_bad_token_is_told_nothing_but_invalid_token
    the_metadata_document_names_both_providers
    empty_authorization_beside_a_token_is_ignored
}

/// The ways to spell an identity header that a backend might fold into one.
const SPELLINGS: [&str; 4] = ["x-auth-subject", "X-Auth-Subject", "x_auth_subject", "X-Auth_Groups"];

/// The identity headers that reached the service, under any spelling.
fn identity(echo: &Value) -> Vec<(String, String)> {
    let pairs = echo["headers"].as_array().expect("the service was reached");
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let all = pairs.iter().map(|pair| (text(&pair[0]), text(&pair[1])));
    all.filter(|(name, _)| name.replace('_', "-").starts_with("x-auth-")).collect()
}

fn good_tokens_of_both_issuers_are_admitted_and_mapped(host: Host) {
    let stage = Stage::start(host);
    let alice = stage.send(&Request::get("/orders").bearer(&stage.scene.workforce_token(json!({}))));
    assert_eq!(alice.status, 200, "{}\n{}", alice.text(), stage.log());
    assert_eq!(alice.upstream_saw("x-auth-subject"), ["alice"]);
    assert_eq!(alice.upstream_saw("x-auth-issuer"), ["https://login.workforce.example"]);
    assert_eq!(alice.upstream_saw("x-auth-username"), ["alice.adams"]);
    assert_eq!(alice.upstream_saw("x-auth-groups"), ["developers"]);

    let bob = stage.send(&Request::get("/orders").bearer(&stage.scene.partners_token(json!({}))));
    assert_eq!(bob.status, 200, "{}\n{}", bob.text(), stage.log());
    assert_eq!(bob.upstream_saw("x-auth-subject"), ["bob-7"]);
    assert_eq!(bob.upstream_saw("x-auth-email"), ["bob@partners.example"]);
    assert_eq!(bob.upstream_saw("x-auth-groups"), ["developers,partners"]);

    for response in [alice, bob] {
        assert!(response.upstream_saw("authorization").is_empty(), "a verified token goes no further");
    }
}

fn a_hundred_connections_to_two_workers_cost_one_fetch(host: Host) {
    let stage = Stage::start(host);
    // With a body: a request that is let go while the filter still holds its headers would never send it.
    let token = stage.scene.workforce_token(json!({}));
    let request = Request::new("POST", "/orders").bearer(&token).body("x".repeat(100_000));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..25).for_each(|_| assert_eq!(stage.send(&request).status, 200)));
        }
    });
    assert_eq!(stage.scene.workforce.requests(Endpoint::Jwks), 1);
}

fn a_spoofed_header_never_reaches_the_service(host: Host) {
    let stage = Stage::start(host);
    let token = stage.scene.workforce_token(json!({}));
    for spelling in SPELLINGS {
        let spoofed = |path| Request::get(path).header(spelling, "root").header(spelling, "root,admins");
        for (path, token) in [
            ("/orders", Some(&token)),
            ("/catalog", None),
            ("/catalog", Some(&token)),
            ("/status", None),
            ("/status", Some(&token)),
        ] {
            let request = token.into_iter().fold(spoofed(path), |request, token| request.bearer(token));
            let response = stage.send(&request);
            assert_eq!(response.status, 200, "{path}");
            let seen = identity(&response.json());
            assert!(seen.iter().all(|(_, value)| !value.contains("root")), "{path} {spelling}: {seen:?}");
            let expected = if path == "/status" || token.is_none() { 0 } else { 1 };
            assert_eq!(response.upstream_saw("x-auth-subject").len(), expected, "{path} {spelling}: {seen:?}");
        }
        assert_eq!(stage.send(&spoofed("/orders")).status, 401);
    }
}

fn keys_that_cannot_be_had_are_503_until_they_can(host: Host) {
    let stage = Stage::start_with(host, |scene, template| {
        scene.workforce.listen(false);
        template
    });
    let request = Request::get("/orders").bearer(&stage.scene.workforce_token(json!({})));
    for _ in 0..2 {
        let response = stage.send(&request);
        assert_eq!(response.status, 503, "{}", response.text());
        assert!(response.header("retry-after").is_some() && response.header("www-authenticate").is_none());
    }
    let partner = Request::get("/orders").bearer(&stage.scene.partners_token(json!({})));
    assert_eq!(stage.send(&partner).status, 200, "one issuer's outage is not another's");
    assert_eq!(stage.send(&Request::get("/orders")).status, 401);
    stage.scene.workforce.listen(true);
    let response = stage.send(&request);
    assert_eq!(response.status, 200, "{}\n{}", response.text(), stage.log());
}

fn a_rotated_key_is_accepted_at_the_first_try(host: Host) {
    let stage = Stage::start(host);
    let send = || stage.send(&Request::get("/orders").bearer(&stage.scene.workforce_token(json!({})))).status;
    assert_eq!(send(), 200);
    stage.scene.workforce.rotate(SigningKey::numbered(Algorithm::Rs256, 1));
    assert_eq!(send(), 200);
    assert_eq!(stage.scene.workforce.requests(Endpoint::Jwks), 2);
}

fn a_bad_token_is_told_nothing_but_invalid_token(host: Host) {
    let stage = Stage::start(host);
    let other = SigningKey::numbered(Algorithm::Rs256, 2).with_kid("rs256-0");
    let claims = stage.scene.workforce.claims(now(), json!({"aud": "orders"}));
    let challenge = "Bearer error=\"invalid_token\", \
                     resource_metadata=\"https://orders.example.com/.well-known/oauth-protected-resource\"";
    for token in [
        "x".to_owned(),
        other.token(&claims),
        stage.scene.workforce_token(json!({"exp": now() - 120})),
        stage.scene.workforce_token(json!({"aud": "somebody else"})),
        stage.scene.workforce_token(json!({"iss": "https://evil.example"})),
    ] {
        let response = stage.send(&Request::get("/orders").bearer(&token));
        assert_eq!(response.status, 401);
        assert_eq!(response.header("www-authenticate"), Some(challenge));
        assert_eq!(response.json(), json!({"error": "invalid_token"}));
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
    assert_eq!(stage.scene.upstream.requests(), 0);
}

fn the_metadata_document_names_both_providers(host: Host) {
    let stage = Stage::start(host);
    let response = stage.send(&Request::get("/.well-known/oauth-protected-resource"));
    assert_eq!(response.status, 200);
    let document = response.json();
    assert_eq!(document["resource"], "https://orders.example.com");
    assert_eq!(
        document["authorization_servers"],
        json!(["https://login.workforce.example", "https://id.partners.example"])
    );
    assert_eq!(stage.scene.upstream.requests(), 0);
}

/// Envoy joins the lines of `authorization` with a comma, and adds none for an empty one, whichever comes first.
fn empty_authorization_beside_a_token_is_ignored(host: Host) {
    let stage = Stage::start(host);
    let bearer = format!("Bearer {}", stage.scene.workforce_token(json!({})));
    for lines in [["", bearer.as_str()], [bearer.as_str(), ""]] {
        let request = lines.iter().fold(Request::get("/orders"), |request, line| request.header("Authorization", line));
        let response = stage.send(&request);
        assert_eq!((response.status, response.upstream_saw("x-auth-subject")), (200, vec!["alice".to_owned()]));
    }
    let twice = Request::get("/orders").header("Authorization", &bearer).header("Authorization", &bearer);
    assert_eq!(stage.send(&twice).status, 400);
}
