//! D: signatures. The primitive vectors of Wycheproof run elsewhere; these are about what surrounds them.

use crate::fixture::*;
use crate::forge::{RsaSecret, bytes, der, der_integer, mgf1, number, sha256, sha384, sha512};
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey, Token};
use num_bigint::BigUint;
use serde_json::json;

/// The three curves: algorithm, order, bytes of a coordinate.
fn curves() -> [(Algorithm, BigUint, usize); 3] {
    [
        (Algorithm::Es256, number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"), 32),
        (Algorithm::Es384, number("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"), 48),
        (
            Algorithm::Es512,
            number(&format!("01{}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409", "f".repeat(64))),
            66,
        ),
    ]
}

fn ring() -> Stage {
    Stage::new(&config_with_keys(asymmetric().map(|algorithm| key(algorithm).jwk())))
}

/// The good token of this algorithm with other signature bytes.
fn signed_with(algorithm: Algorithm, signature: impl AsRef<[u8]>) -> String {
    Token::parse(&key(algorithm).token(&claims())).signature(signature).text()
}

fn signature(algorithm: Algorithm) -> (String, Vec<u8>) {
    let good = key(algorithm).token(&claims());
    let signature = Token::parse(&good).signature;
    (good, signature)
}

fn refuse(stage: &mut Stage, algorithm: Algorithm, what: &str, changed: impl AsRef<[u8]>) {
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
        for longer in [[&[0], own.as_slice()].concat(), [&own, &[0][..]].concat(), [&own, &[1][..]].concat(), [own.clone(), own.clone()].concat()] {
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
        for (r, s) in [(&r + &order, s.clone()), (r.clone(), &s + &order)].into_iter().filter(|(r, s)| *r < limit && *s < limit) {
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
    refuse(&mut stage, Algorithm::EdDsa, "the same R, written otherwise", ed25519_with_commitment(message, noncanonical, &public));
    // Under a small-order key nearly any signature would hold; such a key is never admitted (J09).
    let weak = json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(identity), "kid": "weak"});
    let mut stage = Stage::new(&config_with_keys([weak, signer().jwk()]));
    let header = header_of(&ed.clone().with_kid("weak"), json!({}));
    let forged = Token::parse(&ed.token_raw(header, claims().to_string())).signature([identity, [0; 32]].concat());
    stage.refuses("a small-order A", orders(forged.text()), R401, "key_unknown");
}

#[test]
fn d10_an_rsa_signature_is_a_number_below_the_modulus_of_its_length() {
    let mut stage = ring();
    let n = RsaSecret::committed().n;
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let own = signature(algorithm).1;
        let value = BigUint::from_bytes_be(&own);
        for (what, number) in [("zero", BigUint::ZERO), ("one", BigUint::from(1u8)), ("n", n.clone()), ("n-1", &n - 1u8), ("n+1", &n + 1u8)] {
            refuse(&mut stage, algorithm, what, bytes(&number, 256));
        }
        refuse(&mut stage, algorithm, "s + n", bytes(&(value + &n), 257));
        refuse(&mut stage, algorithm, "a zero in front", [&[0], own.as_slice()].concat());
        refuse(&mut stage, algorithm, "all ones", [0xff; 256]);
    }
    // A signature that begins with a zero byte keeps it.
    let rsa = key(Algorithm::Rs256);
    let (token, own) = (0..4096)
        .map(|n| rsa.token(&claims_with(json!({"n": n}))))
        .map(|token| (token.clone(), Token::parse(&token).signature))
        .find(|(_, signature)| signature[0] == 0)
        .expect("one signature in 256 begins with a zero byte");
    stage.refuses("a leading zero left out", orders(Token::parse(&token).signature(&own[1..]).text()), R401, "signature_invalid");
    stage.admits("with it", orders(token));
}

const SHA256_INFO: &[u8] = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

/// What is signed in the good RS256 or PS256 token.
fn message(algorithm: Algorithm) -> Vec<u8> {
    let good = key(algorithm).token(&claims());
    good.as_bytes()[..good.rfind('.').unwrap_or_default()].to_vec()
}

fn pkcs1(digest_info: &[u8], padding: usize, behind: &[u8]) -> Vec<u8> {
    [&[0, 1], vec![0xff; padding].as_slice(), &[0], digest_info, behind].concat()
}

