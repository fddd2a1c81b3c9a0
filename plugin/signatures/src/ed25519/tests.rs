use super::*;
use crate::Scheme;
use crate::testing::{cases, octets, only_the_signature_verifies, random};
use curve25519_dalek::EdwardsPoint;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use ed25519_dalek::{Signer, SigningKey};
use num_bigint::BigUint;
use rand::RngExt;
use sha2::{Digest, Sha512};

fn keys(encoded: &[u8; 32]) -> [Key; 2] {
    [Backend::Own, Backend::Library].map(|backend| Key::new(encoded, backend).unwrap())
}

fn hex<const N: usize>(digits: &str) -> [u8; N] {
    std::array::from_fn(|index| u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).unwrap())
}

#[test]
fn rfc_8032_section_7_1_verifies() {
    let vectors: [(&str, &[u8], &str); 3] = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            &[],
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            &[0x72],
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            &[0xaf, 0x82],
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    for (key, message, signature) in vectors {
        assert!(keys(&hex(key)).iter().all(|key| key.verify(message, &hex::<64>(signature))));
    }
}

#[test]
fn only_the_signature_itself_verifies() {
    let signer = SigningKey::from_bytes(&[7; 32]);
    let keys = [Backend::Own, Backend::Library]
        .map(|backend| crate::Key::ed25519(signer.verifying_key().as_bytes(), backend).unwrap());
    only_the_signature_verifies(&keys, Scheme::Ed25519, b"message", &signer.sign(b"message").to_bytes());
}

/// Keys and R with and without torsion, where cofactorless verification accepts one in eight; S beyond the order; R and
/// S from the special encodings.
#[test]
fn crafted_signatures_agree_with_the_library() {
    let mut random = random();
    let order = (BigUint::from(1_u32) << 252) + BigUint::from(27742317777372353535851937790883648493_u128);
    let noncanonical = [[0xff; 32], hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")];
    let (mut valid, mut total) = (0, 0);
    while total < cases(6000) {
        let private = Scalar::from_bytes_mod_order(octets(&mut random, 32).try_into().unwrap()) + Scalar::ONE;
        let torsion = EIGHT_TORSION[if random.random() { 0 } else { random.random_range(0..8) }];
        let public = (ED25519_BASEPOINT_POINT * private + torsion).compress().to_bytes();
        let Ok(own) = Key::new(&public, Backend::Own) else { continue };
        let keys = [own, Key::new(&public, Backend::Library).unwrap()];
        for _ in 0..50 {
            let nonce = Scalar::from_bytes_mod_order(octets(&mut random, 32).try_into().unwrap());
            let commitment: EdwardsPoint = ED25519_BASEPOINT_POINT * nonce
                + EIGHT_TORSION[if random.random() { 0 } else { random.random_range(0..8) }];
            let mut r = commitment.compress().to_bytes();
            match random.random_range(0..16) {
                0 => r = EIGHT_TORSION[random.random_range(0..8)].compress().to_bytes(),
                1 => r = noncanonical[random.random_range(0..2)],
                2 => r[31] ^= 0x80,
                _ => {}
            }
            let message = [random.random::<u8>(); 3];
            let k = Sha512::new().chain_update(r).chain_update(public).chain_update(message).finalize();
            let mut s = (nonce + Scalar::from_bytes_mod_order_wide(&k.into()) * private).to_bytes();
            match random.random_range(0..16) {
                0 => s = [0; 32],
                1 => s = [0xff; 32],
                2 => {
                    let beyond: BigUint = BigUint::from_bytes_le(&s) + &order;
                    let beyond = beyond.to_bytes_le();
                    s = std::array::from_fn(|index| beyond.get(index).copied().unwrap_or(0));
                }
                3 => s[random.random_range(0..32)] ^= 1 << random.random_range(0..8),
                _ => {}
            }
            let signature = [r, s].concat();
            let [own, library] = keys.each_ref().map(|key| key.verify(&message, &signature));
            assert_eq!(own, library, "{public:02x?} {message:02x?} {signature:02x?}");
            valid += usize::from(own);
            total += 1;
        }
    }
    // About a quarter is, and keys are few.
    assert!(valid * 20 > total, "only {valid} of {total} are valid");
}

/// `R` of small order with the `S` that makes the equation hold: refused, although cofactorless verification holds.
#[test]
fn a_small_order_r_is_refused_even_if_the_equation_holds() {
    let private = Scalar::from(77_u32);
    let public = (ED25519_BASEPOINT_POINT * private).compress().to_bytes();
    for torsion in EIGHT_TORSION {
        let r = torsion.compress().to_bytes();
        let k = Sha512::new().chain_update(r).chain_update(public).finalize();
        let s = Scalar::from_bytes_mod_order_wide(&k.into()) * private;
        assert!(keys(&public).iter().all(|key| !key.verify(b"", &[r, s.to_bytes()].concat())));
    }
}

#[test]
fn keys_of_small_order_and_second_spellings_are_refused() {
    let refusal = |encoded: &[u8]| {
        let [own, library] = [Backend::Own, Backend::Library].map(|backend| Key::new(encoded, backend).err());
        assert_eq!(own, library);
        own
    };
    for point in EIGHT_TORSION {
        assert_eq!(refusal(point.compress().as_bytes()), Some(KeyError::SmallOrder));
    }
    // y from p to 2^255 - 1: the second spellings of 0 to 18, those of them that are points.
    let spellings = (0xed..=0xff).map(|low| {
        refusal(&std::array::from_fn::<u8, 32, _>(|index| match index {
            0 => low,
            31 => 0x7f,
            _ => 0xff,
        }))
    });
    let spellings = spellings.collect::<Vec<_>>();
    assert!(spellings.iter().all(|refusal| matches!(refusal, Some(KeyError::NotCanonical | KeyError::NotAPoint))));
    assert!(spellings.contains(&Some(KeyError::NotCanonical)));
    // x = 0 with the sign bit, the second spelling of (0, 1).
    assert_eq!(
        refusal(&std::array::from_fn::<u8, 32, _>(|index| [1, 0, 0x80][index.min(1) + index / 31])),
        Some(KeyError::NotCanonical)
    );
    assert_eq!(refusal(&[1; 31]), Some(KeyError::EncodingLength));
    assert_eq!(refusal(&[]), Some(KeyError::EncodingLength));
}
