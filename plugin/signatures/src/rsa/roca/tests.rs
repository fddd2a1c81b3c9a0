use super::*;
use num_bigint::BigUint;
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};

/// Divisible by every prime of the fingerprint, like the M of the faulty generator.
fn product() -> BigUint {
    PRIMES.iter().map(|prime| BigUint::from(*prime)).product()
}

#[test]
fn a_modulus_of_the_faulty_generator_carries_the_fingerprint() {
    let m = product();
    let prime =
        |k: u32, a: u32| -> BigUint { (BigUint::from(k) << 900) * &m + BigUint::from(65537u32).modpow(&a.into(), &m) };
    assert!((1..50).all(|a| fingerprint(&(prime(77, a) * prime(1234, 3 * a + 1)).to_bytes_be())));
}

#[test]
fn random_moduli_do_not_carry_the_fingerprint() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut modulus = [0; 256];
    for _ in 0..2000 {
        random.fill_bytes(&mut modulus);
        assert!(!fingerprint(&modulus));
    }
}
