//! Every reason to refuse a request, and a request that is refused for it.

use crate::refusal::Reason;
use crate::testing::{Call, NOW, SECRET, TestKey, Token, Value, Worker, json, key_set, signed, with, with_issuer};
use std::collections::BTreeSet;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Reasons that no decision of the core gives.
const NOT_THE_LINES: [(Reason, &str); 3] = [
    (Reason::HeadersUnreadable, "the shell's: there is no request to decide about"),
    (Reason::TooManyWaiting, "the shell's: it holds the requests that wait"),
    (Reason::Internal, "the shell's: a host call failed"),
];

const TENANT: &str = "8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e";

fn bearer(token: &Token) -> Call {
    Call::get("/").bearer(&token.text())
}

fn raw(header: &str, payload: &str) -> Call {
    Call::get("/").bearer(&signed(SECRET, header, payload))
}

/// An issuer with these public keys.
fn public(keys: &[TestKey]) -> Value {
    with_issuer(json!({"algorithms": ["EdDSA", "ES256"], "keys": {"inline": key_set(keys)}}))
}

fn entra() -> Value {
    with_issuer(json!({"preset": "entra", "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        "algorithms": null, "anyone": true, "keys": {"inline": key_set(&[TestKey::Rs256])}}))
}

fn entra_token() -> Token {
    let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    Token::new(TestKey::Rs256).header("typ", "JWT").claim("iss", iss).claim("tid", TENANT)
}

/// A configuration and a request, and the reason it is refused for.
fn cases() -> Vec<(Reason, Value, Call)> {
    let one = || with(json!({}));
    let issuer = |more: Value| with_issuer(more);
    let route = |more: Value| with(json!({"default_route": more}));
    let token = || Token::new(SECRET);
    let claimed = |name: &str, value: Value| bearer(&Token::new(SECRET).claim(name, value));
    let header = r#"{"alg":"HS256","kid":"hs256(1)"}"#;
    let five: Vec<TestKey> = (1..=5).map(TestKey::EdDsa).collect();
    let stranger = TestKey::EdDsa(9);
    vec![
        (Reason::NoCredential, one(), Call::get("/")),
        (Reason::CredentialMalformed, one(), Call::get("/").header("authorization", "Bearer")),
        (Reason::CredentialsConflict, one(), bearer(&token()).bearer("other")),
        (
            Reason::RouteChanged,
            with(json!({"routes": [{"name": "open", "access": "public"}]})),
            bearer(&token()).header("x-auth-groups", "admins"),
        ),
        (Reason::ManagedHeader, with(json!({"host": "generic"})), bearer(&token()).header("x_auth_email", "a@b.c")),
        (
            Reason::TokenTooLarge,
            with(json!({"limits": {"max_token_bytes": "256B"}})),
            Call::get("/").bearer(&"a".repeat(257)),
        ),
        (Reason::TokenMalformed, one(), Call::get("/").bearer("a.b")),
        (Reason::TokenEncrypted, one(), Call::get("/").bearer("a.b.c.d.e")),
        (Reason::HeaderMalformed, one(), raw("[]", "{}")),
        (Reason::HeaderUnsupported, one(), raw(r#"{"alg":"HS256","crit":["exp"]}"#, "{}")),
        (Reason::AlgorithmUnknown, one(), raw(r#"{"alg":"none"}"#, "{}")),
        (Reason::ClaimsMalformed, one(), raw(header, "[]")),
        (Reason::IssuerMalformed, one(), bearer(&token().without("iss"))),
        (Reason::IssuerUnknown, one(), claimed("iss", json!("https://evil.example"))),
        (Reason::IssuerNotAccepted, two_issuers(), bearer(&token())),
        (Reason::TenantMismatch, entra(), bearer(&entra_token().claim("tid", "other"))),
        (Reason::GraphToken, entra(), Call::get("/").bearer(&graph_token())),
        (Reason::AlgorithmNotAllowed, one(), bearer(&Token::new(stranger))),
        (Reason::KeyUnknown, public(&[TestKey::EdDsa(1)]), bearer(&Token::new(stranger))),
        (Reason::KeyUnfit, public(&[TestKey::EdDsa(1)]), bearer(&Token::new(TestKey::EdDsa(1)).header("alg", "ES256"))),
        (Reason::KeyAmbiguous, public(&five), bearer(&Token::new(TestKey::EdDsa(1)).without_header("kid"))),
        (Reason::SignatureInvalid, one(), bearer(&Token::new(TestKey::Hs256(2)).header("kid", SECRET.kid()))),
        (Reason::TypeNotAllowed, one(), bearer(&token().header("typ", "dpop+jwt"))),
        (Reason::ClaimMissing, one(), bearer(&token().without("exp"))),
        (Reason::ClaimMalformed, one(), claimed("exp", json!(null))),
        (Reason::TokenExpired, one(), claimed("exp", json!(NOW - 60))),
        (Reason::TokenNotYetValid, one(), claimed("nbf", json!(NOW + 61))),
        (Reason::TokenFromFuture, one(), claimed("iat", json!(NOW + 61))),
        (Reason::TokenTooOld, issuer(json!({"max_token_age": "10m"})), claimed("iat", json!(NOW - 661))),
        (Reason::TokenContradictory, one(), claimed("iat", json!(NOW + 601))),
        (Reason::LifetimeTooLong, issuer(json!({"max_lifetime": "1m"})), bearer(&token())),
        (Reason::AudienceMismatch, one(), claimed("aud", json!("other"))),
        (Reason::ClientNotAllowed, issuer(json!({"clients": ["web"]})), claimed("azp", json!("other"))),
        (
            Reason::ResourceMismatch,
            issuer(json!({"resource_claim": {"claim": "r", "any_of": ["a"]}})),
            claimed("r", json!("b")),
        ),
        (Reason::ClaimRuleFailed, issuer(json!({"require": [{"claim": "a", "equals": 1}]})), claimed("a", json!(2))),
        (Reason::BindingNotProven, one(), claimed("cnf", json!({"jkt": "x"}))),
        (
            Reason::SubjectForeign,
            issuer(json!({"trust_domain": "example.org"})),
            claimed("sub", json!("spiffe://other.org/x")),
        ),
        (Reason::SubjectMissing, one(), bearer(&token().without("sub"))),
        (Reason::ScopeMissing, route(json!({"scopes": {"all": ["a"]}})), bearer(&token())),
        (Reason::GroupMissing, route(json!({"groups": {"any": ["a"]}})), bearer(&token())),
        (Reason::RouteRuleFailed, route(json!({"require": [{"claim": "a", "equals": 1}]})), bearer(&token())),
        (Reason::TooManyGroups, with(json!({"limits": {"max_groups": 1}})), claimed("groups", json!(["a", "b"]))),
        (
            Reason::IdentityTooLarge,
            with(json!({"limits": {"max_token_bytes": "1MiB"}})),
            claimed("sub", json!("a".repeat(16_384))),
        ),
        (Reason::StepUpRequired, route(json!({"step_up": {"acr": ["gold"]}})), bearer(&token())),
        (Reason::RouteDenied, route(json!({"access": "deny"})), bearer(&token())),
    ]
}

fn two_issuers() -> Value {
    let mut config = with(json!({"default_route": {"issuers": ["second"]}}));
    let mut second = config["issuers"][0].clone();
    crate::testing::merge(&mut second, json!({"name": "second", "issuer": "https://second.example"}));
    config["issuers"].as_array_mut().unwrap().push(second);
    config
}

/// Microsoft signs another header than the one it sends.
fn graph_token() -> String {
    let (plain, marked) = (entra_token().text(), entra_token().header("nonce", "n").text());
    let (header, _) = marked.split_once('.').unwrap();
    let (_, rest) = plain.split_once('.').unwrap();
    format!("{header}.{rest}")
}

#[test]
fn only_a_token_of_entra_with_a_nonce_is_taken_for_one_of_graph() {
    let broken = |token: Token, config: Value| {
        let (signed, other) = (token.text(), token.claim("jti", "other").text());
        let (_, signature) = signed.rsplit_once('.').unwrap();
        let (message, _) = other.rsplit_once('.').unwrap();
        Worker::new(&config).decide(&Call::get("/").bearer(&format!("{message}.{signature}"))).reason()
    };
    assert_eq!(broken(entra_token().header("nonce", "n"), entra()), Some(Reason::GraphToken));
    assert_eq!(broken(entra_token(), entra()), Some(Reason::SignatureInvalid));
    let marked = Token::new(SECRET).header("nonce", "n");
    assert_eq!(broken(marked, with(json!({}))), Some(Reason::SignatureInvalid));
}

/// Needs a clock that moves or a fetch that fails.
fn needing_time() -> Vec<(Reason, Option<Reason>)> {
    let mut clockless = Worker::new(&with(json!({})));
    clockless.now = crate::time::Timestamp::from_millis(0);
    let keys = json!({"jwks_uri": "https://issuer.example/keys", "cluster": "idp", "ttl": "1s", "max_stale": "1s"});
    let mut stale = Worker::new(&with_issuer(json!({"algorithms": ["EdDSA"], "keys": keys})));
    stale.fetch(Some(&key_set(&[TestKey::EdDsa(1)])));
    stale.now = stale.now.after(std::time::Duration::from_secs(90));
    stale.fetch(None);
    vec![
        (Reason::ClockUnavailable, clockless.judge(&Token::new(SECRET)).reason()),
        (Reason::KeysUnavailable, stale.judge(&Token::new(TestKey::EdDsa(1))).reason()),
    ]
}

#[test]
fn every_reason_is_given_to_some_request_or_is_not_the_lines() {
    let mut given = BTreeSet::new();
    for (reason, config, call) in cases() {
        assert_eq!(Worker::new(&config).decide(&call).reason(), Some(reason));
        assert!(given.insert(reason), "{reason:?} has two cases");
    }
    for (reason, found) in needing_time() {
        assert_eq!(found, Some(reason));
        assert!(given.insert(reason), "{reason:?} has two cases");
    }
    for (reason, why) in NOT_THE_LINES {
        assert!(given.insert(reason), "{reason:?} has a case: {why}");
    }
    assert_eq!(given, Reason::ALL.iter().copied().collect());
    assert_eq!(NOT_THE_LINES.len(), 3);
}
