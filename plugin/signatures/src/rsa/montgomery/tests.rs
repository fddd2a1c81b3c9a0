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

fn both(modulus: &[u8]) -> (Prepared<scalar::Kernel>, Prepared<simd::Kernel>) {
    (Prepared::new(modulus).unwrap(), Prepared::new(modulus).unwrap())
}

/// The vector kernel runs on arrays here, where overflow checks see its sums, and on instructions in a module built
/// with them.
#[test]
fn powers_agree_with_num_bigint() {
    let mut random = random();
    let mut case = 0;
    while case < cases(3000) {
        let length = if random.random() { 256 } else { LENGTHS[random.random_range(0..LENGTHS.len())] };
        let n = modulus(&mut random, length);
        let (scalar, simd) = both(&n);
        let n = BigUint::from_bytes_be(&n);
        let exponent = [3, 5, 17, 65537, 65537, random.random::<u32>() | 3, u32::MAX][random.random_range(0..7)];
        let base = BigUint::from_bytes_be(&octets(&mut random, length)) % &n;
        let one = BigUint::from(1u32);
        for base in [base, BigUint::ZERO, one.clone(), BigUint::from(2u32), &n - &one, &n - &one - &one, &n >> 1] {
            let expected = fixed(&base.modpow(&exponent.into(), &n), length);
            let base = fixed(&base, length);
            assert_eq!(scalar.power(&base, exponent), expected, "scalar: {base:x?} ^ {exponent} mod {n:x}");
            assert_eq!(simd.power(&base, exponent), expected, "simd: {base:x?} ^ {exponent} mod {n:x}");
            case += 1;
        }
    }
}

/// As many rows as a number has digits, all digits at their bounds: the overflow checks of the dev profile watch.
#[test]
fn columns_hold_the_sums_of_extreme_digits() {
    for length in 256..=1024 {
        let Parts { width, n, .. } = parts(&vec![0xff; length]).unwrap();
        let bound = 1 << (width - 1);
        let v = vec![bound; n.len()];
        for sign in [1, -1] {
            let [bound, m] = [i64::from(bound), sign * i64::from(bound)];
            // What a column holds before: its own digit, and the carry of the column below.
            let mut columns = vec![sign << (64 - width + 1); n.len()];
            for _ in 0..n.len() / BLOCK {
                scalar::accumulate(&mut columns, [m; 4], [bound; 3], &v);
            }
        }
    }
}

/// Any digits within their bounds square to what they multiply to, and reduce without overflow, in both kernels alike.
fn squares_are_products<const WIDTH: u32>(random: &mut ChaCha8Rng, parts: &Parts) {
    let (scalar, simd) = (scalar::Kernel::new(parts), simd::Kernel::new(parts));
    let bound = 1 << (WIDTH - 1);
    let a = (0..parts.n.len()).map(|_| [bound, -bound, 0, 1][random.random_range(0..4)]).collect::<Vec<i32>>();
    let padded = [a.as_slice(), &[0; BLOCK]].concat();
    assert_eq!(scalar::square(&padded), scalar::product(&padded, &padded));
    let square = scalar.square::<WIDTH>(&padded);
    assert_eq!(square, scalar.multiply::<WIDTH>(&padded, &padded));
    assert_eq!(simd.square_and_product::<WIDTH>(&a), [&square[..a.len()]; 2]);
}

#[test]
fn squares_of_extreme_digits_are_products() {
    let mut random = random();
    for case in 0..cases(3000) {
        let parts = parts(&modulus(&mut random, LENGTHS[case % LENGTHS.len()])).unwrap();
        match parts.width {
            WIDE => squares_are_products::<WIDE>(&mut random, &parts),
            _ => squares_are_products::<NARROW>(&mut random, &parts),
        }
    }
}

#[test]
fn even_empty_and_overlong_moduli_are_refused() {
    assert!(Modulus::new(&[]).is_none());
    assert!(Modulus::new(&[0xff; 1025]).is_none());
    assert!(Modulus::new(&[0xfe; 256]).is_none());
}
