//! An independent opinion: jwt-compact on tokens and keys that it supports.

use jwt_compact::alg::{Ed25519, Es256, Hs256, Hs256Key, Hs384, Hs384Key, Hs512, Hs512Key, Rsa, RsaPublicKey};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmExt as _, UntrustedToken};
use serde_json::Value;

type Es256Key = <Es256 as Algorithm>::VerifyingKey;
type Ed25519Key = <Ed25519 as Algorithm>::VerifyingKey;

/// Whether jwt-compact finds the token's signature true under the key; `None` where it has no opinion (ES384, ES512, a
/// token that it cannot parse, a key it cannot read).
///
/// It is laxer than the filter about everything but the signature: it ignores `crit` and keeps the last of duplicate members.
pub fn oracle(jwk: &Value, token: &str) -> Option<bool> {
    let text = material(jwk).to_string();
    let key: JsonWebKey<'_> = serde_json::from_str(&text).ok()?;
    let token = UntrustedToken::new(token).ok()?;
    match token.algorithm() {
        name @ ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512") => {
            Some(holds(&Rsa::with_name(name), &RsaPublicKey::try_from(&key).ok()?, &token))
        }
        "ES256" => Some(holds(&Es256, &Es256Key::try_from(&key).ok()?, &token)),
        "EdDSA" => Some(holds(&Ed25519, &Ed25519Key::try_from(&key).ok()?, &token)),
        "HS256" => Some(holds(&Hs256, &Hs256Key::try_from(&key).ok()?, &token)),
        "HS384" => Some(holds(&Hs384, &Hs384Key::try_from(&key).ok()?, &token)),
        "HS512" => Some(holds(&Hs512, &Hs512Key::try_from(&key).ok()?, &token)),
        _ => None,
    }
}

fn holds<A: Algorithm>(algorithm: &A, key: &A::VerifyingKey, token: &UntrustedToken<'_>) -> bool {
    algorithm.validator::<Value>(key).validate(token).is_ok()
}

/// The members that make up the key, without `kid`, `alg`, `use` and the like.
fn material(jwk: &Value) -> Value {
    let members = ["kty", "crv", "x", "y", "n", "e", "k"];
    let present = members.into_iter().filter_map(|name| Some((name.to_owned(), jwk.get(name)?.clone())));
    Value::Object(present.collect())
}
