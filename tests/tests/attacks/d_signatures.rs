//! D: signatures. The primitive vectors of Wycheproof run elsewhere; these are about what surrounds them.

use crate::fixture::*;
use crate::forge::{bytes, der, der_integer, number, sha256, sha512};
use crate::stage::*;
use claimgate_tests::{Algorithm, Token};
use num_bigint::BigUint;
use serde_json::json;

/// The three curves: algorithm, order, bytes of a coordinate.
fn curves() -> [(Algorithm, BigUint, usize); 3] {
    [
        (Algorithm::Es256, number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"), 32),
        (
            Algorithm::Es384,
            number("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"),
            48,
        ),
        (
            Algorithm::Es512,
            number(&format!("01{}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", "f".repeat(64))),
            66,
        ),
    ]
}

pub(crate) fn ring() -> Stage {
    Stage::new(&config_with_keys(asymmetric().map(|algorithm| key(algorithm).jwk())))
}

/// The good token of this algorithm with other signature bytes.
pub(crate) fn signed_with(algorithm: Algorithm, signature: impl AsRef<[u8]>) -> String {
    Token::parse(&key(algorithm).token(&claims())).signature(signature).text()
}

pub(crate) fn signature(algorithm: Algorithm) -> (String, Vec<u8>) {
    let good = key(algorithm).token(&claims());
    let signature = Token::parse(&good).signature;
    (good, signature)
}

pub(crate) fn refuse(stage: &mut Stage, algorithm: Algorithm, what: &str, changed: impl AsRef<[u8]>) {
    let what = format!("{} {what}", algorithm.name());
    stage.refuses(&what, orders(signed_with(algorithm, changed)), R401, "signature_invalid");
}

#[test]
fn d01_one_flipped_bit_anywhere_in_a_signature_is_refused() {
    let mut stage = ring();
    for algorithm in asymmetric() {
        let good = Token::parse(&key(algorithm).token(&claims()));
        for bit in 0..good.signature.len() * 8 {
            let what = format!("{} bit {bit}", algorithm.name());
            stage.refuses(&what, orders(good.clone().flip_signature_bit(bit).text()), R401, "signature_invalid");
        }
        stage.admits(algorithm.name(), orders(good.text()));
    }
}

#[test]
fn d02_a_signature_of_another_length_is_refused() {
    let mut stage = ring();
    for algorithm in asymmetric() {
        let (good, own) = signature(algorithm);
        for length in 1..own.len() {
            let what = format!("{} cut to {length}", algorithm.name());
            let token = Token::parse(&good).signature(&own[..length]).text();
            stage.refuses(&what, orders(token), R401, "signature_invalid");
        }
        for longer in [
            [&[0], own.as_slice()].concat(),
            [&own, &[0][..]].concat(),
            [&own, &[1][..]].concat(),
            [own.clone(), own.clone()].concat(),
        ] {
            let token = Token::parse(&good).signature(longer).text();
            stage.refuses(algorithm.name(), orders(token), R401, "signature_invalid");
        }
        let none = Token::parse(&good).signature([]).text();
        stage.refuses("no signature", orders(none), R401, "token_malformed");
    }
}

#[test]
fn d03_one_changed_byte_anywhere_in_what_is_signed_is_refused() {
    let mut stage = ring();
    for algorithm in asymmetric() {
        let good = key(algorithm).token(&claims());
        let signed = good.rfind('.').unwrap_or_default();
        for at in 0..signed {
            let mut changed = good.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let seen = stage.send("changed", orders(&changed));
            assert_eq!(seen.outcome.status(), Some(401), "{} at {at}", algorithm.name());
        }
    }
}

#[test]
fn d04_psychic_signatures_are_refused() {
    let mut stage = ring();
    for (algorithm, order, size) in curves() {
        let special = [BigUint::ZERO, BigUint::from(1u8), &order - 1u8, order.clone()];
        for r in &special {
            for s in &special {
                refuse(&mut stage, algorithm, "psychic", [bytes(r, size), bytes(s, size)].concat());
            }
        }
    }
}

#[test]
fn d05_scalars_beyond_the_order_are_refused() {
    let mut stage = ring();
    for (algorithm, order, size) in curves() {
        let own = signature(algorithm).1;
        let [r, s] = [&own[..size], &own[size..]].map(BigUint::from_bytes_be);
        let limit = BigUint::from(1u8) << (8 * size);
        let most = &limit - 1u8;
        let beyond = [order.clone(), &order + 1u8, most];
        for value in &beyond {
            refuse(&mut stage, algorithm, "r beyond", [bytes(value, size), bytes(&s, size)].concat());
            refuse(&mut stage, algorithm, "s beyond", [bytes(&r, size), bytes(value, size)].concat());
        }
        // The same scalars modulo the order: they fit only P-521's 528 bits.
        for (r, s) in
            [(&r + &order, s.clone()), (r.clone(), &s + &order)].into_iter().filter(|(r, s)| *r < limit && *s < limit)
        {
            refuse(&mut stage, algorithm, "plus the order", [bytes(&r, size), bytes(&s, size)].concat());
        }
    }
}

#[test]
fn d06_der_is_refused() {
    let mut stage = ring();
    for (algorithm, _, size) in curves() {
        let own = signature(algorithm).1;
        let sequence = der(0x30, &[der_integer(&own[..size]), der_integer(&own[size..])].concat());
        refuse(&mut stage, algorithm, "DER", &sequence);
        let padded = [sequence, vec![0; 2 * size]].concat();
        refuse(&mut stage, algorithm, "DER with zeros behind", &padded[..2 * size]);
    }
}

#[test]
fn d07_the_other_s_is_the_same_identity_remembered_on_its_own() {
    // JWS does not ask for the lower of the two (RFC 7518 section 3.4), so both verify.
    let mut stage = ring();
    for (algorithm, order, size) in curves() {
        let (good, own) = signature(algorithm);
        let other = [&own[..size], &bytes(&(&order - BigUint::from_bytes_be(&own[size..])), size)].concat();
        let other = Token::parse(&good).signature(other).text();
        assert_ne!(good, other);
        for round in 0..3 {
            let identities = [&good, &other].map(|token| {
                let upstream = stage.admits(&format!("{} {round}", algorithm.name()), orders(token));
                upstream.headers.into_iter().filter(|(name, _)| name.starts_with(b"x-auth-")).collect::<Vec<_>>()
            });
            assert_eq!(identities[0], identities[1]);
        }
    }
}

#[test]
fn d08_p521_signatures_have_132_bytes() {
    let mut stage = ring();
    let own = signature(Algorithm::Es512).1;
    assert_eq!(own.len(), 132);
    let stripped = [&own[1..66], &own[67..]].concat();
    assert_eq!(stripped.len(), 130);
    refuse(&mut stage, Algorithm::Es512, "130 bytes", stripped);
    refuse(&mut stage, Algorithm::Es512, "131 bytes", &own[1..]);
}

/// Signs like Ed25519 with the test key, except that the commitment is this point, whose discrete logarithm is zero.
fn ed25519_with_commitment(message: &[u8], commitment: [u8; 32], public: &[u8]) -> Vec<u8> {
    let seed = sha256(b"claimgate test key EdDSA 0");
    let mut scalar = sha512(&seed)[..32].to_vec();
    scalar[0] &= 248;
    scalar[31] = (scalar[31] & 127) | 64;
    let challenge = sha512(&[&commitment[..], public, message].concat());
    let s = BigUint::from_bytes_le(&challenge) * BigUint::from_bytes_le(&scalar) % ed25519_order();
    let mut s = s.to_bytes_le();
    s.resize(32, 0);
    [&commitment[..], &s].concat()
}

fn ed25519_order() -> BigUint {
    number("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed")
}

#[test]
fn d09_ed25519_is_verified_strictly() {
    let ed = key(Algorithm::EdDsa);
    let mut stage = ring();
    let (good, own) = signature(Algorithm::EdDsa);
    let s = BigUint::from_bytes_le(&own[32..]) + ed25519_order();
    refuse(&mut stage, Algorithm::EdDsa, "S plus the order", [&own[..32], &s.to_bytes_le()].concat());
    let public = decoded(ed.jwk()["x"].as_str().unwrap_or_default());
    let message = &good.as_bytes()[..good.rfind('.').unwrap_or_default()];
    let mut identity = [0; 32];
    identity[0] = 1;
    refuse(&mut stage, Algorithm::EdDsa, "a small-order R", ed25519_with_commitment(message, identity, &public));
    let mut noncanonical = [0xff; 32];
    (noncanonical[0], noncanonical[31]) = (0xee, 0x7f);
    refuse(
        &mut stage,
        Algorithm::EdDsa,
        "the same R, written otherwise",
        ed25519_with_commitment(message, noncanonical, &public),
    );
    // Under a small-order key nearly any signature would hold; such a key is never admitted (J09).
    let weak = json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(identity), "kid": "weak"});
    let mut stage = Stage::new(&config_with_keys([weak, signer().jwk()]));
    let header = header_of(&ed.clone().with_kid("weak"), json!({}));
    let forged = Token::parse(&ed.token_raw(header, claims().to_string())).signature([identity, [0; 32]].concat());
    stage.refuses("a small-order A", orders(forged.text()), R401, "key_unknown");
}

