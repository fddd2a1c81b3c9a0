use super::*;
use crate::testing::{cases, only_the_signature_verifies, random};
use crate::{Kind, Scheme};
use ::rsa::hazmat::rsa_decrypt_and_check;
use ::rsa::signature::{RandomizedSigner, SignatureEncoding, Signer as _};
use ::rsa::{BoxedUint, RsaPrivateKey, pkcs1v15, pss, traits::PublicKeyParts};
use num_bigint::BigUint;
use rand::{RngExt, rngs::ChaCha8Rng};
use sha2::{Sha256, Sha384, Sha512};

fn modulus(octets: usize) -> Vec<u8> {
    let mut modulus = vec![0xc5; octets];
    modulus[octets - 1] = 0x9b;
    modulus
}

fn refusal(modulus: &[u8], exponent: &[u8]) -> Option<KeyError> {
    let [own, library] = [Backend::Own, Backend::Library].map(|backend| Key::new(modulus, exponent, backend).err());
    assert_eq!(own, library);
    own
}

#[test]
fn sizes_from_2048_to_8192_bits_are_admitted() {
    let mut small = modulus(256);
    assert_eq!(refusal(&small, &[3]), None);
    small[0] = 0x7f;
    assert_eq!(refusal(&small, &[3]), Some(KeyError::ModulusTooShort));
    let mut large = modulus(1025);
    large[0] = 1;
    assert_eq!(refusal(&large[1..], &[3]), None);
    assert_eq!(refusal(&large, &[3]), Some(KeyError::ModulusTooLong));
    assert_eq!(refusal(&[], &[3]), Some(KeyError::ModulusTooShort));
}

#[test]
fn leading_zero_octets_are_tolerated_and_do_not_count() {
    assert_eq!(refusal(&[&[0, 0], modulus(256).as_slice()].concat(), &[0, 0, 0, 0, 1, 0, 1]), None);
    assert_eq!(refusal(&[&[0], modulus(255).as_slice()].concat(), &[3]), Some(KeyError::ModulusTooShort));
}

#[test]
fn an_even_modulus_is_refused() {
    let mut even = modulus(256);
    even[255] ^= 1;
    assert_eq!(refusal(&even, &[3]), Some(KeyError::ModulusEven));
}

#[test]
fn exponents_are_odd_and_from_3_to_32_bits() {
    let verdicts: [(&[u8], Option<KeyError>); 10] = [
        (&[], Some(KeyError::ExponentTooSmall)),
        (&[0], Some(KeyError::ExponentTooSmall)),
        (&[1], Some(KeyError::ExponentTooSmall)),
        (&[2], Some(KeyError::ExponentTooSmall)),
        (&[3], None),
        (&[4], Some(KeyError::ExponentEven)),
        (&[1, 0, 1], None),
        (&[1, 0, 0], Some(KeyError::ExponentEven)),
        (&[0xff; 4], None),
        (&[1, 0, 0, 0, 1], Some(KeyError::ExponentTooLarge)),
    ];
    verdicts.into_iter().for_each(|(exponent, verdict)| assert_eq!(refusal(&modulus(256), exponent), verdict));
}

struct Signer {
    private: RsaPrivateKey,
    keys: [crate::Key; 2],
}

impl Signer {
    fn new(random: &mut ChaCha8Rng, bits: usize) -> Self {
        let private = RsaPrivateKey::new(random, bits).unwrap();
        let (n, e) = (private.n().to_be_bytes(), private.e().to_be_bytes());
        let keys = [Backend::Own, Backend::Library].map(|backend| crate::Key::rsa(&n, &e, backend).unwrap());
        Self { private, keys }
    }

    fn sign(&self, random: &mut ChaCha8Rng, scheme: Scheme, message: &[u8]) -> Vec<u8> {
        let private = self.private.clone();
        match scheme {
            Scheme::RsaPkcs1(Hash::Sha256) => pkcs1v15::SigningKey::<Sha256>::new(private).sign(message).to_vec(),
            Scheme::RsaPkcs1(Hash::Sha384) => pkcs1v15::SigningKey::<Sha384>::new(private).sign(message).to_vec(),
            Scheme::RsaPkcs1(Hash::Sha512) => pkcs1v15::SigningKey::<Sha512>::new(private).sign(message).to_vec(),
            Scheme::RsaPss(Hash::Sha256) => {
                pss::SigningKey::<Sha256>::new(private).sign_with_rng(random, message).to_vec()
            }
            Scheme::RsaPss(Hash::Sha384) => {
                pss::SigningKey::<Sha384>::new(private).sign_with_rng(random, message).to_vec()
            }
            Scheme::RsaPss(Hash::Sha512) => {
                pss::SigningKey::<Sha512>::new(private).sign_with_rng(random, message).to_vec()
            }
            _ => panic!("{scheme:?}"),
        }
    }

