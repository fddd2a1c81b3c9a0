//! `jwt-compact`, as strict as it can be told to be. Issuer and audience it leaves to its caller.

use chrono::{DateTime, TimeDelta, Utc};
use claimgate_tests::Algorithm as Named;
use jwt_compact::alg::{Ed25519, Es256, Hs256, Hs256Key, Hs384, Hs384Key, Hs512, Hs512Key, Rsa, RsaPublicKey};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmExt as _, TimeOptions, UntrustedToken};
use serde_json::Value;

use crate::curves::{Es384, Es512};
use crate::draft::{AUDIENCE, ISSUER, SKEW, clock};
use crate::theirs::Claims;

type Es256Key = <Es256 as Algorithm>::VerifyingKey;
type Ed25519Key = <Ed25519 as Algorithm>::VerifyingKey;

enum Key {
    Rsa(Box<RsaPublicKey>),
    P256(Box<Es256Key>),
    P384(Box<p384::ecdsa::VerifyingKey>),
    P521(Box<p521::ecdsa::VerifyingKey>),
    Ed25519(Box<Ed25519Key>),
    Secret(Box<(Hs256Key, Hs384Key, Hs512Key)>),
}

/// A key set, and the algorithms that are allowed with it.
pub(crate) struct Compact {
    keys: Vec<(Option<String>, Key)>,
    algorithms: Vec<&'static str>,
}

impl Compact {
    /// The library reads keys, not sets: one by one, without those that it cannot read.
    pub(crate) fn new(jwks: &str, algorithms: &[Named]) -> Self {
        let set: Value = serde_json::from_str(jwks).unwrap_or_default();
        let key = |jwk: &Value| Some((jwk.get("kid").and_then(Value::as_str).map(str::to_owned), Key::read(jwk)?));
        let keys = set["keys"].as_array().into_iter().flatten().filter_map(key).collect();
        Self { keys, algorithms: algorithms.iter().map(|algorithm| algorithm.name()).collect() }
    }

    pub(crate) fn admits(&self, token: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(token) else { return false };
        let Ok(token) = UntrustedToken::new(text) else { return false };
        if !self.algorithms.contains(&token.algorithm()) {
            return false;
        }
        let kid = token.header().key_id.as_deref();
        let named = self.keys.iter().filter(|(own, _)| kid.is_none() || own.as_deref() == kid);
        let mut keys = named.take(if kid.is_some() { 1 } else { self.keys.len() });
        keys.any(|(_, key)| key.proves(&token))
    }
}

impl Key {
    fn read(jwk: &Value) -> Option<Self> {
        let key: JsonWebKey<'_> = serde_json::from_value(jwk.clone()).ok()?;
        match &key {
            JsonWebKey::Rsa { .. } => Some(Self::Rsa(Box::new(RsaPublicKey::try_from(&key).ok()?))),
            JsonWebKey::KeyPair { .. } => Some(Self::Ed25519(Box::new(Ed25519Key::try_from(&key).ok()?))),
            JsonWebKey::Symmetric { secret } => {
                Some(Self::Secret(Box::new((Hs256Key::new(secret), Hs384Key::new(secret), Hs512Key::new(secret)))))
            }
            JsonWebKey::EllipticCurve { curve, x, y, .. } => {
                let point = [&[4], x.as_ref(), y.as_ref()].concat();
                match curve.as_ref() {
                    "P-256" => Some(Self::P256(Box::new(Es256Key::try_from(&key).ok()?))),
                    "P-384" => Some(Self::P384(Box::new(p384::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?))),
                    "P-521" => Some(Self::P521(Box::new(p521::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?))),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn proves(&self, token: &UntrustedToken<'_>) -> bool {
        match (token.algorithm(), self) {
            (name @ ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512"), Self::Rsa(key)) => {
                holds(&Rsa::with_name(name), key, token)
            }
            ("ES256", Self::P256(key)) => holds(&Es256, key, token),
            ("ES384", Self::P384(key)) => holds(&Es384, key, token),
            ("ES512", Self::P521(key)) => holds(&Es512, key, token),
            ("EdDSA", Self::Ed25519(key)) => holds(&Ed25519, key, token),
            ("HS256", Self::Secret(keys)) => holds(&Hs256, &keys.0, token),
            ("HS384", Self::Secret(keys)) => holds(&Hs384, &keys.1, token),
            ("HS512", Self::Secret(keys)) => holds(&Hs512, &keys.2, token),
            _ => false,
        }
    }
}

fn holds<A: Algorithm>(algorithm: &A, key: &A::VerifyingKey, token: &UntrustedToken<'_>) -> bool {
    let Ok(token) = algorithm.validator::<Claims>(key).validate(token) else { return false };
    let claims = token.claims();
    let skew = TimeDelta::seconds(i64::try_from(SKEW).expect("seconds"));
    let time = TimeOptions::new(skew, || DateTime::<Utc>::from(clock()));
    let begun = claims.not_before.is_none() || claims.validate_maturity(&time).is_ok();
    let current = begun && claims.validate_expiration(&time).is_ok();
    current && claims.custom.iss == ISSUER && claims.custom.aud.includes(AUDIENCE)
}
