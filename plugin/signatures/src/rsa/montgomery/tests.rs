use super::*;
use crate::testing::{cases, octets, random};
use num_bigint::BigUint;
use rand::{RngExt, rngs::ChaCha8Rng};

/// Octet lengths: the smallest and largest moduli, both widths and the step between them, and odd ones.
const LENGTHS: [usize; 10] = [256, 257, 288, 384, 385, 444, 446, 512, 768, 1024];

fn modulus(random: &mut ChaCha8Rng, length: usize) -> Vec<u8> {
    let mut modulus = octets(random, length);
    modulus[0] |= [1, 0x80][random.random_range(0..2)];
    modulus[length - 1] |= 1;
    modulus
}

fn fixed(number: &BigUint, length: usize) -> Vec<u8> {
    let octets = number.to_bytes_be();
    [vec![0; length - octets.len()], octets].concat()
}

#[test]
fn powers_agree_with_num_bigint() {
    let mut random = random();
    let mut case = 0;
    while case < cases(3000) {
        let length = if random.random() { 256 } else { LENGTHS[random.random_range(0..LENGTHS.len())] };
        let n = modulus(&mut random, length);
        let prepared = Modulus::new(&n).unwrap();
        let n = BigUint::from_bytes_be(&n);
        let exponent = [3, 5, 17, 65537, 65537, random.random::<u32>() | 3, u32::MAX][random.random_range(0..7)];
        let base = BigUint::from_bytes_be(&octets(&mut random, length)) % &n;
        let one = BigUint::from(1u32);
        for base in [base, BigUint::ZERO, one.clone(), BigUint::from(2u32), &n - &one, &n - &one - &one, &n >> 1] {
            let expected = fixed(&base.modpow(&exponent.into(), &n), length);
            assert_eq!(prepared.power(&fixed(&base, length), exponent), expected, "{base:x} ^ {exponent} mod {n:x}");
            case += 1;
        }
    }
}

/// As many rows as a number has digits, all digits at their bounds: the overflow checks of the dev profile watch.
#[test]
fn columns_hold_the_sums_of_extreme_digits() {
    for length in 256..=1024 {
        let modulus = Modulus::new(&vec![0xff; length]).unwrap();
        let bound = 1 << (modulus.width - 1);
        let v = vec![bound; modulus.digits];
        for sign in [1, -1] {
            let [bound, m] = [i64::from(bound), sign * i64::from(bound)];
            // What a column holds before: its own digit, and the carry of the column below.
            let mut columns = vec![sign << (64 - modulus.width + 1); modulus.digits];
            for _ in 0..modulus.digits / BLOCK {
                accumulate(&mut columns, [m; 4], [bound; 3], &v);
            }
        }
    }
}

/// Any digits within their bounds square to what they multiply to, and reduce without overflow.
#[test]
fn squares_of_extreme_digits_are_products() {
    let mut random = random();
    for case in 0..cases(3000) {
        let modulus = Modulus::new(&modulus(&mut random, LENGTHS[case % LENGTHS.len()])).unwrap();
        let bound = 1 << (modulus.width - 1);
        let mut a = (0..modulus.digits).map(|_| [bound, -bound, 0, 1][random.random_range(0..4)]).collect::<Vec<i32>>();
        a.resize(modulus.digits + BLOCK, 0);
        assert_eq!(square(&a), product(&a, &a));
        assert_eq!(modulus.square(&a), modulus.multiply(&a, &a));
    }
}

#[test]
fn even_empty_and_overlong_moduli_are_refused() {
    assert!(Modulus::new(&[]).is_none());
    assert!(Modulus::new(&[0xff; 1025]).is_none());
    assert!(Modulus::new(&[0xfe; 256]).is_none());
}
