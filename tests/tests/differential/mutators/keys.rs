//! What a published key may say of itself. The token is good, and signed by the key that is spoiled; the keys beside it stay.

use claimgate_tests::{Algorithm, RsaSize, SigningKey};
use serde_json::{Value, json};

use super::Mutator;
use crate::draft::{encoded, key};

const ES256: &[Algorithm] = &[Algorithm::Es256];
const EDDSA: &[Algorithm] = &[Algorithm::EdDsa];
const RS256: &[Algorithm] = &[Algorithm::Rs256];

pub(super) const ALL: &[Mutator] = &[
    Mutator::keys("key for encryption", ES256, |keys| set(keys, ES256, "use", json!("enc"))),
    Mutator::keys("key of unknown use", ES256, |keys| set(keys, ES256, "use", json!("tls"))),
    Mutator::keys("key use of another type", ES256, |keys| set(keys, ES256, "use", json!(["sig"]))),
    Mutator::keys("key without use", ES256, |keys| take(keys, ES256, "use")),
    Mutator::keys("key for signing only", ES256, |keys| set(keys, ES256, "key_ops", json!(["sign"]))),
    Mutator::keys("key for verifying", ES256, |keys| set(keys, ES256, "key_ops", json!(["verify"]))),
    Mutator::keys("key for nothing", ES256, |keys| set(keys, ES256, "key_ops", json!([]))),
    Mutator::keys("key for verifying twice", ES256, |keys| set(keys, ES256, "key_ops", json!(["verify", "verify"]))),
    Mutator::keys("key for verifying and wrapping", ES256, |keys| {
        set(keys, ES256, "key_ops", json!(["verify", "wrapKey"]));
    }),
    Mutator::keys("key operations no list", ES256, |keys| set(keys, ES256, "key_ops", json!("verify"))),
    Mutator::keys("key of another algorithm", RS256, |keys| set(keys, RS256, "alg", json!("RS512"))),
    Mutator::keys("key of an unknown algorithm", RS256, |keys| set(keys, RS256, "alg", json!("RSA-OAEP"))),
    Mutator::keys("key algorithm misspelled", RS256, |keys| set(keys, RS256, "alg", json!("rs256"))),
    Mutator::keys("key algorithm of another type", RS256, |keys| set(keys, RS256, "alg", json!(256))),
    Mutator::keys("key without algorithm", RS256, |keys| take(keys, RS256, "alg")),
    Mutator::keys("key of another curve", ES256, |keys| set(keys, ES256, "crv", json!("P-384"))),
    Mutator::keys("key of an unknown curve", ES256, |keys| set(keys, ES256, "crv", json!("secp256k1"))),
    Mutator::keys("key without curve", ES256, |keys| take(keys, ES256, "crv")),
    Mutator::keys("key for agreement", EDDSA, |keys| set(keys, EDDSA, "crv", json!("X25519"))),
    Mutator::keys("key of another type", ES256, |keys| set(keys, ES256, "kty", json!("RSA"))),
    Mutator::keys("key type misspelled", ES256, |keys| set(keys, ES256, "kty", json!("ec"))),
    Mutator::keys("key without type", ES256, |keys| take(keys, ES256, "kty")),
    Mutator::keys("key off the curve", ES256, |keys| {
        spoil(keys, ES256, |jwk| jwk["y"] = jwk["x"].clone());
    }),
    Mutator::keys("key coordinate with a zero in front", ES256, |keys| {
        spoil(keys, ES256, |jwk| jwk["x"] = encoded(&[&[0], octets(&jwk["x"]).as_slice()].concat()).into());
    }),
    Mutator::keys("key coordinate cut short", ES256, |keys| {
        spoil(keys, ES256, |jwk| jwk["x"] = encoded(&octets(&jwk["x"])[1..]).into());
    }),
    Mutator::keys("key coordinate in hexadecimal", ES256, |keys| {
        spoil(keys, ES256, |jwk| {
            let hex: String = octets(&jwk["x"]).iter().map(|byte| format!("{byte:02x}")).collect();
            jwk["x"] = hex.into();
        });
    }),
    Mutator::keys("key material padded", RS256, |keys| {
        spoil(keys, RS256, |jwk| jwk["n"] = format!("{}==", jwk["n"].as_str().unwrap_or_default()).into());
    }),
    Mutator::keys("key material with loose last bits", ES256, |keys| {
        spoil(keys, ES256, |jwk| {
            let own = jwk["x"].as_str().unwrap_or_default().to_owned();
            let last = own.chars().last().map(|last| char::from_u32(u32::from(last) + 1).unwrap_or(last));
            jwk["x"] = format!("{}{}", &own[..own.len() - 1], last.unwrap_or_default()).into();
        });
    }),
    Mutator::keys("key with its private part", EDDSA, |keys| set(keys, EDDSA, "d", json!(encoded(&[7; 32])))),
    Mutator::keys("key of small order", EDDSA, |keys| {
        let mut identity = [0; 32];
        identity[0] = 1;
        set(keys, EDDSA, "x", json!(encoded(&identity)));
    }),
    Mutator::keys("key of 1024 bits", RS256, |keys| {
        let small = SigningKey::rsa(Algorithm::Rs256, RsaSize::Bits1024).jwk_material();
        spoil(keys, RS256, |jwk| jwk["n"] = small["n"].clone());
    }),
    Mutator::keys("key modulus with a zero in front", RS256, |keys| {
        spoil(keys, RS256, |jwk| jwk["n"] = encoded(&[&[0], octets(&jwk["n"]).as_slice()].concat()).into());
    }),
    Mutator::keys("key exponent even", RS256, |keys| set(keys, RS256, "e", json!(encoded(&[1, 0, 0])))),
    Mutator::keys("key exponent one", RS256, |keys| set(keys, RS256, "e", json!(encoded(&[1])))),
    Mutator::keys("key exponent with a zero in front", RS256, |keys| {
        set(keys, RS256, "e", json!(encoded(&[0, 1, 0, 1])))
    }),
    Mutator::keys("key without kid", ES256, |keys| take(keys, ES256, "kid")),
    Mutator::keys("key kid of another type", ES256, |keys| set(keys, ES256, "kid", json!(0))),
    Mutator::keys("key kid null", ES256, |keys| set(keys, ES256, "kid", json!(null))),
    Mutator::keys("key twice", ES256, |keys| keys.push(keys[at(Algorithm::Es256)].clone())),
    Mutator::keys("a stranger's key under its kid, behind", ES256, |keys| keys.push(stranger())),
    Mutator::keys("a stranger's key under its kid, in front", ES256, |keys| keys.insert(0, stranger())),
    Mutator::keys("another kind of key under its kid", ES256, |keys| {
        keys.push(key(Algorithm::EdDsa, 1).clone().with_kid(key(Algorithm::Es256, 0).kid()).jwk().to_string());
    }),
    Mutator::keys("keys in the other order", &[], |keys| keys.reverse()),
    Mutator::keys("a secret among the keys", &[], |keys| {
        keys.insert(0, key(Algorithm::Hs256, 0).jwk().to_string());
    }),
    Mutator::keys("a key of a type to come", &[], |keys| {
        keys.insert(0, json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AA"}).to_string());
    }),
    Mutator::keys("no key among the keys", &[], |keys| keys.insert(0, "null".to_owned())),
    Mutator::keys("an empty key among the keys", &[], |keys| keys.insert(0, "{}".to_owned())),
    Mutator::keys("a member twice in a key", ES256, |keys| {
        let own = &mut keys[at(Algorithm::Es256)];
        own.insert_str(1, "\"use\":\"enc\",");
    }),
    Mutator::keys("key members of no meaning", ES256, |keys| {
        set(keys, ES256, "x5t", json!("abc"));
        set(keys, ES256, "ext", json!(true));
    }),
];

/// The place of an algorithm's key.
fn at(algorithm: Algorithm) -> usize {
    crate::draft::PUBLIC.iter().position(|own| *own == algorithm).expect("a public key")
}

/// Changes the key that signs.
fn spoil(keys: &mut [String], signers: &[Algorithm], change: impl FnOnce(&mut Value)) {
    let text = &mut keys[at(signers[0])];
    let mut jwk: Value = serde_json::from_str(text).expect("a key");
    change(&mut jwk);
    *text = jwk.to_string();
}

fn set(keys: &mut [String], signers: &[Algorithm], name: &str, value: Value) {
    spoil(keys, signers, |jwk| jwk[name] = value);
}

fn take(keys: &mut [String], signers: &[Algorithm], name: &str) {
    spoil(keys, signers, |jwk| drop(jwk.as_object_mut().expect("an object").remove(name)));
}

fn stranger() -> String {
    key(Algorithm::Es256, 1).clone().with_kid(key(Algorithm::Es256, 0).kid()).jwk().to_string()
}

fn octets(text: &Value) -> Vec<u8> {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    BASE64_URL_SAFE_NO_PAD.decode(text.as_str().unwrap_or_default()).expect("base64url")
}
