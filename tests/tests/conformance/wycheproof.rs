//! Every Wycheproof vector for the algorithms of JOSE, through the module: verified by its own code, by the RustCrypto
//! crates in it, and by the host's function. Natively the same vectors run in `plugin/signatures`.
//!
//! The crate carries no vectors of JWS as a whole; those of the primitives go in as bytes.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wycheproof::{EllipticCurve, HashFunction, TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

use crate::layer::{CODES, Layer, encoded};

/// Where the verdict is not the vector's: set, test, reason. The same for every code.
const DEVIATIONS: [(&str, usize, &str); 2] = [
    (
        "RsaPss2048Sha256Mgf1SaltLen0",
        69,
        "invalid in that set for its salt of 32 octets, which is the length JOSE asks for",
    ),
    ("RsaPss2048Sha256Mgf1SaltLen0WithParams", 69, "the same signature"),
];

/// A key set is refused beyond this many keys.
const MAX_KEYS: usize = 128;

struct Vector {
    set: String,
    id: usize,
    /// Which of the keys.
    key: usize,
    alg: &'static str,
    message: Vec<u8>,
    signature: Vec<u8>,
    valid: bool,
}

#[derive(Default)]
struct Vectors {
    keys: Vec<Value>,
    all: Vec<Vector>,
}

impl Vectors {
    fn key(&mut self, mut jwk: Value) {
        jwk["kid"] = format!("k{}", self.keys.len()).into();
        self.keys.push(jwk);
    }

    fn add(
        &mut self,
        (set, id): (String, usize),
        alg: &'static str,
        (message, signature): (&[u8], &[u8]),
        valid: bool,
    ) {
        let (message, signature) = (message.to_vec(), signature.to_vec());
        self.all.push(Vector { set, id, key: self.keys.len() - 1, alg, message, signature, valid });
    }

    /// Asks the module about all of them with each code it has.
    fn judge(&self, family: &str, expected: usize) {
        assert_eq!(self.all.len(), expected, "{family}");
        let in_family = |set: &str| self.all.iter().any(|vector| vector.set == set);
        let rows = DEVIATIONS.iter().filter(|row| in_family(row.0));
        let known: BTreeSet<(&str, usize)> = rows.map(|row| (row.0, row.1)).collect();
        for code in CODES {
            let deviations = self.deviations(code);
            println!("wycheproof {family} {code}: vectors {expected}, deviations {}", deviations.len());
            assert_eq!(deviations, known, "{family} {code}");
        }
    }

    fn deviations(&self, code: &str) -> BTreeSet<(&str, usize)> {
        let mut found = BTreeSet::new();
        for (chunk, keys) in self.keys.chunks(MAX_KEYS).enumerate() {
            // Nothing where none of the keys is one for JOSE, as with short secrets.
            let mut layer = Layer::new(code, &json!({"keys": keys}));
            for vector in self.all.iter().filter(|vector| vector.key / MAX_KEYS == chunk) {
                let kid = format!("k{}", vector.key);
                let holds = layer
                    .as_mut()
                    .is_some_and(|layer| layer.signature(vector.alg, &kid, &vector.message, &vector.signature).is_ok());
                if holds != vector.valid {
                    found.insert((vector.set.as_str(), vector.id));
                }
            }
        }
        found
    }
}

fn bits(hash: HashFunction) -> Option<usize> {
    match hash {
        HashFunction::Sha2_256 => Some(256),
        HashFunction::Sha2_384 => Some(384),
        HashFunction::Sha2_512 => Some(512),
        _ => None,
    }
}

