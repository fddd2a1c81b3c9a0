use super::*;
use crate::testing::{cases, octets, random};
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use num_bigint::BigInt;
use rand::{Rng, RngExt, rngs::ChaCha8Rng};

fn number(limbs: &Element) -> BigInt {
    limbs.iter().rev().fold(BigInt::ZERO, |number, limb| (number << 29) + *limb)
}

/// Limbs up to `2^(29 + extra)` and a little either way, random or all at the bound.
fn limbs_within(random: &mut ChaCha8Rng, extra: u32) -> Element {
    let bound = (1_i32 << (29 + extra)) + (1 << 16);
    let kind = random.random_range(0..5);
    std::array::from_fn(|_| match kind {
        0 => random.random_range(-bound..=bound),
        1 => bound,
        2 => -bound,
        _ => [bound, -bound, 0, 1][random.random_range(0..4)],
    })
}

/// Operands as wide as the formulas ever pass them; the overflow checks of the dev profile watch every column.
#[test]
fn products_agree_with_num_bigint() {
    let mut random = random();
    let p = number(&Parameters::PRIME);
    for _ in 0..cases(20_000) {
        let (a, b) = (limbs_within(&mut random, 1), limbs_within(&mut random, 0));
        let products = [(mul(&a, &b), number(&a) * number(&b)), (Parameters::sqr(&b), number(&b) * number(&b))];
        for (product, expected) in products {
            assert_eq!((number(&product) - expected) % &p, BigInt::ZERO, "{a:?} {b:?}");
            let bounds: Element = std::array::from_fn(|index| if index == 8 { 1 << 23 } else { (1 << 29) + (1 << 16) });
            assert!(product.iter().zip(bounds).all(|(limb, bound)| (-(1 << 16)..bound).contains(limb)), "{product:?}");
        }
        let canonical = canonical::<Parameters, 9>(&b);
        assert!((0.into()..p.clone()).contains(&number(&canonical)));
        assert_eq!((number(&canonical) - number(&b)) % &p, BigInt::ZERO);
    }
}

fn scalar(random: &mut ChaCha8Rng) -> Scalar {
    let small = Scalar::from(random.next_u64() >> random.random_range(0..64));
    match random.random_range(0..5) {
        0 => small,
        1 => -small,
        2 => small * Scalar::from(2_u32).invert(),
        _ => Scalar::from_bytes_mod_order(octets(random, 32).try_into().unwrap()),
    }
}

/// Private parts that are small meet the table of the generator, which is no exception here; torsion is none either.
#[test]
fn sums_agree_with_the_library() {
    let mut random = random();
    let window = Window { bits: 6, spacing: 2 };
    let wide = Window { bits: 8, spacing: 1 };
    let generator = table(&Parameters::GENERATOR_X, &Parameters::GENERATOR_Y, wide);
    let mut case = 0;
    while case < cases(4000) {
        let d = match random.random_range(0..8) {
            0 => Scalar::ONE,
            1 => -Scalar::ONE,
            2 => Scalar::from(256_u32),
            3 => Scalar::from(3_u32),
            _ => scalar(&mut random),
        };
        let point = ED25519_BASEPOINT_POINT * d + EIGHT_TORSION[random.random_range(0..8)];
        let [x, y] = decoded(&point.compress().to_bytes());
        let table = table(&x, &y, window);
        for _ in 0..50 {
            let u2 = scalar(&mut random);
            let u1 = if random.random_range(0..4) == 0 { u2 * d } else { scalar(&mut random) };
            let expected = ED25519_BASEPOINT_POINT * u1 - point * u2;
            let digits = |scalar: Scalar, window: Window, negative| {
                let mut octets = scalar.to_bytes();
                octets.reverse();
                window.digits(&octets, negative)
            };
            let sum = sum(&[
                Term { digits: digits(u1, wide, false), table: &generator, window: wide },
                Term { digits: digits(u2, window, true), table: &table, window },
            ]);
            assert_eq!(
                sum.is_encoded_by(&expected.compress().to_bytes()),
                !expected.is_small_order(),
                "{u1:?} {u2:?} {d:?}"
            );
            let other: EdwardsPoint = expected + EIGHT_TORSION[random.random_range(1..8)];
            assert!(!sum.is_encoded_by(&other.compress().to_bytes()));
            case += 1;
        }
    }
}

#[test]
fn points_of_small_order_are_recognised() {
    for point in EIGHT_TORSION {
        let encoded = point.compress().to_bytes();
        let (y, _) = y_and_sign(&encoded);
        assert!(Parameters::SMALL_ORDER.contains(&y));
    }
}
