//! `jsonwebtoken`, as strict as it can be told to be.

use claimgate_tests::Algorithm as Named;
use jsonwebtoken::jwk::{JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::draft::{AUDIENCE, ISSUER, SKEW};

/// The claims that must be there, each once and of its type.
#[derive(Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    #[serde(rename = "sub")]
    _sub: String,
    pub(crate) aud: Audience,
}

/// RFC 7519 section 4.1.3.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(crate) fn includes(&self, audience: &str) -> bool {
        match self {
            Self::One(own) => own == audience,
            Self::Many(all) => all.iter().any(|own| own == audience),
        }
    }
}

struct Key {
    kid: Option<String>,
    algorithm: Option<KeyAlgorithm>,
    key: DecodingKey,
}

/// A key set, and what of each algorithm it asks.
pub(crate) struct Jsonwebtoken {
    keys: Vec<Key>,
    validations: Vec<Validation>,
}

impl Jsonwebtoken {
    /// Without a key where the set is not one to it.
    pub(crate) fn new(jwks: &str, algorithms: &[Named]) -> Self {
        let set: JwkSet = serde_json::from_str(jwks).unwrap_or_default();
        let key = |jwk: &jsonwebtoken::jwk::Jwk| {
            let common = &jwk.common;
            let key = DecodingKey::from_jwk(jwk).ok()?;
            Some(Key { kid: common.key_id.clone(), algorithm: common.key_algorithm, key })
        };
        let known = algorithms.iter().filter_map(|algorithm| algorithm.name().parse().ok());
        Self { keys: set.keys.iter().filter_map(key).collect(), validations: known.map(validation).collect() }
    }

    pub(crate) fn admits(&self, token: &[u8]) -> bool {
        let Ok(header) = decode_header(token) else { return false };
        let validation = self.validations.iter().find(|own| own.algorithms.contains(&header.alg));
        let Some(validation) = validation else { return false };
        // The library leaves the choice of a key to its caller: the first of that kid, or all without one.
        let named = self.keys.iter().filter(|key| header.kid.is_none() || key.kid == header.kid);
        let keys = named.take(if header.kid.is_some() { 1 } else { self.keys.len() });
        let mut fitting = keys.filter(|key| key.algorithm.is_none_or(|own| own == KeyAlgorithm::from(header.alg)));
        fitting.any(|key| decode::<Claims>(token, &key.key, validation).is_ok_and(|data| data.claims.iss == ISSUER))
    }
}

fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = SKEW;
    validation.validate_nbf = true;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "sub", "aud"]);
    validation
}
