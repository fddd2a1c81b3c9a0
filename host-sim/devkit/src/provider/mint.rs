//! Tokens: well-formed ones through jwt-compact, any others byte by byte.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jwt_compact::alg::{Ed25519, Es256, Hs256, Hs256Key, Hs384, Hs384Key, Hs512, Hs512Key, Rsa};
use jwt_compact::{AlgorithmExt as _, Claims, Header};
use serde_json::{Value, json};

use super::keys::{Algorithm, Secret, SigningKey};

impl SigningKey {
    /// A compact JWS over the claims, with `alg`, the key's `kid` and `typ: JWT` in its header.
    pub fn token(&self, claims: &Value) -> String {
        self.token_typed(Some("JWT"), claims)
    }

    /// The same with another `typ`, or none.
    pub fn token_typed(&self, typ: Option<&str>, claims: &Value) -> String {
        let mut header = Header::empty();
        header.key_id = self.kid().map(str::to_owned);
        header.token_type = typ.map(str::to_owned);
        let body = Claims::new(claims.clone());
        let made = match self.secret() {
            Secret::Rsa(key) => Rsa::with_name(self.algorithm().name()).token(&header, &body, key),
            Secret::P256(key) => Es256.token(&header, &body, key),
            Secret::Ed25519(key) => Ed25519.token(&header, &body, key),
            Secret::Hmac(secret) => match self.algorithm() {
                Algorithm::Hs384 => Hs384.token(&header, &body, &Hs384Key::new(secret)),
                Algorithm::Hs512 => Hs512.token(&header, &body, &Hs512Key::new(secret)),
                _ => Hs256.token(&header, &body, &Hs256Key::new(secret)),
            },
            Secret::P384(_) | Secret::P521(_) => {
                let mut header = json!({"alg": self.algorithm().name()});
                for (name, value) in [("kid", self.kid()), ("typ", typ)] {
                    if let Some(value) = value {
                        header[name] = value.into();
                    }
                }
                return self.token_raw(header.to_string(), claims.to_string());
            }
        };
        made.expect("claims are a JSON object")
    }

    /// A token whose header and payload are exactly these bytes, JSON or not, with a true signature over them.
    pub fn token_raw(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let input = format!("{}.{}", encoded(header.as_ref()), encoded(payload.as_ref()));
        let signature = encoded(&self.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
