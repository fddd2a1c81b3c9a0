//! Every Wycheproof vector for the schemes of this crate, through both backends, against one literal table of
//! deviations. The DER of the keys is compared as well.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics is a test that fails"
)]

use claimgate_signatures::{Backend, Hash, Key, KeyError, Scheme};
use wycheproof::{EllipticCurve, HashFunction, TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

/// Where the verdict differs from "valid", or the key is refused: set, test, reason.
const DEVIATIONS: [(&str, usize, &str); 2] = [
    (
        "RsaPss2048Sha256Mgf1SaltLen0",
        69,
        "invalid in that set for its salt of 32 octets, which is the length JOSE asks for",
    ),
    ("RsaPss2048Sha256Mgf1SaltLen0WithParams", 69, "the same signature"),
];

#[derive(Default)]
struct Tally {
    tested: usize,
    deviations: Vec<(String, usize)>,
}

impl Tally {
    fn test(
        &mut self,
        (set, id): (&str, usize),
        keys: &[Result<Key, KeyError>; 2],
        scheme: Scheme,
        message: &[u8],
        signature: &[u8],
        valid: bool,
    ) {
        let verdicts = keys.each_ref().map(|key| key.as_ref().is_ok_and(|key| key.verify(scheme, message, signature)));
        assert_eq!(verdicts[0], verdicts[1], "the backends differ: {set} {id}");
        self.tested += 1;
        if verdicts[0] != valid {
            self.deviations.push((set.to_owned(), id));
        }
    }

    #[track_caller]
    fn assert(self, tested: usize) {
        let known = |set: &str, id| DEVIATIONS.iter().any(|row| (row.0, row.1) == (set, id));
        let unknown = self.deviations.iter().filter(|(set, id)| !known(set, *id)).collect::<Vec<_>>();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert_eq!(self.tested, tested);
    }
}

fn both(admit: impl Fn(Backend) -> Result<Key, KeyError>) -> [Result<Key, KeyError>; 2] {
    [Backend::Own, Backend::Library].map(admit)
}

fn sha2(hash: HashFunction) -> Option<Hash> {
    match hash {
        HashFunction::Sha2_256 => Some(Hash::Sha256),
        HashFunction::Sha2_384 => Some(Hash::Sha384),
        HashFunction::Sha2_512 => Some(Hash::Sha512),
        _ => None,
    }
}

#[test]
fn rsa_pkcs1() {
    let mut tally = Tally::default();
    for name in rsa_pkcs1_verify::TestName::all() {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let Some(hash) = sha2(group.hash) else { continue };
            let keys = both(|backend| Key::rsa(&group.key.n, &group.key.e, backend));
            assert_eq!(keys[0].as_ref().unwrap().spki().as_deref(), Some(group.der.as_slice()));
            for test in group.tests {
                // "Acceptable" is the DigestInfo without NULL, which RFC 8017 section 8.2.2 lets a verifier refuse.
                let valid = test.result == TestResult::Valid;
                tally.test(
                    (&format!("{name:?}"), test.tc_id),
                    &keys,
                    Scheme::RsaPkcs1(hash),
                    &test.msg,
                    &test.sig,
                    valid,
                );
            }
        }
    }
    tally.assert(3106);
}

#[test]
fn rsa_pss() {
    let mut tally = Tally::default();
    for name in rsa_pss_verify::TestName::all() {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let Some(hash) = sha2(group.hash) else { continue };
            let length = match hash {
                Hash::Sha256 => 32,
                Hash::Sha384 => 48,
                Hash::Sha512 => 64,
            };
            // JOSE fixes the salt length and the MGF1 hash (RFC 7518 section 3.5): all others are refused.
            let jose = group.salt_size == length && group.mgf_hash == Some(group.hash);
            let keys = both(|backend| Key::rsa(&group.key.n, &group.key.e, backend));
            for test in group.tests {
                let valid = jose && test.result == TestResult::Valid;
                tally.test(
                    (&format!("{name:?}"), test.tc_id),
                    &keys,
                    Scheme::RsaPss(hash),
                    &test.msg,
                    &test.sig,
                    valid,
                );
            }
        }
    }
    tally.assert(2206);
}

#[test]
fn ecdsa() {
    use ecdsa::TestName::{EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363, EcdsaSecp521r1Sha512P1363};
    let mut tally = Tally::default();
    for name in [EcdsaSecp256r1Sha256P1363, EcdsaSecp384r1Sha384P1363, EcdsaSecp521r1Sha512P1363] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let (x, y) = group.key.key[1..].split_at(group.key.key.len() / 2);
            let (scheme, keys) = match group.key.curve {
                EllipticCurve::Secp256r1 => (Scheme::EcdsaP256, both(|backend| Key::p256(x, y, backend))),
                EllipticCurve::Secp384r1 => (Scheme::EcdsaP384, both(|backend| Key::p384(x, y, backend))),
                EllipticCurve::Secp521r1 => (Scheme::EcdsaP521, both(|backend| Key::p521(x, y, backend))),
                curve => panic!("{curve:?}"),
            };
            assert_eq!(keys[0].as_ref().unwrap().spki().as_deref(), Some(group.der.as_slice()));
            for test in group.tests {
                let valid = test.result == TestResult::Valid;
                tally.test((&format!("{name:?}"), test.tc_id), &keys, scheme, &test.msg, &test.sig, valid);
            }
        }
    }
    tally.assert(860);
}

#[test]
fn ed25519() {
    let mut tally = Tally::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let keys = both(|backend| Key::ed25519(&group.key.pk, backend));
        for test in group.tests {
            let valid = test.result == TestResult::Valid;
            tally.test(("Ed25519", test.tc_id), &keys, Scheme::Ed25519, &test.msg, &test.sig, valid);
        }
    }
    tally.assert(151);
}

#[test]
fn hmac() {
    use mac::TestName::{HmacSha256, HmacSha384, HmacSha512};
    let mut tally = Tally::default();
    for (name, hash, bits) in
        [(HmacSha256, Hash::Sha256, 256), (HmacSha384, Hash::Sha384, 384), (HmacSha512, Hash::Sha512, 512)]
    {
        for group in mac::TestSet::load(name).unwrap().test_groups {
            // RFC 7518 section 3.2: neither truncated tags nor keys shorter than the hash.
            let jose = group.tag_size == bits && group.key_size >= bits;
            for test in group.tests {
                let keys = both(|_| Key::hmac(&test.key));
                let valid = jose && test.result == TestResult::Valid;
                tally.test((&format!("{name:?}"), test.tc_id), &keys, Scheme::Hmac(hash), &test.msg, &test.tag, valid);
            }
        }
    }
    tally.assert(522);
}

#[test]
fn every_deviation_has_a_reason() {
    assert_eq!(DEVIATIONS.len(), 2);
    assert!(DEVIATIONS.iter().all(|(_, _, reason)| !reason.is_empty()));
}
