//! RSA signatures that only the key's owner can make, and that no verifier may take. They are slow to make, so a few of
//! each are kept; each brings its header and payload along.

use std::sync::OnceLock;

use claimgate_tests::Algorithm;
use num_bigint::BigUint;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::Mutator;
use crate::draft::Draft;
use crate::random::Random;

const RSA: &[Algorithm] =
    &[Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512];

pub(super) const ALL: &[Mutator] = &[
    Mutator::signature("RSA signature plus the modulus", |_, draft| {
        let sum = BigUint::from_bytes_be(&draft.signature) + &secret().n;
        draft.signature = bytes(&sum, 256);
    })
    .of(RSA),
    Mutator::signature("RSA signature of a special number", |random, draft| {
        let n = &secret().n;
        let special = [BigUint::ZERO, BigUint::from(1u8), n - 1u8, n.clone(), n + 1u8];
        draft.signature = bytes(&special[random.below(5)], 256);
    })
    .of(RSA),
    Mutator::signature("PKCS1 for PSS and PSS for PKCS1", |random, draft| kept(random, draft, Family::Crossed)).of(RSA),
    Mutator::signature("PSS salt of another length", |random, draft| kept(random, draft, Family::Salt))
        .of(&[Algorithm::Ps256]),
    Mutator::signature("PSS with another hash inside", |random, draft| kept(random, draft, Family::Mask))
        .of(&[Algorithm::Ps256]),
    Mutator::signature("PKCS1 padding in another form", |random, draft| kept(random, draft, Family::Padding))
        .of(&[Algorithm::Rs256]),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    Crossed,
    Salt,
    Mask,
    Padding,
}

/// One of the kept forgeries of this family, whole.
fn kept(random: &mut Random, draft: &mut Draft, family: Family) {
    static KEPT: OnceLock<Vec<(Family, Draft)>> = OnceLock::new();
    let all = KEPT.get_or_init(forgeries);
    let fitting: Vec<&Draft> = all
        .iter()
        .filter(|(own, kept)| *own == family && kept.key.algorithm() == draft.key.algorithm())
        .map(|(_, kept)| kept)
        .collect();
    // Content that was changed before stays changed, and is not what was signed.
    if draft.header.is_empty() || fitting.is_empty() {
        return;
    }
    *draft = random.pick(&fitting).clone();
}

fn forgeries() -> Vec<(Family, Draft)> {
    let mut random = Random::new(11);
    let mut all = Vec::new();
    let mut add = |family, algorithm, signature: &dyn Fn(&[u8]) -> Vec<u8>| {
        let mut draft = Draft::new(&mut random, algorithm);
        draft.signature = signature(&draft.message());
        all.push((family, draft));
    };
    for (own, other) in RSA.iter().zip(RSA.iter().cycle().skip(3)) {
        let crossed = crate::draft::key(*own, 0).clone().with_algorithm(*other);
        add(Family::Crossed, *own, &|message| crossed.sign(message));
    }
    for length in [0, 20, 31, 33, 64, 222] {
        add(Family::Salt, Algorithm::Ps256, &|message| secret().sign(&pss(message, length, sha256)));
    }
    for mask in [sha384 as Hash, sha512] {
        add(Family::Mask, Algorithm::Ps256, &|message| secret().sign(&pss(message, 32, mask)));
    }
    for form in 0..5 {
        add(Family::Padding, Algorithm::Rs256, &|message| secret().sign(&pkcs1(message, form)));
    }
    all
}

/// The encodings of RFC 8017 section 9.2 that are nearly right.
fn pkcs1(message: &[u8], form: usize) -> Vec<u8> {
    const INFO: &[u8] = b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
    const WITHOUT_NULL: &[u8] = b"\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20";
    let hash = sha256(message);
    let info = [if form == 0 { WITHOUT_NULL } else { INFO }, &hash].concat();
    let behind = if form == 1 { vec![0; 16] } else { Vec::new() };
    let padding = 256 - 3 - info.len() - behind.len();
    let kind = if form == 2 { 2 } else { 1 };
    let mut encoded = [&[0, kind], vec![0xff; padding].as_slice(), &[0], &info, &behind].concat();
    match form {
        3 => encoded[9] = 0xfe,
        4 => encoded[0] = 1,
        _ => {}
    }
    if form == 4 {
        // Larger than the modulus allows: wraps around.
        encoded[1] = 0;
    }
    encoded
}

type Hash = fn(&[u8]) -> Vec<u8>;

/// RFC 8017 section 9.1.1 with SHA-256, a salt of this length, and this hash in the mask.
fn pss(message: &[u8], salt: usize, mask: Hash) -> Vec<u8> {
    let salt = vec![7; salt];
    let hash = sha256(&[&[0; 8], sha256(message).as_slice(), &salt].concat());
    let block = [vec![0; 256 - 32 - 2 - salt.len()], vec![1], salt].concat();
    let block = &block[block.len() - (256 - 32 - 1)..];
    let blocks = (0u32..).flat_map(|counter| mask(&[hash.as_slice(), &counter.to_be_bytes()].concat()));
    let mut masked: Vec<u8> = block.iter().zip(blocks).map(|(byte, mask)| byte ^ mask).collect();
    masked[0] &= 0x7f;
    [masked.as_slice(), &hash, &[0xbc]].concat()
}

struct Secret {
    n: BigUint,
    d: BigUint,
}

impl Secret {
    fn sign(&self, encoded: &[u8]) -> Vec<u8> {
        bytes(&BigUint::from_bytes_be(encoded).modpow(&self.d, &self.n), 256)
    }
}

/// The private half of the first RSA key.
fn secret() -> &'static Secret {
    static SECRET: OnceLock<Secret> = OnceLock::new();
    SECRET.get_or_init(|| {
        use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
        let jwk: serde_json::Value =
            serde_json::from_str(include_str!("../../../kit/keys/rsa-2048-0.json")).expect("a JWK");
        let part =
            |name: &str| BASE64_URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("a member")).expect("base64url");
        Secret { n: BigUint::from_bytes_be(&part("n")), d: BigUint::from_bytes_be(&part("d")) }
    })
}

pub(super) fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).expect("hexadecimal")
}

/// Big-endian, at least as long as this.
pub(super) fn bytes(number: &BigUint, length: usize) -> Vec<u8> {
    let own = number.to_bytes_be();
    [vec![0; length.saturating_sub(own.len())], own].concat()
}

fn sha256(message: &[u8]) -> Vec<u8> {
    Sha256::digest(message).to_vec()
}

fn sha384(message: &[u8]) -> Vec<u8> {
    Sha384::digest(message).to_vec()
}

fn sha512(message: &[u8]) -> Vec<u8> {
    Sha512::digest(message).to_vec()
}

#[test]
fn the_forger_signs_well_where_it_means_to() {
    let good = crate::draft::key(Algorithm::Rs256, 0).sign(b"message");
    let hash = sha256(b"message");
    let info =
        [b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20".as_slice(), &hash].concat();
    let encoded = [&[0, 1], vec![0xff; 256 - 3 - info.len()].as_slice(), &[0], &info].concat();
    assert_eq!(secret().sign(&encoded), good);
    let mut draft = Draft::new(&mut Random::new(1), Algorithm::Ps256);
    draft.signature = secret().sign(&pss(&draft.message(), 32, sha256));
    draft.spell();
    let jwk = draft.key.jwk();
    let token = String::from_utf8(draft.text).expect("text");
    assert_eq!(claimgate_tests::oracle(&jwk, &token), Some(true));
}
