use std::time::Duration;

use serde_json::{Value, json};

use super::{Algorithm, Behaviour, Endpoint, Provider, RsaSize, SigningKey};
use crate::exchange::{Request, Response};

const NOW: u64 = 1_767_225_600;

fn provider() -> Provider {
    Provider::start("https://login.workforce.example", Algorithm::Es256).unwrap()
}

fn keys(provider: &Provider) -> std::io::Result<Response> {
    Request::get("/keys").send(provider.address())
}

#[test]
fn keys_are_the_same_in_every_run_and_differ_by_number() {
    for algorithm in Algorithm::ALL {
        let (zero, again, one) = (
            SigningKey::numbered(algorithm, 0).jwk(),
            SigningKey::numbered(algorithm, 0).jwk(),
            SigningKey::numbered(algorithm, 1).jwk(),
        );
        assert_eq!(zero, again);
        assert_ne!(zero, one);
        assert_eq!(zero["alg"], algorithm.name());
        assert!(zero["d"].is_null(), "a published key has no private part");
    }
}

#[test]
fn a_token_has_its_claims_and_a_signature_of_the_right_size() {
    let sizes = [256, 256, 256, 256, 256, 256, 64, 96, 132, 64, 32, 48, 64];
    for (algorithm, size) in Algorithm::ALL.into_iter().zip(sizes) {
        let key = SigningKey::numbered(algorithm, 1);
        assert_eq!(key.sign(b"message").len(), size, "{}", algorithm.name());
        let token = key.token(&json!({"sub": "bob", "exp": 7}));
        let part = |n: usize| -> Value {
            use base64::Engine as _;
            let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(n).unwrap()).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        };
        assert_eq!(part(0), json!({"alg": algorithm.name(), "kid": key.kid(), "typ": "JWT"}));
        assert_eq!(part(1), json!({"sub": "bob", "exp": 7}));
    }
}

#[test]
fn a_raw_token_has_exactly_the_given_bytes() {
    let token = SigningKey::numbered(Algorithm::Es512, 0).token_raw("{\"alg\":1,\"alg\":2}", [0xff]);
    assert!(token.starts_with("eyJhbGciOjEsImFsZyI6Mn0._w."));
}

#[test]
fn other_rsa_sizes_are_there() {
    for (size, bytes) in
        [(RsaSize::Bits1024, 128), (RsaSize::Bits2048, 256), (RsaSize::Bits3072, 384), (RsaSize::Bits4096, 512)]
    {
        assert_eq!(SigningKey::rsa(Algorithm::Ps384, size).sign(b"").len(), bytes);
    }
}

#[test]
fn it_serves_its_documents_and_counts() {
    let provider = provider();
    assert_eq!(keys(&provider).unwrap().json(), provider.jwks());
    let document = Request::get("/.well-known/openid-configuration").send(provider.address()).unwrap().json();
    assert_eq!(document["issuer"], provider.issuer());
    assert_eq!(document["jwks_uri"], provider.jwks_uri());
    assert_eq!((provider.requests(Endpoint::Jwks), provider.requests(Endpoint::Discovery)), (1, 1));
    assert_eq!(Request::get("/nothing").send(provider.address()).unwrap().status, 404);
}

#[test]
fn rotation_publishes_and_withdrawal_takes_away() {
    let provider = provider();
    let kids = |jwks: Value| -> Vec<String> {
        jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    provider.rotate(SigningKey::numbered(Algorithm::EdDsa, 7));
    assert_eq!(kids(provider.jwks()), ["es256-0", "eddsa-7"]);
    assert_eq!(provider.signer().kid(), Some("eddsa-7"));
    provider.withdraw("es256-0");
    assert_eq!(kids(keys(&provider).unwrap().json()), ["eddsa-7"]);
}

#[test]
fn claims_are_added_replaced_and_taken_away() {
    let claims = provider().claims(NOW, json!({"sub": null, "aud": "orders", "exp": 1}));
    assert_eq!(claims, json!({"iss": "https://login.workforce.example", "iat": NOW, "aud": "orders", "exp": 1}));
}

#[test]
fn it_refuses_connections_and_comes_back_on_the_same_port() {
    let provider = provider();
    for _ in 0..3 {
        provider.listen(false);
        assert_eq!(keys(&provider).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
        provider.listen(true);
        assert_eq!(keys(&provider).unwrap().status, 200);
    }
}

#[test]
fn every_fault_looks_as_it_should() {
    let provider = provider();
    let with = |behaviour| {
        provider.set(Endpoint::Jwks, behaviour);
        keys(&provider)
    };
    for status in [204, 301, 404, 500] {
        assert_eq!(with(Behaviour::Status(status)).unwrap().status, status);
    }
    assert!(with(Behaviour::Html).unwrap().text().contains("<title>"));
    assert_eq!(with(Behaviour::Empty).unwrap().body, b"");
    assert_eq!(with(Behaviour::Body("[]".into())).unwrap().body, b"[]");
    assert!(with(Behaviour::Truncated).is_err());
    assert!(with(Behaviour::Reset).is_err());
    let padded = with(Behaviour::Padded(300_000)).unwrap();
    assert!(padded.body.len() >= 300_000 && padded.json()["keys"].is_array());
    let before = std::time::Instant::now();
    assert_eq!(with(Behaviour::Slow(Duration::from_millis(60))).unwrap().json(), provider.jwks());
    assert!(before.elapsed() >= Duration::from_millis(60));
}

#[test]
fn an_unchanged_document_is_not_sent_again() {
    let provider = provider();
    provider.set_etag(true);
    provider.set_cache_control(Some("max-age=60"));
    let first = keys(&provider).unwrap();
    assert_eq!(first.header("cache-control"), Some("max-age=60"));
    let again =
        || Request::get("/keys").header("If-None-Match", first.header("etag").unwrap()).send(provider.address());
    assert_eq!(again().unwrap().status, 304);
    provider.rotate(SigningKey::numbered(Algorithm::Es256, 1));
    assert_eq!(again().unwrap().status, 200);
}
