//! The examples of RFC 7515 (appendices A and E), RFC 7517 (A), RFC 7520 (section 4) and RFC 8037 (A), by both back ends
//! natively and by each code that the module has. Each vector is shown to be copied right by another library.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use claimgate_core::algorithm::Algorithms;
use claimgate_core::keyset::{Admission, Choice, KeySet, KeySetError, Origin, SkipReason};
use claimgate_core::refusal::Reason;
use claimgate_core::token::Jws;
use claimgate_core::verify::{OwnCode, Verifier as _};
use claimgate_signatures::Backend;
use jsonwebtoken::{DecodingKey, jwk::Jwk};
use num_bigint::BigUint;
use p521::ecdsa::signature::Verifier as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::layer::{CODES, Layer};
use crate::rfc_vectors::*;

/// What an example gives, in what form, under which key, and why not where it is refused.
struct Example {
    name: &'static str,
    key: &'static str,
    token: String,
    verdict: Result<(), (Reason, &'static str)>,
}

fn compact([header, signature]: [&str; 2], payload: &str) -> String {
    format!("{header}.{payload}.{signature}")
}

fn flattened([header, signature]: [&str; 2], payload: &str) -> String {
    json!({"payload": payload, "protected": header, "signature": signature}).to_string()
}

const COMPACT_ONLY: (Reason, &str) = (
    Reason::TokenMalformed,
    "a JWT is in compact serialization (RFC 7519 section 3); JSON serializations are no token",
);

fn examples() -> Vec<Example> {
    let example = |name, key, token: String, verdict| Example { name, key, token, verdict };
    let general = |signatures: &[[&str; 2]]| {
        let one = |[header, signature]: &[&str; 2]| json!({"protected": header, "signature": signature});
        json!({"payload": FRODO, "signatures": signatures.iter().map(one).collect::<Vec<_>>()}).to_string()
    };
    let unsigned = "`none` is no algorithm";
    let header_unprotected = (Reason::HeaderMalformed, "a header that is not signed is none");
    vec![
        example("RFC 7515 A.1", A1_SECRET, A1_TOKEN.to_owned(), Ok(())),
        example("RFC 7515 A.2", A2_KEY, A2_TOKEN.to_owned(), Ok(())),
        example("RFC 7515 A.3", A3_KEY, A3_TOKEN.to_owned(), Ok(())),
        example("RFC 7515 A.4", A4_KEY, A4_TOKEN.to_owned(), Ok(())),
        example("RFC 7515 A.5", A2_KEY, A5_TOKEN.to_owned(), Err((Reason::AlgorithmUnknown, unsigned))),
        example("RFC 7515 A.6", A3_KEY, general(&[RS256, ES512]), Err(COMPACT_ONLY)),
        example("RFC 7515 A.7", A3_KEY, flattened(RS256, FRODO), Err(COMPACT_ONLY)),
        example(
            "RFC 7515 E",
            A2_KEY,
            E_TOKEN.to_owned(),
            Err((Reason::HeaderUnsupported, "an extension that is critical and not understood")),
        ),
        example("RFC 7517 A.3", SYMMETRIC_KEYS, A1_TOKEN.to_owned(), Ok(())),
        example("RFC 7520 4.1", BILBO_RSA, compact(RS256, FRODO), Ok(())),
        example("RFC 7520 4.1, flattened", BILBO_RSA, flattened(RS256, FRODO), Err(COMPACT_ONLY)),
        example("RFC 7520 4.2", BILBO_RSA, compact(PS384, FRODO), Ok(())),
        example("RFC 7520 4.2, flattened", BILBO_RSA, flattened(PS384, FRODO), Err(COMPACT_ONLY)),
        example("RFC 7520 4.3", BILBO_EC, compact(ES512, FRODO), Ok(())),
        example("RFC 7520 4.3, flattened", BILBO_EC, flattened(ES512, FRODO), Err(COMPACT_ONLY)),
        example("RFC 7520 4.4", MAC_SECRET, compact(HS256, FRODO), Ok(())),
        example(
            "RFC 7520 4.5",
            MAC_SECRET,
            compact(HS256, ""),
            Err((Reason::SignatureInvalid, "what is signed is not in the token")),
        ),
        example("RFC 7520 4.6, compact", MAC_SECRET, compact(HS256_PARTLY, FRODO), Ok(())),
        example("RFC 7520 4.6", MAC_SECRET, flattened(HS256_PARTLY, FRODO), Err(COMPACT_ONLY)),
        example("RFC 7520 4.7, compact", MAC_SECRET, compact(HS256_CONTENT_ONLY, FRODO), Err(header_unprotected)),
        example("RFC 7520 4.7", MAC_SECRET, flattened(HS256_CONTENT_ONLY, FRODO), Err(COMPACT_ONLY)),
        example("RFC 7520 4.8, first", BILBO_RSA, compact(FIRST_OF_THREE, FRODO), Ok(())),
        example("RFC 7520 4.8, second", BILBO_EC, compact(SECOND_OF_THREE, FRODO), Err(header_unprotected)),
        example("RFC 7520 4.8", BILBO_RSA, general(&[FIRST_OF_THREE, SECOND_OF_THREE, HS256]), Err(COMPACT_ONLY)),
        example("RFC 8037 A.4", ED25519_KEY, ED25519_TOKEN.to_owned(), Ok(())),
    ]
}

/// A key as a set of one; a set as it is.
fn set_of(key: &str) -> Value {
    let key: Value = serde_json::from_str(key).expect("JSON");
    if key.get("keys").is_some() { key } else { json!({"keys": [key]}) }
}

fn admit(keys: &Value, origin: Origin, backend: Backend) -> Result<KeySet, KeySetError> {
    KeySet::parse(keys.to_string().as_bytes(), &Admission { algorithms: Algorithms::all(), origin, backend })
}

fn natively(example: &Example, backend: Backend) -> Result<(), Reason> {
    let keys = admit(&set_of(example.key), Origin::Inline, backend).expect("a key set");
    let jws = Jws::parse(example.token.as_bytes(), example.token.len())?;
    let algorithm = jws.header.algorithm();
    let Choice::Try(keys) = keys.choose(algorithm, jws.header.kid(), None) else { return Err(Reason::KeyUnknown) };
    let mut keys = keys.into_iter().flatten();
    let proven = keys.any(|key| OwnCode.verify(key, algorithm.scheme(), jws.signed, &jws.signature));
    if proven { Ok(()) } else { Err(Reason::SignatureInvalid) }
}

#[test]
fn the_rfcs_examples_are_judged_alike_by_both_back_ends_and_by_the_module() {
    let examples = examples();
    for example in &examples {
        let expected = example.verdict.map_err(|(reason, _)| reason);
        for backend in [Backend::Own, Backend::Library] {
            assert_eq!(natively(example, backend), expected, "{} {backend:?}", example.name);
        }
        for code in CODES {
            let mut layer = Layer::new(code, &set_of(example.key)).expect("a key set");
            let expected = expected.map_err(|reason| reason.label().to_owned());
            assert_eq!(layer.jws(&example.token), expected, "{} {code}", example.name);
        }
    }
    let refused = examples.iter().filter(|example| example.verdict.is_err()).count();
    println!("RFC examples: {}, of which refused with a reason {refused}; 2 back ends, 3 codes", examples.len());
}

#[test]
fn another_library_finds_the_same_examples_true() {
    let mut true_ones = 0;
    for example in examples() {
        let Ok(jws) = Jws::parse(example.token.as_bytes(), example.token.len()) else { continue };
        let keys = set_of(example.key)["keys"].as_array().expect("a list").clone();
        let holds = keys.iter().any(|key| elsewhere(key, jws.header.algorithm().name(), jws.signed, &jws.signature));
        assert_eq!(holds, example.verdict.is_ok(), "{}", example.name);
        true_ones += usize::from(holds);
    }
    assert_eq!(true_ones, 12);
}

/// By aws-lc, and on P-521 by the p521 crate.
fn elsewhere(key: &Value, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    if algorithm == "ES512" {
        let point = [vec![4], octets(&key["x"]), octets(&key["y"])].concat();
        let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(&point).expect("a point");
        return key.verify(message, &p521::ecdsa::Signature::from_slice(signature).expect("two numbers")).is_ok();
    }
    let jwk: Jwk = serde_json::from_value(key.clone()).expect("a key");
    let key = DecodingKey::from_jwk(&jwk).expect("a key");
    let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
    let algorithm = algorithm.parse().expect("an algorithm");
    jsonwebtoken::crypto::verify(&signature, message, &key, algorithm).unwrap_or(false)
}

fn octets(text: &Value) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text.as_str().expect("a string")).expect("base64url")
}

