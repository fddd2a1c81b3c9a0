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
        let wider = add(&wide, &b);
        let [na, nb, ne, nwide, nwider] = [a, b, e, wide, wider].map(|limbs| number::<C, N>(&limbs));
        let products = [
            (C::mul(&a, &wide), &na * &nwide),
            (C::mul(&wider, &a), &na * &nwider),
            (C::mul_sub(&a, &b, &e, &e), &na * &nb - &ne * &ne),
            (C::mul_sub(&a, &b, &e, &b), &na * &nb - &ne * &nb),
            (C::sqr(&a), &na * &na),
            (C::sqr_add(&a, &wide), &na * &na + &nwide * &r),
        ];
        for (index, (product, expected)) in products.into_iter().enumerate() {
            assert!(carried::<C, N>(&product) || index == 5, "{product:?}");
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
        // The first of all is a sum of pairs.
        let [x, y] = if random.random() { [[-4, 2], [-1, 2]] } else { [[-2, 5], [-3, 3]] };
        let [x, y, z] = [x, y, [-1, 2]].map(|[from, to]| within::<C, N>(&mut random, from, to));
        let point = Jacobian { x, y, z };
        let x = within::<C, N>(&mut random, -2, 5);
        let y = [[-1, 2], [-1, 1]].map(|[from, to]| within::<C, N>(&mut random, from, to));
        let y = sub(&y[0], &y[1]);
        let y = if random.random() { y } else { neg(&y) };
        for Jacobian { x, y, z } in [point.add::<C>(&x, &y), point.double::<C>()] {
            for (limbs, least, most) in [(x, -4, 2), (y, -1, 2), (z, -1, 2)] {
                let value = number::<C, N>(&limbs);
                assert!(carried::<C, N>(&limbs) && &p * least < value && value < &p * most, "{limbs:?}");
            }
        }
    }
}

/// Two levels of sums, beside the same points added one by one.
fn pairs_add_up<C: Curve<N>, const N: usize>() {
    let mut random = random();
    let window = Window { bits: 4, spacing: 1 };
    let table = table::<C, N>(&C::GENERATOR_X, &C::GENERATOR_Y, window, C::WIDTH * N as u32);
    let entries: &[Affine<N>] = table.as_chunks::<N>().0.as_chunks::<2>().0;
    for _ in 0..cases(300) {
        // Of each position one, so that no sum is a point and itself.
        let chosen = entries.chunks(window.multiples()).map(|multiples| {
            let [x, y] = multiples[random.random_range(0..multiples.len())];
            if random.random() { [x, y] } else { [x, neg(&y)] }
        });
        let chosen = chosen.collect::<Vec<Affine<N>>>();
        let (left, right) = chosen.split_at(random.random_range(0..chosen.len()));
        let mut groups = [left.to_vec(), right.to_vec()];
        for level in 1..=PAIRED {
            assert_eq!(pairs::halve::<C, N>(&mut groups), Some(()));
            let length = |points: &[Affine<N>]| points.len().div_ceil(1 << level);
            assert_eq!(groups.each_ref().map(Vec::len), [length(left), length(right)]);
        }
        for (points, halved) in [left, right].into_iter().zip(&groups) {
            assert_eq!(one_by_one::<C, N>(points), one_by_one::<C, N>(halved));
        }
    }
}

/// The affine coordinates of the sum.
fn one_by_one<C: Curve<N>, const N: usize>(points: &[Affine<N>]) -> Option<Affine<N>> {
    let ([x, y], others) = points.split_first()?;
    let sum = others.iter().fold(Jacobian::new::<C>(x, y), |sum, [x, y]| sum.add::<C>(x, y));
    affine::<C, N>(&[sum]).pop()
}

fn doubles_are_left_to_the_library<C: Curve<N>, const N: usize>() {
    let point = [C::GENERATOR_X, C::GENERATOR_Y];
    let negative = [point[0], neg(&point[1])];
    let other = affine::<C, N>(&[Jacobian::new::<C>(&point[0], &point[1]).double::<C>()])[0];
    for (second, sound) in [(point, false), (negative, false), (other, true)] {
        assert_eq!(pairs::halve::<C, N>(&mut [vec![other, point], vec![point, second]]).is_some(), sound);
    }
}

/// The promises, each with the check that every curve has to pass.
macro_rules! on_every_curve {
    ($($promise:ident: $check:ident;)*) => {
        $(
            #[test]
            fn $promise() {
                $check::<crate::p256::Parameters, _>();
                $check::<crate::p384::Parameters, _>();
                $check::<crate::p521::Parameters, _>();
            }
        )*
    };
}

on_every_curve! {
    points_summed_in_pairs_are_the_same_sum: pairs_add_up;
    a_pair_of_a_point_and_itself_or_its_negative_is_undecided: doubles_are_left_to_the_library;
    products_agree_with_num_bigint: products_agree;
    coordinates_stay_within_their_bounds: coordinates_stay_small;
}
