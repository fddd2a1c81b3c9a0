//! D10, D11, D12, D15: what can be wrong with an RSA signature.

use crate::d_signatures::{refuse, ring, signature, signed_with};
use crate::fixture::*;
use crate::forge::{RsaSecret, bytes, mgf1, sha256, sha384};
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey, Token};
use num_bigint::BigUint;
use serde_json::json;

#[test]
fn d10_an_rsa_signature_is_a_number_below_the_modulus_of_its_length() {
    let mut stage = ring();
    let n = RsaSecret::committed().n;
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let own = signature(algorithm).1;
        let value = BigUint::from_bytes_be(&own);
        for (what, number) in [
            ("zero", BigUint::ZERO),
            ("one", BigUint::from(1u8)),
            ("n", n.clone()),
            ("n-1", &n - 1u8),
            ("n+1", &n + 1u8),
        ] {
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
    stage.refuses(
        "a leading zero left out",
        orders(Token::parse(&token).signature(&own[1..]).text()),
        R401,
        "signature_invalid",
    );
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
    let long_length =
        [b"\x30\x81\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", hash.as_slice()].concat();
    let indefinite =
        [b"\x30\x80\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20", hash.as_slice(), &[0, 0]]
            .concat();
    let other_hash =
        [b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x20", hash.as_slice()].concat();
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