    /// The signature whose encoded message is `encoded`, honest or not.
    fn sign_encoded(&self, encoded: &[u8]) -> Vec<u8> {
        let encoded = BoxedUint::from_be_slice(encoded, self.private.n_bits_precision()).unwrap();
        let signature = rsa_decrypt_and_check::<ChaCha8Rng>(&self.private, None, &encoded).unwrap();
        let octets = signature.to_be_bytes();
        octets[octets.len() - self.private.size()..].to_vec()
    }
}

const SCHEMES: [Scheme; 6] = [
    Scheme::RsaPkcs1(Hash::Sha256),
    Scheme::RsaPkcs1(Hash::Sha384),
    Scheme::RsaPkcs1(Hash::Sha512),
    Scheme::RsaPss(Hash::Sha256),
    Scheme::RsaPss(Hash::Sha384),
    Scheme::RsaPss(Hash::Sha512),
];

/// 2049 bits: the encoded message of PSS is one octet shorter than the modulus.
#[test]
fn honest_signatures_verify_under_their_scheme_only() {
    let mut random = random();
    for bits in [2048, 2049, 2055, 2056, 3072] {
        let signer = Signer::new(&mut random, bits);
        for scheme in SCHEMES {
            let signature = signer.sign(&mut random, scheme, b"message");
            for other in SCHEMES {
                let verdicts = signer.keys.each_ref().map(|key| key.verify(other, b"message", &signature));
                assert_eq!(verdicts, [scheme == other; 2], "{bits} bits, signed {scheme:?}, verified {other:?}");
            }
        }
    }
}

/// RFC 8017 section 5.2.2: the signature plus the modulus has the same power. With 2049 bits it always fits the length.
#[test]
fn a_signature_is_below_the_modulus() {
    let mut random = random();
    let signer = Signer::new(&mut random, 2049);
    let n = BigUint::from_bytes_be(&signer.private.n().to_be_bytes());
    for scheme in SCHEMES {
        let signature = signer.sign(&mut random, scheme, b"message");
        let beyond = (BigUint::from_bytes_be(&signature) + &n).to_bytes_be();
        assert_eq!(beyond.len(), signature.len());
        let verdicts = signer.keys.each_ref().map(|key| key.verify(scheme, b"message", &beyond));
        assert_eq!(verdicts, [false; 2], "{scheme:?}");
    }
}

#[test]
fn only_the_signature_itself_verifies() {
    let mut random = random();
    let signer = Signer::new(&mut random, 2048);
    for scheme in [Scheme::RsaPkcs1(Hash::Sha256), Scheme::RsaPss(Hash::Sha256)] {
        let signature = signer.sign(&mut random, scheme, b"message");
        only_the_signature_verifies(&signer.keys, scheme, b"message", &signature);
        let n = BigUint::from_bytes_be(&signer.private.n().to_be_bytes());
        let s = BigUint::from_bytes_be(&signature);
        for forged in [&n + &s, n.clone(), &n - &s, BigUint::ZERO, BigUint::from(1u32)] {
            let octets = forged.to_bytes_be();
            let octets = [vec![0; 256_usize.saturating_sub(octets.len())], octets].concat();
            assert!(signer.keys.iter().all(|key| !key.verify(scheme, b"message", &octets)));
        }
    }
}

/// Encodings with one octet changed, signed with the private key: the arithmetic is right and the padding is not.
#[test]
fn signed_encodings_agree_with_the_library() {
    let mut random = random();
    let signer = [2048, 2049].map(|bits| Signer::new(&mut random, bits));
    let mut accepted = 0;
    for case in 0..cases(1500) {
        let signer = &signer[case % 2];
        let scheme = SCHEMES[random.random_range(0..SCHEMES.len())];
        let honest = signer.sign(&mut random, scheme, b"message");
        let Kind::Rsa(Key { arithmetic: Arithmetic::Own(modulus), exponent, .. }) = &signer.keys[0].0 else { panic!() };
        let mut encoded = modulus.power(&honest, *exponent);
        for _ in 0..random.random_range(0..3) {
            let position = [random.random_range(1..encoded.len()), random.random_range(1..4), encoded.len() - 1]
                [random.random_range(0..3)];
            encoded[position] ^= 1 << random.random_range(0..8);
        }
        encoded[0] &= 1;
        if BigUint::from_bytes_be(&encoded) >= BigUint::from_bytes_be(&signer.private.n().to_be_bytes()) {
            continue;
        }
        let signature = signer.sign_encoded(&encoded);
        let [own, library] = signer.keys.each_ref().map(|key| key.verify(scheme, b"message", &signature));
        assert_eq!(own, library, "{scheme:?} {encoded:02x?}");
        accepted += usize::from(own);
    }
    assert!(accepted * 10 > cases(1500), "only {accepted} honest signatures");
}
