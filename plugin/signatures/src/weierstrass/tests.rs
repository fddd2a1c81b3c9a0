use super::*;
use crate::testing::{cases, random};
use num_bigint::BigInt;
use rand::{RngExt, rngs::ChaCha8Rng};

fn number<C: Field<N>, const N: usize>(limbs: &[i32; N]) -> BigInt {
    limbs.iter().rev().fold(BigInt::ZERO, |number, limb| (number << C::WIDTH) + *limb)
}

/// Limbs up to `2^(WIDTH + extra)` either way, random or all at the bound; the top limb is that of a value up to 8 p.
fn limbs<C: Field<N>, const N: usize>(random: &mut ChaCha8Rng, extra: u32) -> [i32; N] {
    let (bound, top) = (1_i32 << (C::WIDTH + extra), 8_i32 << C::TOP);
    let kind = random.random_range(0..5);
    std::array::from_fn(|index| {
        let bound = if index == N - 1 { top } else { bound };
        match kind {
            0 => random.random_range(-bound..=bound),
            1 => bound,
            2 => -bound,
            _ => [bound, -bound, 0, 1][random.random_range(0..4)],
        }
    })
}

fn carried<C: Field<N>, const N: usize>(limbs: &[i32; N]) -> bool {
    limbs[..N - 1].iter().all(|limb| (0..1 << C::WIDTH).contains(limb)) && limbs[N - 1].abs() < 8 << C::TOP
}

/// Operands as wide as the formulas ever pass them; the overflow checks of the dev profile watch every column.
fn products_agree<C: Curve<N>, const N: usize>() {
    let mut random = random();
    let p = number::<C, N>(&C::PRIME);
    let r = BigInt::from(1) << (C::WIDTH * N as u32);
    for _ in 0..cases(20_000) {
        let [a, b, e] = [(); 3].map(|()| limbs::<C, N>(&mut random, 0));
        let wide = limbs::<C, N>(&mut random, 1);
        let [na, nb, ne, nwide] = [a, b, e, wide].map(|limbs| number::<C, N>(&limbs));
        let products = [
            (C::mul(&a, &wide), &na * &nwide),
            (C::mul_sub(&a, &b, &e, &e), &na * &nb - &ne * &ne),
            (C::mul_sub(&a, &b, &e, &b), &na * &nb - &ne * &nb),
            (C::sqr(&a), &na * &na),
            (C::sqr_add(&a, &wide), &na * &na + &nwide * &r),
        ];
        for (index, (product, expected)) in products.into_iter().enumerate() {
            assert!(carried::<C, N>(&product) || index == 4, "{product:?}");
            assert_eq!(
                (number::<C, N>(&product) * &r - expected) % &p,
                BigInt::ZERO,
                "{index}: {a:?} {b:?} {e:?} {wide:?}"
            );
        }
        let canonical = canonical::<C, N>(&wide);
        let value = number::<C, N>(&canonical);
        assert!(value >= BigInt::ZERO && value < p && (value - &nwide) % &p == BigInt::ZERO, "{wide:?}");
    }
}

/// A carried element between two multiples of the prime.
fn within<C: Field<N>, const N: usize>(random: &mut ChaCha8Rng, from: i64, to: i64) -> [i32; N] {
    let multiple = match random.random_range(0..3) {
        0 => from,
        1 => to - 1,
        _ => random.random_range(from..to),
    };
    let part = canonical::<C, N>(&limbs::<C, N>(random, 0));
    let moved = std::array::from_fn(|index| i64::from(part[index]) + multiple * i64::from(C::PRIME[index]));
    limbs::carry(moved, C::WIDTH)
}

/// The bounds that the module promises are closed under both formulas, whatever the coordinates.
fn coordinates_stay_small<C: Curve<N>, const N: usize>() {
    let mut random = random();
    let p = number::<C, N>(&C::PRIME);
    for _ in 0..cases(20_000) {
        let [y, z] = [(); 2].map(|()| within::<C, N>(&mut random, -1, 2));
        let point = Jacobian { x: within::<C, N>(&mut random, -4, 2), y, z };
        let [x, y] = [(); 2].map(|()| within::<C, N>(&mut random, 0, 1));
        let y = if random.random() { y } else { neg(&y) };
        for Jacobian { x, y, z } in [point.add::<C>(&x, &y), point.double::<C>()] {
            for (limbs, least, most) in [(x, -4, 2), (y, -1, 2), (z, -1, 2)] {
                let value = number::<C, N>(&limbs);
                assert!(carried::<C, N>(&limbs) && &p * least < value && value < &p * most, "{limbs:?}");
            }
        }
    }
}

#[test]
fn products_agree_with_num_bigint() {
    products_agree::<crate::p256::Parameters, _>();
    products_agree::<crate::p384::Parameters, _>();
    products_agree::<crate::p521::Parameters, _>();
}

#[test]
fn coordinates_stay_within_their_bounds() {
    coordinates_stay_small::<crate::p256::Parameters, _>();
    coordinates_stay_small::<crate::p384::Parameters, _>();
    coordinates_stay_small::<crate::p521::Parameters, _>();
}
