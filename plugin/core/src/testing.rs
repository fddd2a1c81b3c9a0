//! What the tests are made of: fixed keys, tokens under them, configurations, and a worker that decides about requests.

mod keys;
mod worker;

pub(crate) use keys::{SECRET, TestKey, hs256};
pub(crate) use serde_json::{Value, json};
pub(crate) use worker::{Call, End, Outcome, Worker};

use crate::base64url;
use crate::config::Config;

/// The time of the tests, in seconds.
pub(crate) const NOW: i64 = 1_800_000_000;

/// The issuer of tokens whose tests are about something else.
pub(crate) const ISSUER: &str = "https://issuer.example";

/// A key set of these keys.
pub(crate) fn key_set(keys: &[TestKey]) -> Value {
    json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()})
}

/// A token before it is signed.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) key: TestKey,
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Token {
    /// A token that [`one_issuer`] accepts.
    pub(crate) fn new(key: TestKey) -> Self {
        let claims = json!({"iss": ISSUER, "sub": "alice", "aud": "api", "iat": NOW - 60, "exp": NOW + 600});
        Self { key, header: json!({"alg": key.alg(), "kid": key.kid(), "typ": "at+jwt"}), claims }
    }

    /// A token with exactly these claims.
    pub(crate) fn of(key: TestKey, claims: Value) -> Self {
        Self { claims, ..Self::new(key) }
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name).unwrap();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(name).unwrap();
        self
    }

    pub(crate) fn text(&self) -> String {
        signed(self.key, &self.header.to_string(), &self.claims.to_string())
    }
}

/// A token with exactly these texts as header and payload.
pub(crate) fn signed(key: TestKey, header: &str, payload: &str) -> String {
    let message = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()));
    let signature = key.sign(message.as_bytes());
    format!("{message}.{}", base64url::encode(&signature))
}

/// An issuer whose tokens [`Token::new`] makes with [`SECRET`].
pub(crate) fn one_issuer() -> Value {
    json!({"name": "main", "issuer": ISSUER, "algorithms": ["HS256"], "audiences": ["api"],
        "keys": {"inline": key_set(&[SECRET])}})
}

/// A configuration of one issuer and whatever `more` has.
pub(crate) fn with(more: Value) -> Value {
    let mut config = json!({"issuers": [one_issuer()]});
    merge(&mut config, more);
    config
}

/// A configuration whose one issuer has in addition what `more` has; `null` takes a field away.
pub(crate) fn with_issuer(more: Value) -> Value {
    let mut config = with(json!({}));
    merge(&mut config["issuers"][0], more);
    config
}

/// Writes the members of `more` over those of `base`; `null` takes one away.
pub(crate) fn merge(base: &mut Value, more: Value) {
    for (name, value) in more.as_object().unwrap().clone() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(&name);
        } else {
            base[name] = value;
        }
    }
}

pub(crate) fn config(json: &Value) -> Config {
    match Config::parse(json.to_string().as_bytes()) {
        Ok((config, _)) => config,
        Err(mistakes) => panic!("{json} is refused: {mistakes:?}"),
    }
}
