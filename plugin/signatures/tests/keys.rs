//! What holds for every key: it fits its own schemes only, shows no material, and nothing makes it panic.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails"
)]

use claimgate_signatures::{Backend, Hash, Key, KeyError, Scheme, ecdsa_der};
use hmac::{KeyInit, Mac};
use rand::{Rng, RngExt, SeedableRng, rngs::ChaCha8Rng};

const SCHEMES: [Scheme; 13] = [
    Scheme::RsaPkcs1(Hash::Sha256),
    Scheme::RsaPkcs1(Hash::Sha384),
    Scheme::RsaPkcs1(Hash::Sha512),
    Scheme::RsaPss(Hash::Sha256),
    Scheme::RsaPss(Hash::Sha384),
    Scheme::RsaPss(Hash::Sha512),
    Scheme::EcdsaP256,
    Scheme::EcdsaP384,
    Scheme::EcdsaP521,
    Scheme::Ed25519,
    Scheme::Hmac(Hash::Sha256),
    Scheme::Hmac(Hash::Sha384),
    Scheme::Hmac(Hash::Sha512),
];

fn modulus() -> Vec<u8> {
    let mut modulus = vec![0xc5; 256];
    modulus[255] = 0x9b;
    modulus
}

macro_rules! generator {
    ($curve:ident, $backend:expr) => {{
        let mut secret = $curve::FieldBytes::default();
        *secret.last_mut().unwrap() = 1;
        let point = $curve::ecdsa::SigningKey::from_bytes(&secret).unwrap().verifying_key().to_sec1_point(false);
        Key::$curve(point.x().unwrap(), point.y().unwrap(), $backend).unwrap()
    }};
}

/// One key of every type, its name, and the schemes above that it fits.
fn keys(backend: Backend) -> Vec<(Key, &'static str, std::ops::Range<usize>)> {
    let ed25519 = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key();
    vec![
        (Key::rsa(&modulus(), &[1, 0, 1], backend).unwrap(), "Key::Rsa", 0..6),
        (generator!(p256, backend), "Key::P256", 6..7),
        (generator!(p384, backend), "Key::P384", 7..8),
        (generator!(p521, backend), "Key::P521", 8..9),
        (Key::ed25519(ed25519.as_bytes(), backend).unwrap(), "Key::Ed25519", 9..10),
        (Key::hmac(&[0xab; 64]).unwrap(), "Key::Hmac", 10..13),
        (Key::hmac(&[0xab; 32]).unwrap(), "Key::Hmac", 10..11),
        (Key::hmac(&[0xab]).unwrap(), "Key::Hmac", 0..0),
    ]
}

#[test]
fn a_key_fits_the_schemes_of_its_type_and_curve_only() {
    for (key, _, fitting) in keys(Backend::Own).into_iter().chain(keys(Backend::Library)) {
        for (index, scheme) in SCHEMES.into_iter().enumerate() {
            assert_eq!(key.fits(scheme), fitting.contains(&index), "{key:?} {scheme:?}");
        }
    }
}

#[test]
fn debug_names_the_type_and_shows_no_material() {
    keys(Backend::Own).into_iter().for_each(|(key, name, _)| assert_eq!(format!("{key:?}"), name));
}

#[test]
fn a_short_secret_does_not_verify_its_own_tag() {
    let tag = hmac::Hmac::<sha2::Sha256>::new_from_slice(&[0xab; 31]).unwrap().chain_update(b"message").finalize();
    assert!(!Key::hmac(&[0xab; 31]).unwrap().verify(Scheme::Hmac(Hash::Sha256), b"message", &tag.into_bytes()));
}

#[test]
fn every_refusal_has_its_own_sentence() {
    use KeyError::*;
    let refusals = [
        ModulusTooShort,
        ModulusTooLong,
        ModulusEven,
        ModulusRoca,
        ExponentTooSmall,
        ExponentTooLarge,
        ExponentEven,
        CoordinateLength,
        CoordinateRange,
        NotOnCurve,
        EncodingLength,
        NotAPoint,
        NotCanonical,
        SmallOrder,
        SecretEmpty,
    ];
    let sentences = refusals.map(|refusal| refusal.to_string());
    let distinct = sentences.iter().collect::<std::collections::HashSet<_>>();
    assert_eq!(distinct.len(), refusals.len());
}

#[test]
fn nothing_panics_whatever_the_octets() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut octets = |length: usize| {
        let mut octets = vec![0; length];
        random.fill_bytes(&mut octets);
        match random.random_range(0..4) {
            0 => octets.fill(0),
            1 => octets.fill(0xff),
            _ => {}
        }
        octets
    };
    for backend in [Backend::Own, Backend::Library] {
        for length in (0..140).chain([255, 256, 257, 1024, 1025, 4000]) {
            let (x, y) = (octets(length), octets(length));
            let admitted = [Key::rsa(&x, &y, backend), Key::p256(&x, &y, backend), Key::p384(&x, &y, backend)];
            let others = [Key::p521(&x, &y, backend), Key::ed25519(&x, backend), Key::hmac(&x)];
            assert!(admitted.into_iter().chain(others).flatten().all(|key| !key.verify(Scheme::EcdsaP256, &x, &y)));
            assert_eq!(ecdsa_der(&x).is_some(), [64, 96, 132].contains(&length));
        }
        for (key, _, _) in keys(backend) {
            for scheme in SCHEMES {
                for length in [0, 1, 31, 32, 48, 63, 64, 65, 96, 132, 133, 255, 256, 257, 1024] {
                    assert!(!key.verify(scheme, b"message", &octets(length)), "{key:?} {scheme:?} {length}");
                }
            }
        }
    }
}