#[test]
fn d13_a_signature_belongs_to_one_header_and_one_payload() {
    let mut stage = ring();
    for algorithm in asymmetric() {
        let own = key(algorithm);
        let [h, p, s] = segments(&own.token(&claims()));
        let [other_h, other_p, _] = segments(&own.token_typed(Some("at+jwt"), &claims_with(json!({"sub": "root"}))));
        for (header, payload) in [(&h, &other_p), (&other_h, &p), (&other_h, &other_p)] {
            stage.refuses(algorithm.name(), orders(format!("{header}.{payload}.{s}")), R401, "signature_invalid");
        }
    }
}

#[test]
fn d14_a_signature_over_the_decoded_text_is_refused() {
    let mut stage = ring();
    for algorithm in asymmetric() {
        let own = key(algorithm);
        let (h, p) = (header_of(own, json!({})), claims().to_string());
        let over = [
            format!("{h}.{p}"),
            p.clone(),
            format!("{h}{p}"),
            encoded(&p),
            format!("{}.{p}", encoded(&h)),
            format!("{}.{}.", encoded(&h), encoded(&p)),
        ];
        for text in over {
            let token = format!("{}.{}.{}", encoded(&h), encoded(&p), encoded(own.sign(text.as_bytes())));
            stage.refuses(algorithm.name(), orders(token), R401, "signature_invalid");
        }
    }
}
