//! What an attacker can build: DER, PEM, big numbers.

use num_bigint::BigUint;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

pub(crate) fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).expect("hexadecimal")
}

/// Big-endian, as long as this.
pub(crate) fn bytes(number: &BigUint, length: usize) -> Vec<u8> {
    let own = number.to_bytes_be();
    assert!(own.len() <= length, "{} bytes do not fit {length}", own.len());
    [vec![0; length - own.len()], own].concat()
}

pub(crate) fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content.to_vec()].concat()
}

pub(crate) fn der_integer(big_endian: &[u8]) -> Vec<u8> {
    let significant = BigUint::from_bytes_be(big_endian).to_bytes_be();
    let sign: &[u8] = if significant[0] & 0x80 == 0 { &[] } else { &[0] };
    der(2, &[sign, &significant].concat())
}

fn der_pkcs1(n: &[u8], e: &[u8]) -> Vec<u8> {
    der(0x30, &[der_integer(n), der_integer(e)].concat())
}

/// How long an RSA key is in PKCS #1's format.
pub(crate) fn der_length(n: &[u8], e: &[u8]) -> usize {
    der_pkcs1(n, e).len()
}

/// An RSA key as SubjectPublicKeyInfo, with the PKCS #1 format at its end.
pub(crate) fn der_spki(n: &[u8], e: &[u8]) -> Vec<u8> {
    let rsa_encryption = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
    let bits = der(3, &[&[0], der_pkcs1(n, e).as_slice()].concat());
    der(0x30, &[&rsa_encryption[..], &bits].concat())
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The private halves of the RSA key that signs with RS* and PS*.
pub(crate) struct RsaSecret {
    pub(crate) n: BigUint,
    d: BigUint,
}

impl RsaSecret {
    pub(crate) fn committed() -> RsaSecret {
        let jwk: serde_json::Value =
            serde_json::from_str(include_str!("../../kit/keys/rsa-2048-0.json")).expect("a JWK");
        let part = |name: &str| BigUint::from_bytes_be(&crate::fixture::decoded(jwk[name].as_str().expect("a member")));
        RsaSecret { n: part("n"), d: part("d") }
    }

    /// A true signature of this encoded message, sound or not.
    pub(crate) fn sign(&self, encoded_message: &[u8]) -> Vec<u8> {
        bytes(&BigUint::from_bytes_be(encoded_message).modpow(&self.d, &self.n), 256)
    }
}

pub(crate) fn sha256(message: &[u8]) -> Vec<u8> {
    Sha256::digest(message).to_vec()
}

pub(crate) fn sha384(message: &[u8]) -> Vec<u8> {
    Sha384::digest(message).to_vec()
}

pub(crate) fn sha512(message: &[u8]) -> Vec<u8> {
    Sha512::digest(message).to_vec()
}

/// MGF1 (RFC 8017 appendix B.2.1).
pub(crate) fn mgf1(hash: fn(&[u8]) -> Vec<u8>, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0u32..).flat_map(|counter| hash(&[seed, &counter.to_be_bytes()].concat()));
    blocks.take(length).collect()
}
