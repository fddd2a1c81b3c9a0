use super::*;
use crate::testing::{cases, octets, random};
use num_bigint::BigInt;
use num_bigint::Sign::Plus;

#[test]
fn digits_are_within_bounds_and_sum_to_the_scalar() {
    let mut random = random();
    for case in 0..cases(4000) {
        let mut scalar = octets(&mut random, [32, 48, 66][case % 3]);
        scalar[0] &= 0x7f;
        for bits in 4..=8 {
            for negative in [false, true] {
                let digits = Window { bits, spacing: 1 }.digits(&scalar, negative);
                let sum = digits.iter().rev().fold(BigInt::ZERO, |sum, digit| (sum << bits) + *digit);
                let expected = BigInt::from_bytes_be(Plus, &scalar);
                assert_eq!(sum, if negative { -expected } else { expected });
                assert!(digits.iter().all(|digit| digit.unsigned_abs() <= 1 << (bits - 1)));
            }
        }
    }
}