fn named(names: [&'static str; 3], bits: usize) -> &'static str {
    names[bits / 128 - 2]
}

#[test]
fn rsa_pkcs1_in_the_module() {
    let mut vectors = Vectors::default();
    for name in rsa_pkcs1_verify::TestName::all() {
        for group in rsa_pkcs1_verify::TestSet::load(name).expect("a set").test_groups {
            let Some(bits) = bits(group.hash) else { continue };
            vectors.key(json!({"kty": "RSA", "n": encoded(&group.key.n), "e": encoded(&group.key.e)}));
            for test in group.tests {
                // "Acceptable" is the DigestInfo without NULL, which RFC 8017 section 8.2.2 lets a verifier refuse.
                let valid = test.result == TestResult::Valid;
                let alg = named(["RS256", "RS384", "RS512"], bits);
                vectors.add((format!("{name:?}"), test.tc_id), alg, (&test.msg, &test.sig), valid);
            }
        }
    }
    vectors.judge("RSA PKCS1", 3106);
}

#[test]
fn rsa_pss_in_the_module() {
    let mut vectors = Vectors::default();
    for name in rsa_pss_verify::TestName::all() {
        for group in rsa_pss_verify::TestSet::load(name).expect("a set").test_groups {
            let Some(bits) = bits(group.hash) else { continue };
            // JOSE fixes the salt length and the MGF1 hash (RFC 7518 section 3.5): all others are refused.
            let jose = group.salt_size == bits / 8 && group.mgf_hash == Some(group.hash);
            vectors.key(json!({"kty": "RSA", "n": encoded(&group.key.n), "e": encoded(&group.key.e)}));
            for test in group.tests {
                let valid = jose && test.result == TestResult::Valid;
                let alg = named(["PS256", "PS384", "PS512"], bits);
                vectors.add((format!("{name:?}"), test.tc_id), alg, (&test.msg, &test.sig), valid);
            }
        }
    }
    vectors.judge("RSA PSS", 2206);
}

#[test]
fn ecdsa_in_the_module() {
    use ecdsa::TestName::{EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363, EcdsaSecp521r1Sha512P1363};
    let mut vectors = Vectors::default();
    for name in [EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363, EcdsaSecp521r1Sha512P1363] {
        for group in ecdsa::TestSet::load(name).expect("a set").test_groups {
            let (x, y) = group.key.key[1..].split_at(group.key.key.len() / 2);
            let (alg, curve) = match group.key.curve {
                EllipticCurve::Secp256r1 => ("ES256", "P-256"),
                EllipticCurve::Secp384r1 => ("ES384", "P-384"),
                EllipticCurve::Secp521r1 => ("ES512", "P-521"),
                curve => panic!("{curve:?}"),
            };
            vectors.key(json!({"kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y)}));
            for test in group.tests {
                let valid = test.result == TestResult::Valid;
                vectors.add((format!("{name:?}"), test.tc_id), alg, (&test.msg, &test.sig), valid);
            }
        }
    }
    vectors.judge("ECDSA", 860);
}

#[test]
fn ed25519_in_the_module() {
    let mut vectors = Vectors::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("a set").test_groups {
        vectors.key(json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(&group.key.pk)}));
        for test in group.tests {
            let valid = test.result == TestResult::Valid;
            vectors.add(("Ed25519".to_owned(), test.tc_id), "EdDSA", (&test.msg, &test.sig), valid);
        }
    }
    vectors.judge("Ed25519", 151);
}

#[test]
fn hmac_in_the_module() {
    use mac::TestName::{HmacSha256, HmacSha384, HmacSha512};
    let mut vectors = Vectors::default();
    for (name, alg, bits) in [(HmacSha256, "HS256", 256), (HmacSha384, "HS384", 384), (HmacSha512, "HS512", 512)] {
        for group in mac::TestSet::load(name).expect("a set").test_groups {
            // RFC 7518 section 3.2: neither truncated tags nor keys shorter than the hash.
            let jose = group.tag_size == bits && group.key_size >= bits;
            for test in group.tests {
                vectors.key(json!({"kty": "oct", "k": encoded(&test.key)}));
                let valid = jose && test.result == TestResult::Valid;
                vectors.add((format!("{name:?}"), test.tc_id), alg, (&test.msg, &test.tag), valid);
            }
        }
    }
    vectors.judge("HMAC", 522);
}

#[test]
fn every_deviation_has_a_reason() {
    assert!(DEVIATIONS.iter().all(|(_, _, reason)| !reason.is_empty()));
}
