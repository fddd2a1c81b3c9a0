//! Times one verification per algorithm, our kernels beside the RustCrypto crates.
//!
//! `cargo run --release -p claimgate-signatures --example v8` times native code; `benches/v8/verify.mjs` runs the
//! same program as wasm on V8, which is what runs the filter in Envoy.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that panics says so to the person who runs it"
)]

use claimgate_signatures::{Backend, Hash, Key, Scheme};
use ed25519_dalek::SigningKey as Ed25519;
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};
use rsa::signature::{SignatureEncoding, Signer};
use rsa::{RsaPrivateKey, pkcs1v15, traits::PublicKeyParts};
use std::time::{Duration, Instant};

/// Different signatures of one key, verified in turn.
const SIGNATURES: usize = 48;

/// One key under both backends, and signatures it made.
struct Subject {
    name: &'static str,
    scheme: Scheme,
    keys: [Key; 2],
    signed: Vec<(Vec<u8>, Vec<u8>)>,
}

fn main() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    println!("{:<10} {:>9} {:>9} {:>7} {:>9}", "", "own us", "lib us", "ratio", "first us");
    for subject in [
        rsa(&mut random, "RS256/2048", 2048),
        rsa(&mut random, "RS256/3072", 3072),
        rsa(&mut random, "RS256/4096", 4096),
        p256(&mut random),
        p384(&mut random),
        p521(&mut random),
        ed25519(&mut random),
    ] {
        let first = timed(|| subject.verify(&subject.keys[0], 1));
        let [own, library] = subject.keys.each_ref().map(|key| subject.time(key));
        println!("{:<10} {own:>9.1} {library:>9.1} {:>7.3} {first:>9.0}", subject.name, own / library);
    }
}

impl Subject {
    /// Microseconds per verification: the median of seven runs of a quarter of a second.
    fn time(&self, key: &Key) -> f64 {
        let rounds = (0.25e6 / timed(|| self.verify(key, SIGNATURES)).max(1.0)).ceil() as usize;
        let run = |_| timed(|| (0..rounds).for_each(|_| self.verify(key, SIGNATURES))) / (rounds * SIGNATURES) as f64;
        let mut runs = (0..7).map(run).collect::<Vec<_>>();
        runs.sort_by(f64::total_cmp);
        runs[3]
    }

    fn verify(&self, key: &Key, signatures: usize) {
        assert!(self.signed.iter().take(signatures).all(|(message, signature)| key.verify(
            self.scheme,
            message,
            signature
        )));
    }
}

/// Microseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / Duration::from_micros(1).as_nanos() as f64
}

fn both<E: std::fmt::Debug>(admit: impl Fn(Backend) -> Result<Key, E>) -> [Key; 2] {
    [Backend::Own, Backend::Library].map(|backend| admit(backend).expect("an admissible key"))
}

/// Messages as long as the signing input of a small token.
fn sign(random: &mut ChaCha8Rng, sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut message = vec![0; 300];
    (0..SIGNATURES)
        .map(|_| {
            random.fill_bytes(&mut message);
            (message.clone(), sign(&message))
        })
        .collect()
}

fn rsa(random: &mut ChaCha8Rng, name: &'static str, bits: usize) -> Subject {
    let private = RsaPrivateKey::new(random, bits).expect("a private key");
    let (n, e) = (private.n().to_be_bytes(), private.e().to_be_bytes());
    let signer = pkcs1v15::SigningKey::<sha2::Sha256>::new(private);
    Subject {
        name,
        scheme: Scheme::RsaPkcs1(Hash::Sha256),
        keys: both(|backend| Key::rsa(&n, &e, backend)),
        signed: sign(random, |message| signer.sign(message).to_vec()),
    }
}

macro_rules! ecdsa {
    ($curve:ident, $name:literal, $scheme:ident, $octets:literal) => {
        fn $curve(random: &mut ChaCha8Rng) -> Subject {
            let mut secret = [0; $octets];
            random.fill_bytes(&mut secret[$octets - 32..]);
            let signer = $curve::ecdsa::SigningKey::from_slice(&secret).expect("a private key");
            let point = signer.verifying_key().to_sec1_point(false);
            let (x, y) = point.as_bytes()[1..].split_at($octets);
            Subject {
                name: $name,
                scheme: Scheme::$scheme,
                keys: both(|backend| Key::$curve(x, y, backend)),
                signed: sign(random, |message| {
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
    let signer = Ed25519::from_bytes(&secret);
    Subject {
        name: "EdDSA",
        scheme: Scheme::Ed25519,
        keys: both(|backend| Key::ed25519(signer.verifying_key().as_bytes(), backend)),
        signed: sign(random, |message| signer.sign(message).to_bytes().to_vec()),
    }
}
