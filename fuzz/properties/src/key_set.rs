//! The key set.

use crate::json::Json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimgate_core::algorithm::{Algorithm, Algorithms};
use claimgate_core::jwk::{Admission, Origin};
use claimgate_core::keyset::{Choice, KeySet, MAX_KEYS};
use claimgate_signatures::{Backend, Hash, Scheme};

/// The first two bytes say what is admitted, the rest is the document.
pub fn key_set(data: &[u8]) {
    let Some((&[low, high], body)) = data.split_first_chunk() else { return };
    let origin = if high & 0x80 == 0 { Origin::Inline } else { Origin::Remote };
    let backend = if high & 0x40 == 0 { Backend::Own } else { Backend::Library };
    let mask = u16::from_le_bytes([low, high]);
    let listed = Algorithms::all().iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0);
    let admission = Admission { algorithms: listed.map(|(_, algorithm)| algorithm).collect(), origin, backend };
    let Ok(set) = KeySet::parse(body, &admission) else { return };
    let document = Json::read(body).expect("a key set is JSON without repeated members");
    let keys = document.member("keys").expect("a key set has keys").elements();
    let skipped: usize = set.skipped().iter().map(|(_, count)| *count as usize).sum();
    assert_eq!(set.count() + skipped, keys.len(), "each key is taken or counted");
    assert!((1..=MAX_KEYS).contains(&set.count()));
    let kid = |key: &Json| key.member("kid").and_then(Json::text).map(str::to_owned);
    for key in keys {
        let Some(kid) = kid(key).filter(|kid| set.has_kid(kid)) else { continue };
        assert_eq!(keys.iter().filter(|other| self::kid(other) == Some(&kid)).count(), 1, "a kid names one key");
        admitted(key, &admission, &set, &kid);
    }
    for algorithm in Algorithms::all().iter() {
        if let Choice::Try(found) = set.choose(algorithm, None, None) {
            assert!(found[0].is_some() && admission.algorithms.iter().count() > 0);
            may_verify(algorithm, &admission);
        }
    }
}

fn kid(key: &Json) -> Option<&str> {
    key.member("kid").and_then(Json::text)
}

fn may_verify(algorithm: Algorithm, admission: &Admission) {
    assert!(!algorithm.is_symmetric() || admission.origin == Origin::Inline, "no secret comes over the network");
}

/// A key that was admitted, read independently.
fn admitted(key: &Json, admission: &Admission, set: &KeySet, kid: &str) {
    let text = |name: &str| key.member(name).and_then(Json::text);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name).unwrap_or_default()).expect("base64url");
    let kty = text("kty").expect("kty");
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        assert!(key.member(private).is_none(), "a private key");
    }
    assert!(text("use").is_none_or(|purpose| purpose == "sig" || purpose.eq_ignore_ascii_case("jwt-svid")));
    let verifies = |operations: &Json| operations.elements().iter().any(|operation| operation.text() == Some("verify"));
    assert!(key.member("key_ops").is_none_or(verifies));
    let named = text("alg").map(|name| Algorithm::named(name).expect("a known algorithm"));
    assert!(named.is_none_or(|algorithm| admission.algorithms.contains(algorithm)));
    for algorithm in Algorithms::all().iter() {
        let Choice::Try(found) = set.choose(algorithm, Some(kid), None) else { continue };
        assert_eq!(found.iter().flatten().count(), 1);
        assert!(named.is_none_or(|named| named == algorithm), "a key's alg binds it");
        may_verify(algorithm, admission);
        let fitting = match algorithm.scheme() {
            Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => kty == "RSA",
            Scheme::EcdsaP256 => (kty, text("crv")) == ("EC", Some("P-256")),
            Scheme::EcdsaP384 => (kty, text("crv")) == ("EC", Some("P-384")),
            Scheme::EcdsaP521 => (kty, text("crv")) == ("EC", Some("P-521")),
            Scheme::Ed25519 => (kty, text("crv")) == ("OKP", Some("Ed25519")),
            Scheme::Hmac(hash) => kty == "oct" && bytes("k").len() >= length(hash),
        };
        assert!(fitting, "{algorithm:?} with a key of type {kty}");
    }
    match kty {
        "RSA" => sound_rsa(&bytes("n"), &bytes("e")),
        "oct" => {
            assert_eq!(admission.origin, Origin::Inline);
            assert!(bytes("k").len() >= 32, "RFC 7518 section 3.2");
        }
        _ => {}
    }
}

fn length(hash: Hash) -> usize {
    match hash {
        Hash::Sha256 => 32,
        Hash::Sha384 => 48,
        Hash::Sha512 => 64,
    }
}

fn sound_rsa(modulus: &[u8], exponent: &[u8]) {
    let significant = |bytes: &[u8]| bytes.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
    let (modulus, exponent) = (significant(modulus), significant(exponent));
    let bits = modulus.len() * 8 - modulus[0].leading_zeros() as usize;
    assert!((2048..=8192).contains(&bits), "{bits} bits");
    assert!(modulus[modulus.len() - 1] % 2 == 1, "an even modulus");
    let exponent = exponent.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    assert!(exponent % 2 == 1 && (3..1 << 32).contains(&exponent), "e = {exponent}");
}
