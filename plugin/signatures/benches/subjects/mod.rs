//! Keys and signatures to be timed, made from a fixed seed.

use claimgate_signatures::{Backend, Hash, Key, KeyError, Scheme};
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};
use rsa::{RsaPrivateKey, pkcs1v15, pss, traits::PublicKeyParts};

/// Different signatures of one key, verified in turn.
pub(crate) const SIGNATURES: usize = 48;

/// One public key, and signatures it verifies.
pub(crate) struct Subject {
    pub(crate) name: String,
    admit: Box<dyn Fn(Backend) -> Result<Key, KeyError>>,
    scheme: Scheme,
    signed: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Subject {
    /// The key, without a table yet.
    pub(crate) fn key(&self, backend: Backend) -> Key {
        (self.admit)(backend).expect("an admissible key")
    }

    /// Verifies the first signatures.
    pub(crate) fn verify(&self, key: &Key, signatures: usize) {
        let verifies = |(message, signature): &(Vec<u8>, Vec<u8>)| key.verify(self.scheme, message, signature);
        assert!(self.signed.iter().take(signatures).all(verifies));
    }
}

/// One subject for each algorithm and each usual size of RSA, those whose name contains one of the `names`; all
/// where there are none.
pub(crate) fn named(names: &[String]) -> Vec<Subject> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut subjects = Vec::new();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part.as_str()));
    for bits in [2048, 3072, 4096] {
        let [pkcs1, pss] = ["RS256", "PS256"].map(|scheme| format!("{scheme}/{bits}"));
        if !wanted(&pkcs1) && !wanted(&pss) {
            continue;
        }
        let private = RsaPrivateKey::new(&mut random, bits).expect("a private key");
        subjects.push(rsa_pkcs1(&mut random, pkcs1, private.clone()));
        subjects.push(rsa_pss(&mut random, pss, private));
    }
    subjects.extend([p256(&mut random), p384(&mut random), p521(&mut random), ed25519(&mut random)]);
    subjects.retain(|subject| wanted(&subject.name));
    subjects
}

/// Signs messages as long as the signing input of a small token.
fn signed(random: &mut ChaCha8Rng, mut sign: impl FnMut(&mut ChaCha8Rng, &[u8]) -> Vec<u8>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut message = vec![0; 300];
    (0..SIGNATURES)
        .map(|_| {
            random.fill_bytes(&mut message);
            (message.clone(), sign(random, &message))
        })
        .collect()
}

fn rsa_pkcs1(random: &mut ChaCha8Rng, name: String, private: RsaPrivateKey) -> Subject {
    let signer = pkcs1v15::SigningKey::<sha2::Sha256>::new(private.clone());
    let signed = signed(random, |_, message| signer.sign(message).to_vec());
    rsa(name, Scheme::RsaPkcs1(Hash::Sha256), &private, signed)
}

fn rsa_pss(random: &mut ChaCha8Rng, name: String, private: RsaPrivateKey) -> Subject {
    let signer = pss::SigningKey::<sha2::Sha256>::new(private.clone());
    let signed = signed(random, |random, message| signer.sign_with_rng(random, message).to_vec());
    rsa(name, Scheme::RsaPss(Hash::Sha256), &private, signed)
}

fn rsa(name: String, scheme: Scheme, private: &RsaPrivateKey, signed: Vec<(Vec<u8>, Vec<u8>)>) -> Subject {
    let (n, e) = (private.n().to_be_bytes(), private.e().to_be_bytes());
    Subject { name, admit: Box::new(move |backend| Key::rsa(&n, &e, backend)), scheme, signed }
}

macro_rules! ecdsa {
    ($curve:ident, $name:literal, $scheme:ident, $octets:literal) => {
        fn $curve(random: &mut ChaCha8Rng) -> Subject {
            let mut secret = [0; $octets];
            random.fill_bytes(&mut secret[$octets - 32..]);
            let signer = $curve::ecdsa::SigningKey::from_slice(&secret).expect("a private key");
            let point = signer.verifying_key().to_sec1_point(false);
            let [x, y] = [1..=$octets, $octets + 1..=2 * $octets].map(|range| point.as_bytes()[range].to_vec());
            Subject {
                name: $name.to_owned(),
                admit: Box::new(move |backend| Key::$curve(&x, &y, backend)),
                scheme: Scheme::$scheme,
                signed: signed(random, |_, message| {
                    let signature: $curve::ecdsa::Signature = signer.sign(message);
                    signature.to_bytes().to_vec()
                }),
            }
        }
    };
}

ecdsa!(p256, "ES256", EcdsaP256, 32);
ecdsa!(p384, "ES384", EcdsaP384, 48);
ecdsa!(p521, "ES512", EcdsaP521, 66);

fn ed25519(random: &mut ChaCha8Rng) -> Subject {
    let mut secret = [0; 32];
    random.fill_bytes(&mut secret);
    let signer = ed25519_dalek::SigningKey::from_bytes(&secret);
    let public = signer.verifying_key().to_bytes();
    Subject {
        name: "EdDSA".to_owned(),
        admit: Box::new(move |backend| Key::ed25519(&public, backend)),
        scheme: Scheme::Ed25519,
        signed: signed(random, |_, message| signer.sign(message).to_bytes().to_vec()),
    }
}
