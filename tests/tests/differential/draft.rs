//! A token in the making: content, then signature, then text.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use claimgate_tests::{Algorithm, SigningKey};
use serde_json::json;

use crate::random::Random;

pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const AUDIENCE: &str = "api";
/// What all judges allow clocks to differ, in seconds.
pub(crate) const SKEW: u64 = 3600;

/// What there is of a token at each stage.
#[derive(Clone)]
pub(crate) struct Draft {
    /// Who signs.
    pub(crate) key: &'static SigningKey,
    /// The header's bytes.
    pub(crate) header: Vec<u8>,
    /// The payload's bytes.
    pub(crate) payload: Vec<u8>,
    /// The signature's bytes, from the second stage on.
    pub(crate) signature: Vec<u8>,
    /// All of it, at the third stage.
    pub(crate) text: Vec<u8>,
}

impl Draft {
    /// A good token before it is signed.
    pub(crate) fn new(random: &mut Random, algorithm: Algorithm) -> Self {
        let key = key(algorithm, 0);
        let typ = random.pick(&[Some("JWT"), Some("at+jwt"), None]);
        let mut header = json!({"alg": algorithm.name(), "kid": key.kid()});
        if let Some(typ) = typ {
            header["typ"] = typ.into();
        }
        let subject = random.pick(&["alice", "bob", "äöü", "a,b", "00u1abcd"]);
        let audience = if random.one_in(2) { json!(AUDIENCE) } else { json!(["other", AUDIENCE]) };
        let mut claims = json!({"iss": ISSUER, "sub": subject, "aud": audience, "exp": now() + 86_400});
        if random.one_in(2) {
            claims["iat"] = (now() - 60).into();
            claims["nbf"] = (now() - 60).into();
            claims["scope"] = "read write".into();
        }
        let (header, payload) = (header.to_string().into_bytes(), claims.to_string().into_bytes());
        Self { key, header, payload, signature: Vec::new(), text: Vec::new() }
    }

    /// What is signed.
    pub(crate) fn message(&self) -> Vec<u8> {
        format!("{}.{}", encoded(&self.header), encoded(&self.payload)).into_bytes()
    }

    pub(crate) fn sign(&mut self) {
        self.signature = self.key.sign(&self.message());
    }

    pub(crate) fn spell(&mut self) {
        self.text = [self.message().as_slice(), b".", encoded(&self.signature).as_bytes()].concat();
    }
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The time at which the tests began, in seconds. Nothing is judged near a boundary: minutes may pass.
pub(crate) fn now() -> u64 {
    static NOW: OnceLock<u64> = OnceLock::new();
    *NOW.get_or_init(|| clock().duration_since(UNIX_EPOCH).expect("after 1970").as_secs())
}

/// The time by which all judge: `jsonwebtoken` takes no other.
#[allow(clippy::disallowed_methods, reason = "jsonwebtoken reads the system's clock, so the others must too")]
pub(crate) fn clock() -> SystemTime {
    SystemTime::now()
}

/// A key that lives as long as the tests: number 0 is the issuer's, 1 a stranger's.
pub(crate) fn key(algorithm: Algorithm, number: u8) -> &'static SigningKey {
    static KEYS: OnceLock<Vec<(Algorithm, u8, SigningKey)>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let numbers = Algorithm::ALL.iter().flat_map(|algorithm| [0, 1].map(|number| (*algorithm, number)));
        numbers.map(|(algorithm, number)| (algorithm, number, SigningKey::numbered(algorithm, number))).collect()
    });
    let found = keys.iter().find(|(own, at, _)| (*own, *at) == (algorithm, number));
    &found.expect("every algorithm has two keys").2
}

/// Every algorithm with a public key.
pub(crate) const PUBLIC: [Algorithm; 10] = [
    Algorithm::EdDsa,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
];