#[test]
fn d11_pkcs1_padding_has_one_form() {
    let mut stage = ring();
    let secret = RsaSecret::committed();
    let hash = sha256(&message(Algorithm::Rs256));
    let info = [SHA256_INFO, hash.as_slice()].concat();
    let full = 256 - 3 - info.len();
    let no_null = [b"\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20", hash.as_slice()].concat();
    let long_length = [b"\x30\x81\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", hash.as_slice()].concat();
    let indefinite = [b"\x30\x80\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", hash.as_slice(), &[0, 0]].concat();
    let other_hash = [b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x20", hash.as_slice()].concat();
    let fit = |info: &[u8]| pkcs1(info, 256 - 3 - info.len(), &[]);
    let mut zero_in_padding = fit(&info);
    zero_in_padding[20] = 0;
    let mut type_two = fit(&info);
    type_two[1] = 2;
    let forms = [
        ("NULL left out", fit(&no_null)),
        ("a long-form length", fit(&long_length)),
        ("an indefinite length", fit(&indefinite)),
        ("another hash's name", fit(&other_hash)),
        ("no DigestInfo", fit(&hash)),
        ("garbage behind", pkcs1(&info, full - 8, &[0xaa; 8])),
        ("eight bytes of padding, garbage behind", pkcs1(&info, 8, &vec![0xaa; full - 8])),
        ("no padding, garbage behind", pkcs1(&info, 0, &vec![0; full])),
        ("zeros in front", [vec![0; full - 8], pkcs1(&info, 8, &[])].concat()),
        ("a zero in the padding", zero_in_padding),
        ("block type 2", type_two),
    ];
    for (what, form) in forms {
        refuse(&mut stage, Algorithm::Rs256, what, secret.sign(&form));
    }
    let right = secret.sign(&fit(&info));
    stage.admits("the one form", orders(signed_with(Algorithm::Rs256, right)));
}

/// EMSA-PSS (RFC 8017 section 9.1.1) with what can be wrong about it.
fn pss(message: &[u8], salt: &[u8], mgf_hash: fn(&[u8]) -> Vec<u8>, trailer: u8) -> Vec<u8> {
    let hash = sha256(&[&[0; 8], sha256(message).as_slice(), salt].concat());
    let length = 256 - 32 - 1;
    let block = [vec![0; length - salt.len() - 1].as_slice(), &[1], salt].concat();
    let mut masked: Vec<u8> = block.iter().zip(mgf1(mgf_hash, &hash, length)).map(|(byte, mask)| byte ^ mask).collect();
    masked[0] &= 0x7f;
    [masked, hash, vec![trailer]].concat()
}

#[test]
fn d12_pss_salt_mask_and_trailer_have_one_form() {
    let mut stage = ring();
    let secret = RsaSecret::committed();
    let signed = message(Algorithm::Ps256);
    for salt in [0, 20, 31, 33, 48, 64, 222] {
        let form = pss(&signed, &vec![7; salt], sha256, 0xbc);
        refuse(&mut stage, Algorithm::Ps256, &format!("a salt of {salt}"), secret.sign(&form));
    }
    refuse(&mut stage, Algorithm::Ps256, "another mask", secret.sign(&pss(&signed, &[7; 32], sha384, 0xbc)));
    refuse(&mut stage, Algorithm::Ps256, "another trailer", secret.sign(&pss(&signed, &[7; 32], sha256, 0xcc)));
    let mut top = pss(&signed, &[7; 32], sha256, 0xbc);
    top[0] |= 0x80;
    refuse(&mut stage, Algorithm::Ps256, "the top bit set", secret.sign(&top));
    let mut padding = pss(&signed, &[7; 32], sha256, 0xbc);
    padding[20] ^= 1;
    refuse(&mut stage, Algorithm::Ps256, "a one in the padding", secret.sign(&padding));
    let right = secret.sign(&pss(&signed, &[7; 32], sha256, 0xbc));
    stage.admits("the one form", orders(signed_with(Algorithm::Ps256, right)));
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
        let over = [format!("{h}.{p}"), p.clone(), format!("{h}{p}"), encoded(&p), format!("{}.{p}", encoded(&h)), format!("{}.{}.", encoded(&h), encoded(&p))];
        for text in over {
            let token = format!("{}.{}.{}", encoded(&h), encoded(&p), encoded(own.sign(text.as_bytes())));
            stage.refuses(algorithm.name(), orders(token), R401, "signature_invalid");
        }
    }
}

/// A number whose cube begins with these bytes, of this many in all, made from the public key alone.
fn cube_root_of(prefix: &[u8], length: usize) -> BigUint {
    let most = BigUint::from_bytes_be(&[prefix, &vec![0xff; length - prefix.len()]].concat());
    let root = most.cbrt();
    assert_eq!(bytes(&root.pow(3), length)[..prefix.len()], *prefix, "the garbage is too short to forge in");
    root
}

#[test]
fn d15_the_forgery_for_exponent_three_is_refused() {
    let rsa = SigningKey::numbered(Algorithm::Rs256, 1);
    let mut jwk = rsa.jwk();
    jwk["e"] = json!("Aw");
    let mut stage = Stage::new(&config_with_keys([jwk]));
    let token = Token::parse(&rsa.token(&claims()));
    let signed = format!("{}.{}", encoded(&token.header), encoded(&token.payload));
    let info = [SHA256_INFO, &sha256(signed.as_bytes())].concat();
    for padding in [8, 0, 1, 16, 32] {
        let forged = cube_root_of(&pkcs1(&info, padding, &[]), 256);
        let text = token.clone().signature(bytes(&forged, 256)).text();
        stage.refuses(&format!("{padding} bytes of padding"), orders(text), R401, "signature_invalid");
    }
}
