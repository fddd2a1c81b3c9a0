//! Real keys, and signatures that are checksums under them.

use claimgate_core::algorithm::{Algorithm, Algorithms};
use claimgate_core::jwk::{Admission, Jwk, Origin};
use claimgate_core::keyset::{Choice, KeySet};
use claimgate_core::verify::Verifier;
use claimgate_signatures::{Backend, Scheme};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Whose the keys are, in the order of their numbers: two of the first issuer, two of the second.
pub(super) const KIDS: [&str; 4] = ["a", "b", "c", "d"];

/// What the second issuer publishes, one after the other, by the numbers of the keys.
pub(super) const REMOTE_SETS: [&[usize]; 3] = [&[2], &[2, 3], &[3]];

const FILES: [&str; 4] = [
    include_str!("../../../../tests/kit/keys/rsa-2048-0.json"),
    include_str!("../../../../tests/kit/keys/rsa-2048-1.json"),
    include_str!("../../../../tests/kit/keys/rsa-2048-2.json"),
    include_str!("../../../../tests/kit/keys/rsa-2048-3.json"),
];

/// Takes the checksum of the key and the message for a signature.
pub(super) struct Checksum;

impl Verifier for Checksum {
    fn verify(&mut self, key: &Jwk, _: Scheme, message: &[u8], signature: &[u8]) -> bool {
        checksum(key.spki(), message) == signature
    }
}

/// The checksum of a message under the key of that number.
pub(super) fn signed(number: usize, message: &[u8]) -> [u8; 8] {
    static SPKI: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| std::array::from_fn(spki));
    checksum(&SPKI[number], message)
}

/// The public halves of these keys.
pub(super) fn key_set(numbers: &[usize]) -> Value {
    let jwk = |number: &usize| {
        let file: Value = serde_json::from_str(FILES[*number]).expect("a key file is JSON");
        json!({"kty": "RSA", "kid": KIDS[*number], "n": file["n"], "e": file["e"]})
    };
    json!({"keys": numbers.iter().map(jwk).collect::<Vec<_>>()})
}

fn spki(number: usize) -> Vec<u8> {
    let admission = Admission { algorithms: Algorithms::asymmetric(), origin: Origin::Inline, backend: Backend::Own };
    let set = KeySet::parse(key_set(&[number]).to_string().as_bytes(), &admission).expect("a sound key");
    match set.choose(Algorithm::Rs256, Some(KIDS[number]), None) {
        Choice::Try([Some(key), ..]) => key.spki().to_vec(),
        other => panic!("{other:?}"),
    }
}

/// FNV-1a over a secret of ours, the key and the message.
fn checksum(key: &[u8], message: &[u8]) -> [u8; 8] {
    let all = b"checksum".iter().chain(key).chain(message);
    all.fold(0xcbf2_9ce4_8422_2325u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)).to_be_bytes()
}