#[test]
fn a_secret_is_never_taken_from_a_fetched_set() {
    for key in [A1_SECRET, MAC_SECRET, SYMMETRIC_KEYS] {
        assert_eq!(admit(&set_of(key), Origin::Remote, Backend::Own).err(), Some(KeySetError::NoUsableKey));
    }
    let one = admit(&set_of(SYMMETRIC_KEYS), Origin::Inline, Backend::Own).expect("a key set");
    assert_eq!(one.skipped(), [(SkipReason::Algorithm, 1)], "A128KW is for wrapping");
    assert!(one.has_kid("HMAC key used in JWS spec Appendix A.1 example"));
}

#[test]
fn of_rfc_7517s_public_keys_the_one_for_signatures_is_taken() {
    let keys = set_of(PUBLIC_KEYS);
    let rsa = &keys["keys"][1];
    // RFC 7638 section 3.1 prints this key's thumbprint.
    assert_eq!(thumbprint(rsa, &["e", "kty", "n"]), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    for backend in [Backend::Own, Backend::Library] {
        let set = admit(&keys, Origin::Remote, backend).expect("a key set");
        assert_eq!(set.skipped(), [(SkipReason::NotForVerification, 1)]);
        assert!(set.has_kid("2011-04-29") && !set.has_kid("1"));
        // The other is a point on its curve, and is refused for its purpose alone.
        let mut other = keys["keys"][0].clone();
        other["use"] = "sig".into();
        assert!(admit(&json!({"keys": [other]}), Origin::Remote, backend).is_ok());
    }
}

#[test]
fn rfc_7517s_private_keys_are_refused() {
    let mut keys = set_of(PUBLIC_KEYS);
    for (at, private) in PRIVATE_EXPONENTS.into_iter().enumerate() {
        keys["keys"][at]["d"] = private.into();
    }
    keys["keys"][0]["use"] = "sig".into();
    let number = |name: &str| BigUint::from_bytes_be(&octets(&keys["keys"][1][name]));
    let two = BigUint::from(2u8);
    assert_eq!(two.modpow(&number("e"), &number("n")).modpow(&number("d"), &number("n")), two);
    let secret = p256::ecdsa::SigningKey::from_slice(&octets(&keys["keys"][0]["d"])).expect("a scalar");
    let point = secret.verifying_key().to_sec1_point(false);
    assert_eq!(point.as_bytes()[1..33], octets(&keys["keys"][0]["x"]));
    for origin in [Origin::Inline, Origin::Remote] {
        assert_eq!(admit(&keys, origin, Backend::Own).err(), Some(KeySetError::NoUsableKey));
    }
}

#[test]
fn rfc_8037s_key_is_taken_without_its_private_part_and_not_for_agreement() {
    let keys = set_of(ED25519_KEY);
    // RFC 8037 section A.3 prints it.
    assert_eq!(thumbprint(&keys["keys"][0], &["crv", "kty", "x"]), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert!(admit(&keys, Origin::Remote, Backend::Own).is_ok());
    let mut private = keys.clone();
    private["keys"][0]["d"] = ED25519_SEED.into();
    for refused in [private, set_of(X25519_KEY)] {
        assert_eq!(admit(&refused, Origin::Remote, Backend::Own).err(), Some(KeySetError::NoUsableKey));
    }
}

/// RFC 7638: the members that make up the key, in the order of their names.
fn thumbprint(key: &Value, members: &[&str]) -> String {
    let members: Vec<String> = members.iter().map(|name| format!("\"{name}\":{}", key[name])).collect();
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{{{}}}", members.join(","))))
}
