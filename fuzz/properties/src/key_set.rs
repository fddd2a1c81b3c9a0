//! The key set.

use crate::json::Json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimgate_core::algorithm::{Algorithm, Algorithms};
use claimgate_core::jwk::{Admission, Origin};
use claimgate_core::keyset::{Choice, KeySet, MAX_KEYS, MAX_TRIED};
use claimgate_signatures::{Backend, Hash, Scheme};
use std::collections::BTreeSet;

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
    // Of entries that publish the same key one is taken, and the others are not counted.
    assert!(set.count() + skipped <= keys.len(), "no key is taken or counted twice");
    let identities: BTreeSet<_> = keys.iter().map(identity).collect();
    assert!(set.count() + skipped >= identities.len(), "each key is taken or counted");
    assert!((1..=MAX_KEYS).contains(&set.count()));
    let kids: BTreeSet<&str> = keys.iter().filter_map(|key| text(key, "kid")).filter(|kid| set.has_kid(kid)).collect();
    for kid in kids {
        let entries: Vec<&Json> = keys.iter().filter(|key| text(key, "kid") == Some(kid)).collect();
        named(&entries, &admission, &set, kid);
    }
    for algorithm in Algorithms::all().iter() {
        if let Choice::Try(found) = set.choose(algorithm, None, None) {
            assert!(found[0].is_some() && admission.algorithms.iter().count() > 0);
            may_verify(algorithm, &admission);
        }
    }
}

fn text<'a>(key: &'a Json, name: &str) -> Option<&'a str> {
    key.member(name).and_then(Json::text)
}

/// A member's octets without leading zeros; nothing where it is not base64url.
fn number(key: &Json, name: &str) -> Option<Vec<u8>> {
    let octets = URL_SAFE_NO_PAD.decode(text(key, name)?).ok()?;
    Some(octets.into_iter().skip_while(|octet| *octet == 0).collect())
}

/// The `kid`, `issuer` and `kty` of an entry, and the numbers of its key.
type Identity<'k> = ([Option<&'k str>; 3], Vec<Option<Vec<u8>>>);

/// What two entries have in common if they publish the same key under the same name.
fn identity(key: &Json) -> Identity<'_> {
    let kty = text(key, "kty");
    let material: &[&str] = match kty {
        Some("RSA") => &["n", "e"],
        Some("oct") => &["k"],
        _ => &["x", "y"],
    };
    // Ed25519 has no y.
    let material = if text(key, "crv") == Some("Ed25519") { &material[..1] } else { material };
    ([text(key, "kid"), text(key, "issuer"), kty], material.iter().map(|name| number(key, name)).collect())
}

fn may_verify(algorithm: Algorithm, admission: &Admission) {
    assert!(!algorithm.is_symmetric() || admission.origin == Origin::Inline, "no secret comes over the network");
}

/// The keys of one `kid`: no token is tried with more of them than an independent reading finds fit.
fn named(entries: &[&Json], admission: &Admission, set: &KeySet, kid: &str) {
    let mut usable = false;
    for algorithm in Algorithms::all().iter() {
        let Choice::Try(found) = set.choose(algorithm, Some(kid), None) else { continue };
        usable = true;
        may_verify(algorithm, admission);
        let fitting: BTreeSet<_> =
            entries.iter().filter(|key| fits(key, algorithm, admission)).map(|key| identity(key)).collect();
        let found = found.iter().flatten().count();
        assert!((1..=fitting.len().min(MAX_TRIED)).contains(&found), "{algorithm:?}: {found} of {}", fitting.len());
        assert!(!algorithm.is_symmetric() || found == 1, "secrets are never tried in turn");
    }
    assert!(usable, "a key that was taken verifies something");
}

/// Whether a key may be admitted for an algorithm, read independently.
fn fits(key: &Json, algorithm: Algorithm, admission: &Admission) -> bool {
    let present = |name: &str| key.member(name).filter(|value| **value != Json::Word("null".to_owned()));
    let kty = text(key, "kty").unwrap_or_default();
    let curve = (kty, text(key, "crv").unwrap_or_default());
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth"].into_iter().any(|name| present(name).is_some());
    let leaks = private || (kty != "oct" && present("k").is_some());
    let purpose = text(key, "use").is_none_or(|purpose| purpose == "sig" || purpose.eq_ignore_ascii_case("jwt-svid"));
    let verifies = |operations: &Json| operations.elements().iter().any(|operation| operation.text() == Some("verify"));
    let binds = text(key, "alg")
        .is_none_or(|name| Algorithm::named(name) == Some(algorithm) && admission.algorithms.contains(algorithm));
    let sound = match algorithm.scheme() {
        Scheme::RsaPkcs1(_) | Scheme::RsaPss(_) => kty == "RSA" && sound_rsa(key),
        Scheme::EcdsaP256 => curve == ("EC", "P-256"),
        Scheme::EcdsaP384 => curve == ("EC", "P-384"),
        Scheme::EcdsaP521 => curve == ("EC", "P-521"),
        Scheme::Ed25519 => curve == ("OKP", "Ed25519"),
        Scheme::Hmac(hash) => {
            let secret = text(key, "k").and_then(|secret| URL_SAFE_NO_PAD.decode(secret).ok()).unwrap_or_default();
            kty == "oct" && admission.origin == Origin::Inline && secret.len() >= length(hash)
        }
    };
    !leaks && purpose && present("key_ops").is_none_or(verifies) && binds && sound
}

fn length(hash: Hash) -> usize {
    match hash {
        Hash::Sha256 => 32,
        Hash::Sha384 => 48,
        Hash::Sha512 => 64,
    }
}

fn sound_rsa(key: &Json) -> bool {
    let (Some(modulus), Some(exponent)) = (number(key, "n"), number(key, "e")) else { return false };
    let (Some(first), Some(last)) = (modulus.first(), modulus.last()) else { return false };
    let bits = modulus.len() * 8 - first.leading_zeros() as usize;
    let odd = last % 2 == 1;
    let small = exponent.len() <= 4;
    let exponent = exponent.iter().fold(0u64, |sum, octet| sum << 8 | u64::from(*octet));
    (2048..=8192).contains(&bits) && odd && small && exponent % 2 == 1 && exponent >= 3
}
