//! Prime fields in `N` signed limbs: what does not need straight-line code.
//!
//! An element is "carried" when every limb but the last is in `[0, 2^WIDTH)` and the last is small and signed. Products
//! are carried. A difference of two carried elements has limbs within `2^WIDTH` and needs no fixing, a sum or a small
//! multiple has more: the formulas say where that matters.

#![allow(clippy::indexing_slicing, reason = "every index runs below the number of limbs")]

use crate::{inverse::Modulus, limbs};

pub(crate) trait Field<const N: usize> {
    /// Bits of a limb.
    const WIDTH: u32;
    /// Bits of the prime in the last limb.
    const TOP: u32;
    const PRIME: [i32; N];
    /// The prime in limbs of 30 bits.
    const PRIME_30: Modulus<N>;

    /// `a * b`, divided by R in Montgomery form. Carried.
    fn mul(a: &[i32; N], b: &[i32; N]) -> [i32; N];

    /// `a * a`, likewise.
    fn sqr(a: &[i32; N]) -> [i32; N];
}

pub(crate) fn add<const N: usize>(a: &[i32; N], b: &[i32; N]) -> [i32; N] {
    std::array::from_fn(|i| a[i] + b[i])
}

pub(crate) fn sub<const N: usize>(a: &[i32; N], b: &[i32; N]) -> [i32; N] {
    std::array::from_fn(|i| a[i] - b[i])
}

pub(crate) fn neg<const N: usize>(a: &[i32; N]) -> [i32; N] {
    a.map(|limb| -limb)
}

/// `factor * a`, carried, and at most a little outside `[0, 2^bits)`: the top bits go by multiples of the prime.
#[inline(never)]
pub(crate) fn scaled<F: Field<N>, const N: usize>(factor: i64, a: &[i32; N]) -> [i32; N] {
    let quotient = (factor * i64::from(a[N - 1])) >> F::TOP;
    let limbs = std::array::from_fn(|i| factor * i64::from(a[i]) - quotient * i64::from(F::PRIME[i]));
    limbs::carry(limbs, F::WIDTH)
}

/// The representative in `[0, p)`.
pub(crate) fn canonical<F: Field<N>, const N: usize>(a: &[i32; N]) -> [i32; N] {
    let mut a = scaled::<F, N>(1, &scaled::<F, N>(1, a));
    let shifted = |a: [i32; N], sign: i64| {
        limbs::carry(std::array::from_fn(|i| i64::from(a[i]) + sign * i64::from(F::PRIME[i])), F::WIDTH)
    };
    if a[N - 1] < 0 {
        a = shifted(a, 1);
    }
    let less = shifted(a, -1);
    if less[N - 1] < 0 { a } else { less }
}

pub(crate) fn is_zero<F: Field<N>, const N: usize>(a: &[i32; N]) -> bool {
    canonical::<F, N>(a) == [0; N]
}

/// `1 / a` of the integer that the limbs are; 0 for 0.
pub(crate) fn inverse<F: Field<N>, const N: usize>(a: &[i32; N]) -> [i32; N] {
    let value = limbs::change_width(&canonical::<F, N>(a), F::WIDTH, 30);
    limbs::change_width(&F::PRIME_30.inverse(&value), 30, F::WIDTH)
}
