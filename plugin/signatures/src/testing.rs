//! What the tests of every algorithm share: the number of cases, the randomness, and small mutations.

use crate::{Key, Scheme};
use rand::{Rng, RngExt, SeedableRng, rngs::ChaCha8Rng};

/// How many random cases a test runs: `CLAIMGATE_CASES`, or the number given.
pub(crate) fn cases(ordinary: usize) -> usize {
    std::env::var("CLAIMGATE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(ordinary)
}

/// Randomness from `CLAIMGATE_SEED`, or from a seed that is printed with a failure.
pub(crate) fn random() -> ChaCha8Rng {
    let seed = std::env::var("CLAIMGATE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    println!("CLAIMGATE_SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}

/// Octets that are random, or runs of zeros and ones that put digits at their extremes.
pub(crate) fn octets(random: &mut ChaCha8Rng, length: usize) -> Vec<u8> {
    let mut octets = vec![0; length];
    random.fill_bytes(&mut octets);
    match random.random_range(0..4) {
        0 => {}
        1 => octets.fill([0x00, 0xff, 0x80, 0x7f][random.random_range(0..4)]),
        _ => {
            for _ in 0..random.random_range(1..8) {
                let (start, end) = (random.random_range(0..length), random.random_range(0..=length));
                let fill = [0x00, 0xff][random.random_range(0..2)];
                octets.iter_mut().take(end).skip(start).for_each(|octet| *octet = fill);
            }
        }
    }
    octets
}

/// Every flipped bit, every truncation and every octet too many is refused by every key; the signature itself is not.
pub(crate) fn only_the_signature_verifies(keys: &[Key], scheme: Scheme, message: &[u8], signature: &[u8]) {
    let verdict = |signature: &[u8]| {
        let verdicts = keys.iter().map(|key| key.verify(scheme, message, signature)).collect::<Vec<_>>();
        assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{verdicts:?} {signature:02x?}");
        verdicts[0]
    };
    assert!(verdict(signature));
    for bit in 0..signature.len() * 8 {
        let mut flipped = signature.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!verdict(&flipped), "bit {bit}");
    }
    for length in 0..signature.len() {
        assert!(!verdict(&signature[..length]) && !verdict(&signature[signature.len() - length..]), "{length} octets");
    }
    for octet in [0, 1, 0xff] {
        assert!(!verdict(&[signature, &[octet]].concat()) && !verdict(&[&[octet], signature].concat()));
    }
    assert!(keys.iter().all(|key| !key.verify(scheme, &[message, &[0]].concat(), signature)));
}
