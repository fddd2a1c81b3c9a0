//! One good configuration and one good token, and every way to change them.

use std::sync::OnceLock;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use claimgate_tests::{Algorithm, SigningKey};
use host_sim::{Answer, Request};
use serde_json::{Value, json};

/// 2026-01-01T00:00:00Z.
pub(crate) const NOW: u64 = 1_767_225_600;
pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const JWKS: &str = "https://idp.example/jwks";

/// Key number 0 for an algorithm.
pub(crate) fn key(algorithm: Algorithm) -> &'static SigningKey {
    static KEYS: OnceLock<Vec<SigningKey>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| Algorithm::ALL.iter().map(|own| SigningKey::numbered(*own, 0)).collect());
    let at = Algorithm::ALL.iter().position(|own| *own == algorithm);
    &keys[at.expect("every algorithm has a key")]
}

/// The key that signs unless something else is said: ES256, the fastest to sign with.
pub(crate) fn signer() -> &'static SigningKey {
    key(Algorithm::Es256)
}

/// A published key with its `kid` and nothing that says what it is for.
pub(crate) fn bare_jwk(key: &SigningKey) -> Value {
    let mut jwk = key.jwk_material();
    if let Some(kid) = key.kid() {
        jwk["kid"] = kid.into();
    }
    jwk
}

/// Somebody else's key under our signer's kid.
pub(crate) fn stranger() -> SigningKey {
    SigningKey::numbered(Algorithm::Es256, 7).with_kid(signer().kid())
}

/// Every algorithm with a public key.
pub(crate) fn asymmetric() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric())
}

/// The smallest configuration, with the signer's key written in it.
pub(crate) fn config() -> Value {
    config_with_keys([signer().jwk()])
}

pub(crate) fn config_with_keys(keys: impl IntoIterator<Item = Value>) -> Value {
    let keys: Vec<Value> = keys.into_iter().collect();
    json!({"issuers": [{
        "name": "main", "issuer": ISSUER, "audiences": ["api"], "keys": {"inline": {"keys": keys}},
    }]})
}

/// The smallest configuration whose keys are fetched from [`JWKS`].
pub(crate) fn remote_config() -> Value {
    with(config(), "/issuers/0/keys", json!({"jwks_uri": JWKS, "cluster": "idp"}))
}

/// A document with one place changed or added, by JSON Pointer.
pub(crate) fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a JSON pointer");
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("there is no {parent}")) {
        Value::Array(list) if name == "-" => list.push(value),
        Value::Array(list) => list[name.parse::<usize>().expect("an index")] = value,
        other => other[name] = value,
    }
    document
}

/// A key set as a provider serves it.
pub(crate) fn key_set(keys: impl IntoIterator<Item = Value>) -> Answer {
    Answer::json(200, json!({"keys": keys.into_iter().collect::<Vec<_>>()}).to_string())
}

/// The claims of a good token.
pub(crate) fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "alice", "aud": "api", "iat": NOW - 10, "exp": NOW + 3600})
}

/// The claims with some more or other ones; what is `Value::Null` in `change` becomes `null`.
pub(crate) fn claims_with(change: Value) -> Value {
    let mut claims = claims();
    for (name, value) in change.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims
}

pub(crate) fn claims_without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

/// The claims as text, with one claim written exactly so, JSON or not.
pub(crate) fn claims_text(name: &str, value: &str) -> String {
    let rest = claims_without(name).to_string();
    format!("{},\"{name}\":{value}}}", &rest[..rest.len() - 1])
}

/// The claims as text with more text before the closing brace.
pub(crate) fn claims_and(text: &str) -> String {
    let claims = claims().to_string();
    format!("{}{text}}}", &claims[..claims.len() - 1])
}

/// A good token.
pub(crate) fn token() -> String {
    signer().token(&claims())
}

/// A token of the signer over these claims.
pub(crate) fn token_of(claims: &Value) -> String {
    signer().token(claims)
}

/// A token of the signer over exactly this payload.
pub(crate) fn token_over(payload: impl AsRef<[u8]>) -> String {
    signer().token_raw(header(json!({})), payload)
}

/// A token with the claims of a good one under exactly this header.
pub(crate) fn token_under(header: impl AsRef<[u8]>) -> String {
    signer().token_raw(header, claims().to_string())
}

/// The signer's header with some more or other members; `Value::Null` stays `null`.
pub(crate) fn header(change: Value) -> String {
    header_of(signer(), change)
}

pub(crate) fn header_of(key: &SigningKey, change: Value) -> String {
    let mut header = json!({"alg": key.algorithm().name(), "typ": "JWT"});
    if let Some(kid) = key.kid() {
        header["kid"] = kid.into();
    }
    for (name, value) in change.as_object().expect("an object") {
        header[name] = value.clone();
    }
    header.to_string()
}

pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decoded(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// A token of these two segments, whatever they are, with a true signature over their text.
pub(crate) fn signed_text(key: &SigningKey, header: &str, payload: &str) -> String {
    let text = format!("{header}.{payload}");
    let signature = encoded(key.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

/// The three segments of a token.
pub(crate) fn segments(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("three segments")
}

/// A request to an ordinary path with this token.
pub(crate) fn orders(token: impl AsRef<[u8]>) -> Request {
    Request::get("/orders").header("authorization", [b"Bearer ", token.as_ref()].concat())
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }
}
